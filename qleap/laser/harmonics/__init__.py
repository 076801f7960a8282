"""High harmonics of single atoms: dipoles, their spectra, paths of electrons."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.laser.harmonics.complex_fields import (
        AnalyticField,
        analytic_field,
        periodic_field,
    )
    from qleap.laser.harmonics.cutoff import (
        cutoff_energy,
        cutoff_factor,
        cutoff_intensity,
        cutoff_wavelength,
    )
    from qleap.laser.harmonics.depletion import survival_probability
    from qleap.laser.harmonics.elements import (
        DipoleElements,
        gaussian_elements,
        hydrogen_like_elements,
        tabulated_elements,
    )
    from qleap.laser.harmonics.emission import emitted_light, harmonic_spectrum
    from qleap.laser.harmonics.path_plots import plot_gabor, plot_quantum_paths
    from qleap.laser.harmonics.paths import path_spectrum, quantum_paths
    from qleap.laser.harmonics.photoionisation_tables import (
        PHOTOIONISATION_SOURCES,
        PhotoionisationTable,
        photoionisation_table,
    )
    from qleap.laser.harmonics.plots import plot_harmonics
    from qleap.laser.harmonics.recollision import cosine_return, recollisions
    from qleap.laser.harmonics.recombination import (
        RecombinationElement,
        photoionisation_asymmetry,
        photoionisation_cross_section,
        recombination_element,
    )
    from qleap.laser.harmonics.rescattering import (
        rescattering_corrected,
        rescattering_factor,
    )
    from qleap.laser.harmonics.sfa import sfa_accelerations, sfa_dipole
    from qleap.laser.harmonics.time_frequency import gabor

__all__ = [
    "PHOTOIONISATION_SOURCES",
    "AnalyticField",
    "DipoleElements",
    "PhotoionisationTable",
    "RecombinationElement",
    "analytic_field",
    "cosine_return",
    "cutoff_energy",
    "cutoff_factor",
    "cutoff_intensity",
    "cutoff_wavelength",
    "emitted_light",
    "gabor",
    "gaussian_elements",
    "harmonic_spectrum",
    "hydrogen_like_elements",
    "path_spectrum",
    "periodic_field",
    "photoionisation_asymmetry",
    "photoionisation_cross_section",
    "photoionisation_table",
    "plot_gabor",
    "plot_harmonics",
    "plot_quantum_paths",
    "quantum_paths",
    "recollisions",
    "recombination_element",
    "rescattering_corrected",
    "rescattering_factor",
    "sfa_accelerations",
    "sfa_dipole",
    "survival_probability",
    "tabulated_elements",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "AnalyticField": "complex_fields",
        "DipoleElements": "elements",
        "PHOTOIONISATION_SOURCES": "photoionisation_tables",
        "PhotoionisationTable": "photoionisation_tables",
        "RecombinationElement": "recombination",
        "analytic_field": "complex_fields",
        "cosine_return": "recollision",
        "cutoff_energy": "cutoff",
        "cutoff_factor": "cutoff",
        "cutoff_intensity": "cutoff",
        "cutoff_wavelength": "cutoff",
        "emitted_light": "emission",
        "gabor": "time_frequency",
        "gaussian_elements": "elements",
        "harmonic_spectrum": "emission",
        "hydrogen_like_elements": "elements",
        "path_spectrum": "paths",
        "periodic_field": "complex_fields",
        "photoionisation_asymmetry": "recombination",
        "photoionisation_cross_section": "recombination",
        "photoionisation_table": "photoionisation_tables",
        "plot_gabor": "path_plots",
        "plot_harmonics": "plots",
        "plot_quantum_paths": "path_plots",
        "quantum_paths": "paths",
        "recollisions": "recollision",
        "recombination_element": "recombination",
        "rescattering_corrected": "rescattering",
        "rescattering_factor": "rescattering",
        "sfa_accelerations": "sfa",
        "sfa_dipole": "sfa",
        "survival_probability": "depletion",
        "tabulated_elements": "elements",
    },
)
