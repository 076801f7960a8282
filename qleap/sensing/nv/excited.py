"""The excited state at room temperature, as another set of constants."""

from typing import Any, Final

from qleap.sensing.nv.centre import NVCentre
from qleap.sensing.nv.nitrogen import NITROGEN_14, NITROGEN_15, Nitrogen

__all__ = [
    "EXCITED_NITROGEN_14",
    "EXCITED_NITROGEN_15",
    "EXCITED_SPLITTING",
    "excited_state",
]

EXCITED_SPLITTING: Final = 1.42e9
"""D of the orbitally averaged 3E state, Hz, about half of the ground state's: Fuchs et
al., Phys. Rev. Lett. 101, 117601 (2008), and Neumann et al., New J. Phys. 11, 013017
(2009), both as quoted by Doherty et al., Phys. Rep. 528, 1 (2013); not opened here."""

_G: Final = 2.01
"""Isotropic, from the same sources."""

EXCITED_NITROGEN_14: Final = Nitrogen(
    spin=1.0,
    hyperfine_parallel=-40e6,
    hyperfine_perpendicular=-23e6,
    quadrupole=NITROGEN_14.quadrupole,
    gyromagnetic_ratio=NITROGEN_14.gyromagnetic_ratio,
)
"""About twenty times the ground state's: -40 MHz along and -23(3) MHz across, Poggiali
et al., Phys. Rev. B 95, 195308 (2017), from memory, not opened here. The quadrupole
constant is not known and taken from the ground state."""

_SCALE: Final = NITROGEN_15.gyromagnetic_ratio / NITROGEN_14.gyromagnetic_ratio

EXCITED_NITROGEN_15: Final = Nitrogen(
    spin=0.5,
    hyperfine_parallel=_SCALE * EXCITED_NITROGEN_14.hyperfine_parallel,
    hyperfine_perpendicular=_SCALE * EXCITED_NITROGEN_14.hyperfine_perpendicular,
    quadrupole=0.0,
    gyromagnetic_ratio=NITROGEN_15.gyromagnetic_ratio,
)
"""The constants of 14N times the ratio of the nuclear moments, 56 and 32 MHz; Fuchs et
al. measured about 60 MHz."""


def excited_state(**fields: Any) -> NVCentre:
    """Return the spin Hamiltonian of the excited state at room temperature.

    Parameters
    ----------
    **fields
        Of `NVCentre`; what is not given is that of the excited state. ``strain``
        splits it more than the ground state, by tens of MHz in most centres.

    Notes
    -----
    Phonons average over the two orbitals above about 150 K; the six levels of low
    temperature, with their spin-orbit coupling, are not described.
    """
    given = {
        "zero_field_splitting": EXCITED_SPLITTING,
        "g_parallel": _G,
        "g_perpendicular": _G,
        **fields,
    }
    return NVCentre(**given)
