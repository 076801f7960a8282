"""Models of measured traces, made to be fitted."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.sensing.models.base import Renamed, Sum, TraceModel
    from qleap.sensing.models.decays import (
        DecouplingScaling,
        DoubleQuantumRelaxation,
        HahnEcho,
        Relaxation,
        SingleQuantumRelaxation,
    )
    from qleap.sensing.models.functions import FunctionModel, Polynomial
    from qleap.sensing.models.hamiltonian import HamiltonianSpectrum
    from qleap.sensing.models.light import Antibunching, PhotonCounts, Saturation
    from qleap.sensing.models.multiplets import OdmrLines
    from qleap.sensing.models.oscillations import Rabi, Ramsey
    from qleap.sensing.models.parameter import Gaussian, Parameter, Uniform
    from qleap.sensing.models.power import PowerBroadenedOdmr
    from qleap.sensing.models.stability import AllanSlopes

__all__ = [
    "AllanSlopes",
    "Antibunching",
    "DecouplingScaling",
    "DoubleQuantumRelaxation",
    "FunctionModel",
    "Gaussian",
    "HahnEcho",
    "HamiltonianSpectrum",
    "OdmrLines",
    "Parameter",
    "PhotonCounts",
    "Polynomial",
    "PowerBroadenedOdmr",
    "Rabi",
    "Ramsey",
    "Relaxation",
    "Renamed",
    "Saturation",
    "SingleQuantumRelaxation",
    "Sum",
    "TraceModel",
    "Uniform",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "AllanSlopes": "stability",
        "Antibunching": "light",
        "DecouplingScaling": "decays",
        "DoubleQuantumRelaxation": "decays",
        "FunctionModel": "functions",
        "Gaussian": "parameter",
        "HahnEcho": "decays",
        "HamiltonianSpectrum": "hamiltonian",
        "OdmrLines": "multiplets",
        "Parameter": "parameter",
        "PhotonCounts": "light",
        "Polynomial": "functions",
        "PowerBroadenedOdmr": "power",
        "Rabi": "oscillations",
        "Ramsey": "oscillations",
        "Relaxation": "decays",
        "Renamed": "base",
        "Saturation": "light",
        "SingleQuantumRelaxation": "decays",
        "Sum": "base",
        "TraceModel": "base",
        "Uniform": "parameter",
    },
)
