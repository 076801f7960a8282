"""Spin systems: spins, couplings, fields, energies."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.sensing.spins.isotopes import ISOTOPES, Isotope
    from qleap.sensing.spins.operators import spin_operators
    from qleap.sensing.spins.spin import Coupling, Spin, dipolar_tensor
    from qleap.sensing.spins.system import SpinSystem

__all__ = [
    "ISOTOPES",
    "Coupling",
    "Isotope",
    "Spin",
    "SpinSystem",
    "dipolar_tensor",
    "spin_operators",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "Coupling": "spin",
        "ISOTOPES": "isotopes",
        "Isotope": "isotopes",
        "Spin": "spin",
        "SpinSystem": "system",
        "dipolar_tensor": "spin",
        "spin_operators": "operators",
    },
)
