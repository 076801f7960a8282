"""High harmonics of single atoms: dipoles, their spectra, paths of electrons."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.laser.harmonics.depletion import survival_probability
    from qleap.laser.harmonics.elements import (
        DipoleElements,
        gaussian_elements,
        hydrogen_like_elements,
        tabulated_elements,
    )
    from qleap.laser.harmonics.emission import emitted_light, harmonic_spectrum
    from qleap.laser.harmonics.plots import plot_harmonics
    from qleap.laser.harmonics.sfa import sfa_accelerations, sfa_dipole

__all__ = [
    "DipoleElements",
    "emitted_light",
    "gaussian_elements",
    "harmonic_spectrum",
    "hydrogen_like_elements",
    "plot_harmonics",
    "sfa_accelerations",
    "sfa_dipole",
    "survival_probability",
    "tabulated_elements",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "DipoleElements": "elements",
        "emitted_light": "emission",
        "gaussian_elements": "elements",
        "harmonic_spectrum": "emission",
        "hydrogen_like_elements": "elements",
        "plot_harmonics": "plots",
        "sfa_accelerations": "sfa",
        "sfa_dipole": "sfa",
        "survival_probability": "depletion",
        "tabulated_elements": "elements",
    },
)
