"""Harmonics of a whole gas: driver, dipoles, extreme ultraviolet on its way out."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.laser.macroscopic.emitters import (
        Emitter,
        RescatteringEmitter,
        SfaEmitter,
    )
    from qleap.laser.macroscopic.far import behind, far_field
    from qleap.laser.macroscopic.gas_scans import gas_scan
    from qleap.laser.macroscopic.generation import generate_harmonics
    from qleap.laser.macroscopic.harmonic_scans import harmonic_scan
    from qleap.laser.macroscopic.output import (
        attosecond_light,
        emitted_energy,
        emitted_photons,
    )
    from qleap.laser.macroscopic.phase_matching import (
        Mismatch,
        absorption_length,
        constant_growth,
        critical_ionisation,
        phase_matching_pressure,
        phase_mismatch,
    )
    from qleap.laser.macroscopic.phase_matching_maps import phase_matching_map
    from qleap.laser.macroscopic.plots import (
        plot_harmonic_beam,
        plot_harmonic_growth,
        plot_phase_matching,
    )
    from qleap.laser.macroscopic.targets import cell_profile, jet_profile

__all__ = [
    "Emitter",
    "Mismatch",
    "RescatteringEmitter",
    "SfaEmitter",
    "absorption_length",
    "attosecond_light",
    "behind",
    "cell_profile",
    "constant_growth",
    "critical_ionisation",
    "emitted_energy",
    "emitted_photons",
    "far_field",
    "gas_scan",
    "generate_harmonics",
    "harmonic_scan",
    "jet_profile",
    "phase_matching_map",
    "phase_matching_pressure",
    "phase_mismatch",
    "plot_harmonic_beam",
    "plot_harmonic_growth",
    "plot_phase_matching",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "Emitter": "emitters",
        "Mismatch": "phase_matching",
        "RescatteringEmitter": "emitters",
        "SfaEmitter": "emitters",
        "absorption_length": "phase_matching",
        "constant_growth": "phase_matching",
        "critical_ionisation": "phase_matching",
        "phase_matching_map": "phase_matching_maps",
        "phase_matching_pressure": "phase_matching",
        "phase_mismatch": "phase_matching",
        "plot_harmonic_beam": "plots",
        "plot_harmonic_growth": "plots",
        "plot_phase_matching": "plots",
        "cell_profile": "targets",
        "jet_profile": "targets",
        "attosecond_light": "output",
        "behind": "far",
        "emitted_energy": "output",
        "emitted_photons": "output",
        "far_field": "far",
        "gas_scan": "gas_scans",
        "generate_harmonics": "generation",
        "harmonic_scan": "harmonic_scans",
    },
)
