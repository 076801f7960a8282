"""Carbon-13 nuclei near the centre, for `NVCentre.with_spin`."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from qleap.core import checks
from qleap.sensing.nv.axes import AXES, axis_rotations
from qleap.sensing.nv.centre import NVCentre
from qleap.sensing.spins.spin import Coupling, Spin, dipolar_tensor

__all__ = ["carbon_13", "first_shell_carbon"]

_FIRST_SHELL: Final = (199.7e6, 120.3e6)


def carbon_13(
    position: ArrayLike, *, name: str = "13C", centre: NVCentre | None = None
) -> tuple[Spin, Coupling]:
    """Return a nucleus and its coupling to the electron as magnetic dipoles.

    Parameters
    ----------
    position : array_like, shape (3,), m
        From the electron (about the vacancy) in the frame of the axis.
    name : str
    centre : NVCentre, optional
        Whose g-factors are taken.

    Notes
    -----
    Where the electron's density reaches, within about 0.5 nm, the contact term is
    missing: give a measured or calculated tensor in a `Coupling` of your own.
    """
    at = checks.triple("position", position, "m")
    nucleus = Spin.nucleus("13C", name=name)
    ratios = (NVCentre() if centre is None else centre).gyromagnetic_ratios
    tensor = dipolar_tensor(ratios, nucleus.zeeman, at)
    return nucleus, Coupling(between=("electron", name), tensor=tensor)


def first_shell_carbon(site: int = 0, *, name: str = "13C") -> tuple[Spin, Coupling]:
    """Return a nucleus next to the vacancy and its coupling to the electron.

    Parameters
    ----------
    site : int
        0, 1 or 2; the axis of the tensor points along the cubic axis ``site + 1`` of
        `AXES`, 0 lying in the mirror plane or turned by 120 degrees out of it.
    name : str

    References
    ----------
    199.7(2) MHz along and 120.3(2) MHz across: Felton et al., Phys. Rev. B 79, 075203
    (2009), from memory, not opened here.
    """
    place = checks.count("site", site, low=0, high=2)
    along, across = _FIRST_SHELL
    bond = axis_rotations()[0] @ AXES[place + 1]
    tensor = across * np.eye(3) + (along - across) * np.outer(bond, bond)
    coupling = Coupling(between=("electron", name), tensor=tensor)
    return Spin.nucleus("13C", name=name), coupling
