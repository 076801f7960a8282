"""What holds light together: fibres, capillaries, free space."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.laser.guides.antiresonant import AntiresonantFibre
    from qleap.laser.guides.capillary import Capillary
    from qleap.laser.guides.fibre import Fibre
    from qleap.laser.guides.modes import Mode, gaussian_coupling, linear_modes
    from qleap.laser.guides.profiles import Profile
    from qleap.laser.guides.tabulated import TabulatedFibre, read_fibre
    from qleap.laser.guides.tube_lattice import TubeLatticeFibre

__all__ = [
    "AntiresonantFibre",
    "Capillary",
    "Fibre",
    "Mode",
    "Profile",
    "TabulatedFibre",
    "TubeLatticeFibre",
    "gaussian_coupling",
    "linear_modes",
    "read_fibre",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "AntiresonantFibre": "antiresonant",
        "Capillary": "capillary",
        "Fibre": "fibre",
        "Mode": "modes",
        "Profile": "profiles",
        "TabulatedFibre": "tabulated",
        "TubeLatticeFibre": "tube_lattice",
        "gaussian_coupling": "modes",
        "linear_modes": "modes",
        "read_fibre": "tabulated",
    },
)
