"""Signals beside a static magnetic field: temperature, electric field, nuclei."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.sensing.nv.signals.channels import (
        spin_one_channels,
    )
    from qleap.sensing.nv.signals.dip import (
        DepthFit,
        decoupled_coherence,
        fit_depth,
    )
    from qleap.sensing.nv.signals.electrometry import (
        ElectricFieldFit,
        electric_lines,
        electric_lines_second_order,
        electric_slopes,
        fit_electric_field,
    )
    from qleap.sensing.nv.signals.nmr import (
        MAGIC_ANGLE,
        NuclearLayer,
        cylinder_signal,
        depth_from_field_rms,
        diffusion_correlation,
        diffusion_modes,
        thermal_polarisation,
    )
    from qleap.sensing.nv.signals.plots import (
        plot_electric_rotation,
        plot_nuclear_dip,
        plot_powder,
    )
    from qleap.sensing.nv.signals.powder import (
        PowderSpectrum,
        fibonacci_sphere,
        gauss_sphere,
    )
    from qleap.sensing.nv.signals.response import (
        accumulated_phase,
        demodulate,
        seen_frequency,
        synchronised_readout,
    )
    from qleap.sensing.nv.signals.rotation import (
        geometric_phase,
        pseudo_field,
        rotated_lines,
        rotational_diffusion,
        tumbling_axes,
        tumbling_coherence,
    )
    from qleap.sensing.nv.signals.thermometry import (
        FourPointThermometer,
        splitting_from_lines,
        temperature_from_splitting,
    )
    from qleap.sensing.nv.signals.two_tone import (
        bright_echo,
        double_quantum,
        thermal_echo,
    )
    from qleap.sensing.nv.signals.waveforms import (
        ActionPotential,
        Chirp,
        PulseTrain,
        Sampled,
        Superposition,
        Tone,
        Waveform,
    )

__all__ = [
    "MAGIC_ANGLE",
    "ActionPotential",
    "Chirp",
    "DepthFit",
    "ElectricFieldFit",
    "FourPointThermometer",
    "NuclearLayer",
    "PowderSpectrum",
    "PulseTrain",
    "Sampled",
    "Superposition",
    "Tone",
    "Waveform",
    "accumulated_phase",
    "bright_echo",
    "cylinder_signal",
    "decoupled_coherence",
    "demodulate",
    "depth_from_field_rms",
    "diffusion_correlation",
    "diffusion_modes",
    "double_quantum",
    "electric_lines",
    "electric_lines_second_order",
    "electric_slopes",
    "fibonacci_sphere",
    "fit_depth",
    "fit_electric_field",
    "gauss_sphere",
    "geometric_phase",
    "plot_electric_rotation",
    "plot_nuclear_dip",
    "plot_powder",
    "pseudo_field",
    "rotated_lines",
    "rotational_diffusion",
    "seen_frequency",
    "spin_one_channels",
    "splitting_from_lines",
    "synchronised_readout",
    "temperature_from_splitting",
    "thermal_echo",
    "thermal_polarisation",
    "tumbling_axes",
    "tumbling_coherence",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "MAGIC_ANGLE": "nmr",
        "ActionPotential": "waveforms",
        "Chirp": "waveforms",
        "DepthFit": "dip",
        "ElectricFieldFit": "electrometry",
        "FourPointThermometer": "thermometry",
        "NuclearLayer": "nmr",
        "PowderSpectrum": "powder",
        "PulseTrain": "waveforms",
        "Sampled": "waveforms",
        "Superposition": "waveforms",
        "Tone": "waveforms",
        "Waveform": "waveforms",
        "accumulated_phase": "response",
        "bright_echo": "two_tone",
        "cylinder_signal": "nmr",
        "decoupled_coherence": "dip",
        "demodulate": "response",
        "depth_from_field_rms": "nmr",
        "diffusion_correlation": "nmr",
        "diffusion_modes": "nmr",
        "double_quantum": "two_tone",
        "electric_lines": "electrometry",
        "electric_lines_second_order": "electrometry",
        "electric_slopes": "electrometry",
        "fibonacci_sphere": "powder",
        "fit_depth": "dip",
        "fit_electric_field": "electrometry",
        "gauss_sphere": "powder",
        "geometric_phase": "rotation",
        "plot_electric_rotation": "plots",
        "plot_nuclear_dip": "plots",
        "plot_powder": "plots",
        "pseudo_field": "rotation",
        "rotated_lines": "rotation",
        "rotational_diffusion": "rotation",
        "seen_frequency": "response",
        "spin_one_channels": "channels",
        "splitting_from_lines": "thermometry",
        "synchronised_readout": "response",
        "temperature_from_splitting": "thermometry",
        "thermal_echo": "two_tone",
        "thermal_polarisation": "nmr",
        "tumbling_axes": "rotation",
        "tumbling_coherence": "rotation",
    },
)
