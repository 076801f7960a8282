"""High harmonics of single atoms: dipoles, their spectra, paths of electrons."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.laser.harmonics.emission import emitted_light, harmonic_spectrum
    from qleap.laser.harmonics.sfa import sfa_accelerations, sfa_dipole

__all__ = [
    "emitted_light",
    "harmonic_spectrum",
    "sfa_accelerations",
    "sfa_dipole",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "emitted_light": "emission",
        "harmonic_spectrum": "emission",
        "sfa_accelerations": "sfa",
        "sfa_dipole": "sfa",
    },
)
