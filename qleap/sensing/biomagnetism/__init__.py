"""Fields of hearts and brains: conductors, sensor arrays, phantoms, localisation."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.sensing.biomagnetism.conductors import (
        ConductingHalfSpace,
        ConductingSphere,
        MagneticDipoles,
        UnboundedConductor,
        VolumeConductor,
    )
    from qleap.sensing.biomagnetism.distributed import minimum_norm
    from qleap.sensing.biomagnetism.localisation import (
        ConfidenceEllipsoid,
        DipoleBound,
        DipoleLocation,
        dipole_bound,
        locate_dipole,
        scan_dipoles,
    )
    from qleap.sensing.biomagnetism.phantoms import (
        AveragedField,
        Phantom,
        brain_phantom,
        evoked_response,
        heartbeat,
        rat_heart_phantom,
    )
    from qleap.sensing.biomagnetism.sensors import SensorArray, helmet, square_grid

__all__ = [
    "AveragedField",
    "ConductingHalfSpace",
    "ConductingSphere",
    "ConfidenceEllipsoid",
    "DipoleBound",
    "DipoleLocation",
    "MagneticDipoles",
    "Phantom",
    "SensorArray",
    "UnboundedConductor",
    "VolumeConductor",
    "brain_phantom",
    "dipole_bound",
    "evoked_response",
    "heartbeat",
    "helmet",
    "locate_dipole",
    "minimum_norm",
    "rat_heart_phantom",
    "scan_dipoles",
    "square_grid",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "AveragedField": "phantoms",
        "ConductingHalfSpace": "conductors",
        "ConductingSphere": "conductors",
        "ConfidenceEllipsoid": "localisation",
        "DipoleBound": "localisation",
        "DipoleLocation": "localisation",
        "MagneticDipoles": "conductors",
        "Phantom": "phantoms",
        "SensorArray": "sensors",
        "UnboundedConductor": "conductors",
        "VolumeConductor": "conductors",
        "brain_phantom": "phantoms",
        "dipole_bound": "localisation",
        "evoked_response": "phantoms",
        "heartbeat": "phantoms",
        "helmet": "sensors",
        "locate_dipole": "localisation",
        "minimum_norm": "distributed",
        "rat_heart_phantom": "phantoms",
        "scan_dipoles": "localisation",
        "square_grid": "sensors",
    },
)
