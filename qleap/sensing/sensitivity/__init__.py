"""How small a field can be seen: noise, Fisher information, Allan deviation."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.sensing.sensitivity.allan import (
        AllanDeviation,
        allan_deviation,
    )
    from qleap.sensing.sensitivity.budget import (
        NoiseBudget,
        NoiseSpectrum,
        TechnicalNoise,
        noise_budget,
    )
    from qleap.sensing.sensitivity.chain import (
        sensitivity_of,
        sequence_sensitivity,
        smooth_slope,
        state_slope,
    )
    from qleap.sensing.sensitivity.device import (
        Device,
        nv_count,
    )
    from qleap.sensing.sensitivity.dual import (
        Dual,
        differentiate,
    )
    from qleap.sensing.sensitivity.fisher import (
        FisherInformation,
        cramer_rao,
        fisher_information,
    )
    from qleap.sensing.sensitivity.optimisation import (
        Optimum,
        best_ramsey,
        optimise,
        tradeoff,
    )
    from qleap.sensing.sensitivity.plots import (
        plot_allan,
        plot_noise_budget,
        plot_tradeoff,
    )
    from qleap.sensing.sensitivity.powers import (
        PowerBroadening,
    )
    from qleap.sensing.sensitivity.protocols import (
        Casr,
        ContinuousWave,
        Decoupling,
        PulsedOdmr,
        Ramsey,
    )
    from qleap.sensing.sensitivity.quantum import (
        measurement_information,
        quantum_fisher_information,
        symmetric_logarithmic_derivative,
    )

__all__ = [
    "AllanDeviation",
    "Casr",
    "ContinuousWave",
    "Decoupling",
    "Device",
    "Dual",
    "FisherInformation",
    "NoiseBudget",
    "NoiseSpectrum",
    "Optimum",
    "PowerBroadening",
    "PulsedOdmr",
    "Ramsey",
    "TechnicalNoise",
    "allan_deviation",
    "best_ramsey",
    "cramer_rao",
    "differentiate",
    "fisher_information",
    "measurement_information",
    "noise_budget",
    "nv_count",
    "optimise",
    "plot_allan",
    "plot_noise_budget",
    "plot_tradeoff",
    "quantum_fisher_information",
    "sensitivity_of",
    "sequence_sensitivity",
    "smooth_slope",
    "state_slope",
    "symmetric_logarithmic_derivative",
    "tradeoff",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "AllanDeviation": "allan",
        "Casr": "protocols",
        "ContinuousWave": "protocols",
        "Decoupling": "protocols",
        "Device": "device",
        "Dual": "dual",
        "FisherInformation": "fisher",
        "NoiseBudget": "budget",
        "NoiseSpectrum": "budget",
        "Optimum": "optimisation",
        "PowerBroadening": "powers",
        "PulsedOdmr": "protocols",
        "Ramsey": "protocols",
        "TechnicalNoise": "budget",
        "allan_deviation": "allan",
        "best_ramsey": "optimisation",
        "cramer_rao": "fisher",
        "differentiate": "dual",
        "fisher_information": "fisher",
        "measurement_information": "quantum",
        "noise_budget": "budget",
        "nv_count": "device",
        "optimise": "optimisation",
        "plot_allan": "plots",
        "plot_noise_budget": "plots",
        "plot_tradeoff": "plots",
        "quantum_fisher_information": "quantum",
        "sensitivity_of": "chain",
        "sequence_sensitivity": "chain",
        "smooth_slope": "chain",
        "state_slope": "chain",
        "symmetric_logarithmic_derivative": "quantum",
        "tradeoff": "optimisation",
    },
)
