"""Quantum sensing: models of NV centres, and fits of what they measure."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.sensing import (
        adaptive,
        bath,
        biomagnetism,
        maps,
        models,
        nv,
        sensitivity,
        sequences,
        spins,
    )
    from qleap.sensing.fitting.corner import plot_posterior
    from qleap.sensing.fitting.estimate import Estimate
    from qleap.sensing.fitting.field import FieldEstimate, estimate_field
    from qleap.sensing.fitting.hamiltonian import (
        EquivalentField,
        HamiltonianFit,
        fit_hamiltonian,
    )
    from qleap.sensing.fitting.lines import LineFit
    from qleap.sensing.fitting.model import LineModel
    from qleap.sensing.fitting.odmr import OdmrFit, fit_odmr
    from qleap.sensing.fitting.posterior import (
        Posterior,
        sample_posterior,
        sample_posterior_of_traces,
    )
    from qleap.sensing.fitting.result import FitResult
    from qleap.sensing.fitting.selection import fit_lines
    from qleap.sensing.fitting.trace import Trace, fit_trace, fit_traces
    from qleap.sensing.fitting.vector import ObservedLines
    from qleap.sensing.nv.centre import NVCentre
    from qleap.sensing.odmr import OdmrSpectrum
    from qleap.sensing.plots import plot_fit, plot_odmr
    from qleap.sensing.readers.cubes import StoredCube, read_cube
    from qleap.sensing.readers.qudi import write_qudi
    from qleap.sensing.readers.spectra import read_spectrum
    from qleap.sensing.readers.traces import read_trace
    from qleap.sensing.spectrum import Spectrum
    from qleap.sensing.spins.plots import plot_levels, plot_transitions

__all__ = [
    "EquivalentField",
    "Estimate",
    "FieldEstimate",
    "FitResult",
    "HamiltonianFit",
    "LineFit",
    "LineModel",
    "NVCentre",
    "ObservedLines",
    "OdmrFit",
    "OdmrSpectrum",
    "Posterior",
    "Spectrum",
    "StoredCube",
    "Trace",
    "adaptive",
    "bath",
    "biomagnetism",
    "estimate_field",
    "fit_hamiltonian",
    "fit_lines",
    "fit_odmr",
    "fit_trace",
    "fit_traces",
    "maps",
    "models",
    "nv",
    "plot_fit",
    "plot_levels",
    "plot_odmr",
    "plot_posterior",
    "plot_transitions",
    "read_cube",
    "read_spectrum",
    "read_trace",
    "sample_posterior",
    "sample_posterior_of_traces",
    "sensitivity",
    "sequences",
    "spins",
    "write_qudi",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "EquivalentField": "fitting.hamiltonian",
        "Estimate": "fitting.estimate",
        "FieldEstimate": "fitting.field",
        "FitResult": "fitting.result",
        "HamiltonianFit": "fitting.hamiltonian",
        "LineFit": "fitting.lines",
        "LineModel": "fitting.model",
        "NVCentre": "nv.centre",
        "ObservedLines": "fitting.vector",
        "OdmrFit": "fitting.odmr",
        "OdmrSpectrum": "odmr",
        "Posterior": "fitting.posterior",
        "Spectrum": "spectrum",
        "StoredCube": "readers.cubes",
        "Trace": "fitting.trace",
        "adaptive": None,
        "bath": None,
        "biomagnetism": None,
        "estimate_field": "fitting.field",
        "fit_hamiltonian": "fitting.hamiltonian",
        "fit_lines": "fitting.selection",
        "fit_odmr": "fitting.odmr",
        "fit_trace": "fitting.trace",
        "fit_traces": "fitting.trace",
        "maps": None,
        "models": None,
        "nv": None,
        "plot_fit": "plots",
        "plot_levels": "spins.plots",
        "plot_odmr": "plots",
        "plot_posterior": "fitting.corner",
        "plot_transitions": "spins.plots",
        "read_cube": "readers.cubes",
        "read_spectrum": "readers.spectra",
        "read_trace": "readers.traces",
        "sample_posterior": "fitting.posterior",
        "sample_posterior_of_traces": "fitting.posterior",
        "sensitivity": None,
        "sequences": None,
        "spins": None,
        "write_qudi": "readers.qudi",
    },
)
