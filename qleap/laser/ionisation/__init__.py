"""How strong light frees electrons, how many, and what they do to the light."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.laser.ionisation import plasma
    from qleap.laser.ionisation.atoms import ATOMS, Atom, atom
    from qleap.laser.ionisation.cycle import yudin_ivanov
    from qleap.laser.ionisation.multiphoton import ppt
    from qleap.laser.ionisation.response import ionise, plot_ionisation
    from qleap.laser.ionisation.states import (
        barrier_suppression_intensity,
        keldysh_parameter,
    )
    from qleap.laser.ionisation.tables import (
        RateTable,
        rate_table,
        read_rates,
        tabulated_rates,
    )
    from qleap.laser.ionisation.tunnelling import adk, landau_lifshitz

__all__ = [
    "ATOMS",
    "Atom",
    "RateTable",
    "adk",
    "atom",
    "barrier_suppression_intensity",
    "ionise",
    "keldysh_parameter",
    "landau_lifshitz",
    "plasma",
    "plot_ionisation",
    "ppt",
    "rate_table",
    "read_rates",
    "tabulated_rates",
    "yudin_ivanov",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "ATOMS": "atoms",
        "Atom": "atoms",
        "RateTable": "tables",
        "adk": "tunnelling",
        "atom": "atoms",
        "barrier_suppression_intensity": "states",
        "ionise": "response",
        "keldysh_parameter": "states",
        "landau_lifshitz": "tunnelling",
        "plasma": None,
        "plot_ionisation": "response",
        "ppt": "multiphoton",
        "rate_table": "tables",
        "read_rates": "tables",
        "tabulated_rates": "tables",
        "yudin_ivanov": "cycle",
    },
)
