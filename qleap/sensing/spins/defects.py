"""Other colour centres and dark spins, as spin systems.

Each function states where its numbers come from and whether that source was opened.
The z axis of every system is the symmetry axis of the defect; `SpinSystem.turned`
brings it into another frame.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.sensing.spins.isotopes import ISOTOPES
from qleap.sensing.spins.spin import Coupling, Spin
from qleap.sensing.spins.system import SpinSystem

__all__ = ["boron_vacancy", "divacancy", "p1_centre", "silicon_vacancy"]

_P1: Final = {"14N": (114.0e6, 81.3e6, -3.97e6), "15N": (-159.9e6, -114.0e6, 0.0)}
_SILICON: Final = {"V1": 2.0e6, "V2": 35.0e6}
_DIVACANCY: Final = {
    "PL1": (1.336e9, 0.0),
    "PL2": (1.305e9, 0.0),
    "PL3": (1.222e9, 82.0e6),
    "PL4": (1.334e9, 18.7e6),
}
_BORON: Final = (87.0e6, 45.5e6, 1.96e6, -0.070)


def p1_centre(nitrogen: str = "14N") -> SpinSystem:
    """Return substitutional nitrogen in diamond: ``"electron"`` and ``"nitrogen"``.

    The Jahn-Teller distortion picks one of the four carbon neighbours, and z points
    along that bond. In a crystal the four directions are there in equal parts:
    ``p1_centre().turned(rotation)`` for each of `qleap.sensing.nv.axis_rotations`.

    Parameters
    ----------
    nitrogen : str
        14N or 15N.

    References
    ----------
    g = 2.0022, hyperfine 114.0 and 81.3 MHz, quadrupole -3.97 MHz (14N), -159.9 and
    -114.0 MHz (15N): Smith et al., Phys. Rev. 115, 1546 (1959), whose 40.8 and 29.2 Oe
    are these (abstract read), and Nir-Arad et al., Phys. Chem. Chem. Phys. 26, 27633
    (2024), as used by the program Spinach (its source was read).
    """
    along, across, quadrupole = _P1[checks.one_of("nitrogen", nitrogen, tuple(_P1))]
    electron = Spin.electron(g=[2.0022, 2.0022, 2.00218])
    third = quadrupole / 3.0
    nucleus = Spin.nucleus(
        nitrogen, name="nitrogen", quadrupole=[-third, -third, 2.0 * third]
    )
    pair = Coupling(between=("electron", "nitrogen"), tensor=[across, across, along])
    return SpinSystem(spins=(electron, nucleus), couplings=(pair,))


def silicon_vacancy(site: str = "V2") -> SpinSystem:
    """Return a negative silicon vacancy in 4H silicon carbide, spin 3/2.

    Parameters
    ----------
    site : str
        V1 (hexagonal) or V2 (quasi-cubic); z is the c axis.

    Notes
    -----
    The zero-field splitting is twice D: 4 and 70 MHz. Terms of third order in the
    spin (Simin et al., Phys. Rev. X 6, 031014 (2016), arXiv:1511.04663, abstract read)
    are left out; nuclei such as ``Spin.nucleus("29Si")`` are added with
    `SpinSystem.with_spin`.

    References
    ----------
    D = 35 MHz and g = 2.0028 of V2: Kraus et al., Sci. Rep. 4, 5303 (2014), and
    Widmann et al., Nat. Mater. 14, 164 (2015); 2 MHz of V1: Nagy et al., Nat. Commun.
    10, 1954 (2019). From memory, not opened here.
    """
    axial = _SILICON[checks.one_of("site", site, tuple(_SILICON))]
    return SpinSystem(spins=(Spin.electron(spin=1.5, g=2.0028, axial=axial),))


def divacancy(form: str = "PL1") -> SpinSystem:
    """Return a neutral divacancy in 4H silicon carbide, spin 1.

    Parameters
    ----------
    form : str
        PL1 (hh) and PL2 (kk), whose z is the c axis, or PL3 and PL4 (basal), whose z
        is along a tilted bond.

    References
    ----------
    D and E at 20 K: Falk et al., Nat. Commun. 4, 1819 (2013), from memory, not opened
    here.
    """
    axial, rhombic = _DIVACANCY[checks.one_of("form", form, tuple(_DIVACANCY))]
    electron = Spin.electron(spin=1.0, g=2.003, axial=axial, rhombic=rhombic)
    return SpinSystem(spins=(electron,))


def boron_vacancy(
    nitrogen: str | None = "14N", *, axial: float = 3.48e9, rhombic: float = 50e6
) -> SpinSystem:
    """Return a negative boron vacancy in hexagonal boron nitride, spin 1.

    Parameters
    ----------
    nitrogen : str or None
        14N (81 levels with the electron) or 15N (24): the three nearest nuclei
        ``"nitrogen 1"`` to ``"nitrogen 3"``, or None for the electron alone.
    axial, rhombic : float
        D and E at room temperature, Hz. E comes from electric fields of charges
        nearby and differs between samples.

    Notes
    -----
    z is the c axis, and the first bond points along x. The large hyperfine constant
    is that along each bond. The largest field gradient is taken along the bond, too.
    Constants of 15N are those of 14N times the ratio of the moments.

    References
    ----------
    14N hyperfine 87 and 45.5 MHz, quadrupole coupling 1.96 MHz with the asymmetry
    -0.070: Murzakhanov et al., arXiv:2302.08831 (abstract read). D = 3.48 GHz, E = 50
    MHz and g = 2.000: Gottscholl et al., Nat. Mater. 19, 540 (2020), not opened here.
    """
    electron = Spin.electron(spin=1.0, g=2.0, axial=axial, rhombic=rhombic)
    system = SpinSystem(spins=(electron,))
    if nitrogen is None:
        return system
    kind = checks.one_of("nitrogen", nitrogen, ("14N", "15N"))
    along, across, gradient, asymmetry = _BORON
    ratio = ISOTOPES[kind].g_factor / ISOTOPES["14N"].g_factor
    gradient = gradient if kind == "14N" else 0.0
    # H = C / (4 I (2 I - 1)) (3 I_b^2 - I(I+1) + eta (...)); half of C along the bond
    bond = ratio * np.diag([along, across, across])
    field = 0.25 * gradient * np.diag([2.0, asymmetry - 1.0, -asymmetry - 1.0])
    for k in range(3):
        turn = _about_z(2.0 * np.pi * k / 3.0)
        nucleus = Spin.nucleus(kind, name=f"nitrogen {k + 1}", quadrupole=field)
        system = system.with_spin(
            nucleus.turned(turn),
            Coupling(between=("electron", nucleus.name), tensor=bond).turned(turn),
        )
    return system


def _about_z(angle: float) -> NDArray[np.float64]:
    """Return the rotation into a frame that is turned by ``angle`` about z."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
