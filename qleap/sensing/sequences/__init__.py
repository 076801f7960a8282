"""Pulse sequences: a small language, and what it does to spins."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.sensing.sequences.alternation import difference, flipped
    from qleap.sensing.sequences.correlation import (
        correlation_spectroscopy,
    )
    from qleap.sensing.sequences.double_resonance import (
        davies_endor,
        deer,
        mims_endor,
        peldor,
    )
    from qleap.sensing.sequences.dynamical_decoupling import (
        PHASE_CYCLES,
        carr_purcell,
        cpmg,
        decoupling,
        kdd,
        udd,
        xy4,
        xy8,
        xy16,
    )
    from qleap.sensing.sequences.elementary import (
        hahn_echo,
        pulsed_odmr,
        rabi,
        ramsey,
        relaxation,
    )
    from qleap.sensing.sequences.elements import Free, Laser, Pulse, Repeat, Sequence
    from qleap.sensing.sequences.ensembles import Spread, detuning_scan, ensemble_signal
    from qleap.sensing.sequences.evolution import (
        TimeEvolution,
        evolve,
        propagator,
        signal,
        time_evolution,
    )
    from qleap.sensing.sequences.filters import coherence, dephasing, filter_function
    from qleap.sensing.sequences.frames import Drive, rotating_frame
    from qleap.sensing.sequences.hyperpolarisation import (
        pulsepol,
        pulsepol_efficiency,
        spin_lock,
    )
    from qleap.sensing.sequences.noise import (
        BandNoise,
        LineNoise,
        LorentzianNoise,
        NoiseSpectrum,
        NoiseSum,
        WhiteNoise,
        power_law_noise,
    )
    from qleap.sensing.sequences.plots import plot_bloch, plot_filter, plot_sequence
    from qleap.sensing.sequences.response import (
        phase_response,
        sign_function,
    )
    from qleap.sensing.sequences.spectroscopy import spectrum_from_cpmg
    from qleap.sensing.sequences.spins import Channel, ControlledSpins
    from qleap.sensing.sequences.toggling import Toggling, toggling_frame
    from qleap.sensing.sequences.trajectory import BlochTrajectory, bloch_trajectory

__all__ = [
    "PHASE_CYCLES",
    "BandNoise",
    "BlochTrajectory",
    "Channel",
    "ControlledSpins",
    "Drive",
    "Free",
    "Laser",
    "LineNoise",
    "LorentzianNoise",
    "NoiseSpectrum",
    "NoiseSum",
    "Pulse",
    "Repeat",
    "Sequence",
    "Spread",
    "TimeEvolution",
    "Toggling",
    "WhiteNoise",
    "bloch_trajectory",
    "carr_purcell",
    "coherence",
    "correlation_spectroscopy",
    "cpmg",
    "davies_endor",
    "decoupling",
    "deer",
    "dephasing",
    "detuning_scan",
    "difference",
    "ensemble_signal",
    "evolve",
    "filter_function",
    "flipped",
    "hahn_echo",
    "kdd",
    "mims_endor",
    "peldor",
    "phase_response",
    "plot_bloch",
    "plot_filter",
    "plot_sequence",
    "power_law_noise",
    "propagator",
    "pulsed_odmr",
    "pulsepol",
    "pulsepol_efficiency",
    "rabi",
    "ramsey",
    "relaxation",
    "rotating_frame",
    "sign_function",
    "signal",
    "spectrum_from_cpmg",
    "spin_lock",
    "time_evolution",
    "toggling_frame",
    "udd",
    "xy4",
    "xy8",
    "xy16",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "BandNoise": "noise",
        "BlochTrajectory": "trajectory",
        "Channel": "spins",
        "ControlledSpins": "spins",
        "Drive": "frames",
        "Free": "elements",
        "Laser": "elements",
        "LineNoise": "noise",
        "LorentzianNoise": "noise",
        "NoiseSpectrum": "noise",
        "NoiseSum": "noise",
        "PHASE_CYCLES": "dynamical_decoupling",
        "Pulse": "elements",
        "Repeat": "elements",
        "Sequence": "elements",
        "Spread": "ensembles",
        "TimeEvolution": "evolution",
        "Toggling": "toggling",
        "WhiteNoise": "noise",
        "bloch_trajectory": "trajectory",
        "carr_purcell": "dynamical_decoupling",
        "coherence": "filters",
        "correlation_spectroscopy": "correlation",
        "cpmg": "dynamical_decoupling",
        "davies_endor": "double_resonance",
        "decoupling": "dynamical_decoupling",
        "deer": "double_resonance",
        "dephasing": "filters",
        "detuning_scan": "ensembles",
        "difference": "alternation",
        "ensemble_signal": "ensembles",
        "evolve": "evolution",
        "filter_function": "filters",
        "flipped": "alternation",
        "hahn_echo": "elementary",
        "kdd": "dynamical_decoupling",
        "mims_endor": "double_resonance",
        "peldor": "double_resonance",
        "phase_response": "response",
        "plot_bloch": "plots",
        "plot_filter": "plots",
        "plot_sequence": "plots",
        "power_law_noise": "noise",
        "propagator": "evolution",
        "pulsed_odmr": "elementary",
        "pulsepol": "hyperpolarisation",
        "pulsepol_efficiency": "hyperpolarisation",
        "rabi": "elementary",
        "ramsey": "elementary",
        "relaxation": "elementary",
        "rotating_frame": "frames",
        "sign_function": "response",
        "signal": "evolution",
        "spectrum_from_cpmg": "spectroscopy",
        "spin_lock": "hyperpolarisation",
        "time_evolution": "evolution",
        "toggling_frame": "toggling",
        "udd": "dynamical_decoupling",
        "xy16": "dynamical_decoupling",
        "xy4": "dynamical_decoupling",
        "xy8": "dynamical_decoupling",
    },
)
