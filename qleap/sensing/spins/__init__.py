"""Spin systems: spins, couplings, fields, energies."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.sensing.spins.crossings import Anticrossing, find_anticrossings
    from qleap.sensing.spins.defects import (
        boron_vacancy,
        divacancy,
        p1_centre,
        silicon_vacancy,
    )
    from qleap.sensing.spins.isotopes import ISOTOPES, Isotope
    from qleap.sensing.spins.operators import spin_operators
    from qleap.sensing.spins.spin import Coupling, Spin, dipolar_tensor
    from qleap.sensing.spins.system import SpinSystem
    from qleap.sensing.spins.transitions import SpinTransitions

__all__ = [
    "ISOTOPES",
    "Anticrossing",
    "Coupling",
    "Isotope",
    "Spin",
    "SpinSystem",
    "SpinTransitions",
    "boron_vacancy",
    "dipolar_tensor",
    "divacancy",
    "find_anticrossings",
    "p1_centre",
    "silicon_vacancy",
    "spin_operators",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "Anticrossing": "crossings",
        "Coupling": "spin",
        "ISOTOPES": "isotopes",
        "Isotope": "isotopes",
        "Spin": "spin",
        "SpinSystem": "system",
        "SpinTransitions": "transitions",
        "boron_vacancy": "defects",
        "dipolar_tensor": "spin",
        "divacancy": "defects",
        "find_anticrossings": "crossings",
        "p1_centre": "defects",
        "silicon_vacancy": "defects",
        "spin_operators": "operators",
    },
)
