"""Light and the NV centre: rates, polarisation, spectra under light, readout."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.sensing.nv.photophysics.control import controlled_spins
    from qleap.sensing.nv.photophysics.counting import (
        charge_readout,
        photon_distribution,
        photon_moments,
    )
    from qleap.sensing.nv.photophysics.cw_fit import CwOdmrFit, fit_cw_odmr
    from qleap.sensing.nv.photophysics.cw_odmr import CwOdmrModel
    from qleap.sensing.nv.photophysics.levels import (
        ERNST_2023,
        LEVELS,
        ROBLEDO_2011,
        TETIENNE_2012,
        ChargeRates,
        OpticalRates,
    )
    from qleap.sensing.nv.photophysics.liouville import (
        ReducedLiouvillian,
        commutator,
        dissipator,
        real_form,
        reduced,
    )
    from qleap.sensing.nv.photophysics.plots import (
        plot_luminescence,
        plot_power_broadening,
        plot_transient,
    )
    from qleap.sensing.nv.photophysics.rates import RateModel
    from qleap.sensing.nv.photophysics.readout import (
        OptimumWindow,
        SpinToCharge,
        distribution_noise,
        optimum_window,
        poisson_mixture,
        readout_noise,
        threshold_fidelity,
    )

__all__ = [
    "ERNST_2023",
    "LEVELS",
    "ROBLEDO_2011",
    "TETIENNE_2012",
    "ChargeRates",
    "CwOdmrFit",
    "CwOdmrModel",
    "OpticalRates",
    "OptimumWindow",
    "RateModel",
    "ReducedLiouvillian",
    "SpinToCharge",
    "charge_readout",
    "commutator",
    "controlled_spins",
    "dissipator",
    "distribution_noise",
    "fit_cw_odmr",
    "optimum_window",
    "photon_distribution",
    "photon_moments",
    "plot_luminescence",
    "plot_power_broadening",
    "plot_transient",
    "poisson_mixture",
    "readout_noise",
    "real_form",
    "reduced",
    "threshold_fidelity",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "ChargeRates": "levels",
        "CwOdmrFit": "cw_fit",
        "CwOdmrModel": "cw_odmr",
        "ERNST_2023": "levels",
        "LEVELS": "levels",
        "OpticalRates": "levels",
        "OptimumWindow": "readout",
        "ROBLEDO_2011": "levels",
        "RateModel": "rates",
        "ReducedLiouvillian": "liouville",
        "SpinToCharge": "readout",
        "TETIENNE_2012": "levels",
        "charge_readout": "counting",
        "commutator": "liouville",
        "controlled_spins": "control",
        "dissipator": "liouville",
        "distribution_noise": "readout",
        "fit_cw_odmr": "cw_fit",
        "optimum_window": "readout",
        "photon_distribution": "counting",
        "photon_moments": "counting",
        "plot_luminescence": "plots",
        "plot_power_broadening": "plots",
        "plot_transient": "plots",
        "poisson_mixture": "readout",
        "readout_noise": "readout",
        "real_form": "liouville",
        "reduced": "liouville",
        "threshold_fidelity": "readout",
    },
)
