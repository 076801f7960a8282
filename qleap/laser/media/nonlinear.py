"""Measured nonlinear refractive indices, each with its source.

The index is ``n + n2 I`` with the intensity of linearly polarised light, and
``n2 = 3 chi3 / (4 epsilon0 c n^2)`` where ``P = epsilon0 chi3 E^3`` in the real field.
Values of molecules are those of the electrons alone, without rotation and vibration:
`qleap.laser.media.GasRaman` adds these. Those of solids hold the Raman part.
Values of refractiveindex.info were taken from the copy there of the paper named.
"""

from dataclasses import dataclass
from typing import Final

from qleap.core.constants import (
    BOLTZMANN,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)

__all__ = ["GAS_CHI3", "SOLID_N2", "NonlinearIndex", "chi3_from_n2", "n2_from_chi3"]

_LEHMEIER: Final = (
    "H. J. Lehmeier, W. Leupacher and A. Penzkofer, Opt. Commun. 56, 67 (1985), "
    "table 1, as quoted by Luna.jl"
)
_ZAHEDPOUR: Final = (
    "S. Zahedpour, J. K. Wahlstrand and H. M. Milchberg, Opt. Lett. 40, 5794 (2015), "
    "800 nm, electrons alone"
)
_ATM, _ROOM, _ICE = 101_325.0, 293.15, 273.15


@dataclass(frozen=True, slots=True)
class NonlinearIndex:
    """A measured value.

    Parameters
    ----------
    n2 : float
        m^2/W.
    wavelength : float
        At which it was measured, m.
    source : str
        The publication.
    """

    n2: float
    wavelength: float
    source: str


def n2_from_chi3(chi3: float, index: float) -> float:
    """Return the nonlinear index (m^2/W) of a susceptibility (m^2/V^2)."""
    return 3.0 * chi3 / (4.0 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * index**2)


def chi3_from_n2(n2: float, index: float) -> float:
    """Return the susceptibility (m^2/V^2) of a nonlinear index (m^2/W)."""
    return 4.0 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * index**2 * n2 / 3.0


def _lehmeier(ratio: float) -> tuple[float, str]:
    """Return chi3 of one atom from its ratio to helium.

    Helium at 1 atm and 0 C: 3.43e-28 m^2/V^2 in their definition, of which ours is
    four times.
    """
    density = _ATM / (BOLTZMANN * _ICE)
    return 4.0 * ratio * 3.43e-28 / density, _LEHMEIER


def _measured(n2: float, source: str) -> tuple[float, str]:
    """Return chi3 of one molecule from an index at 1 atm and 20 C."""
    density = _ATM / (BOLTZMANN * _ROOM)
    return chi3_from_n2(n2, 1.0) / density, source


GAS_CHI3: Final[dict[str, tuple[float, str]]] = {
    "helium": _lehmeier(1.0),
    "neon": _lehmeier(1.8),
    "argon": _lehmeier(23.5),
    "krypton": _lehmeier(64.0),
    "xenon": _lehmeier(188.2),
    "nitrogen": _measured(7.9e-24, _ZAHEDPOUR),
    "oxygen": _measured(8.1e-24, _ZAHEDPOUR),
    "air": _measured(
        0.781 * 7.9e-24 + 0.2095 * 8.1e-24 + 0.0093 * 10.1e-24,
        f"{_ZAHEDPOUR}: 78.1 % nitrogen, 20.95 % oxygen, 0.93 % argon",
    ),
    "hydrogen": (
        15.77 * _lehmeier(1.0)[0],
        "D. P. Shelton, Phys. Rev. A 42, 2578 (1990), relative to helium, "
        "as quoted by Luna.jl",
    ),
    "carbon dioxide": _measured(
        10.0e-24,
        "Y. E. Geints et al., Opt. Commun. 596, 132584 (2025), 800 nm, 50 fs, 1 bar",
    ),
    "sulfur hexafluoride": _measured(
        1.6e-23, "E. T. J. Nibbering et al., J. Opt. Soc. Am. B 14, 650 (1997), 800 nm"
    ),
}
"""Names to chi3 of one atom or molecule (m^5/V^2) and its source."""

_ADAIR: Final = "R. Adair, L. L. Chase and S. A. Payne, Phys. Rev. B 39, 3337 (1989)"
_KABACINSKI: Final = "P. Kabacinski et al., Opt. Express 27, 11018 (2019)"
_DESALVO: Final = "R. DeSalvo et al., IEEE J. Quantum Electron. 32, 1324 (1996)"
_ENSLEY: Final = "T. R. Ensley and N. K. Bambha, Opt. Express 27, 37940 (2019)"
_POLYANSKIY: Final = "M. N. Polyanskiy et al., Opt. Mater. Express 14, 696 (2024)"

SOLID_N2: Final[dict[str, NonlinearIndex]] = {
    "fused silica": NonlinearIndex(2.19e-20, 1.03e-6, _KABACINSKI),
    "BK7": NonlinearIndex(
        2.42e-20, 1.03e-6, "S. R. Flom et al., Appl. Opt. 54, F123 (2015)"
    ),
    "CaF2": NonlinearIndex(1.71e-20, 1.03e-6, _KABACINSKI),
    "BaF2": NonlinearIndex(1.91e-20, 1.064e-6, _ADAIR),
    "MgF2 (o)": NonlinearIndex(5.80e-21, 1.064e-6, _DESALVO),
    "sapphire (o)": NonlinearIndex(2.9e-20, 1.064e-6, _ADAIR),
    "sapphire (e)": NonlinearIndex(3.1e-20, 1.064e-6, _ADAIR),
    "quartz (o)": NonlinearIndex(3.06e-20, 1.064e-6, _ADAIR),
    "quartz (e)": NonlinearIndex(3.15e-20, 1.064e-6, _ADAIR),
    "YAG": NonlinearIndex(6.13e-20, 1.03e-6, _KABACINSKI),
    "KBr": NonlinearIndex(7.87e-20, 1.064e-6, _DESALVO),
    "silicon": NonlinearIndex(
        7.0e-18, 2.2e-6, "G. Jansonas et al., Opt. Express 30, 30507 (2022)"
    ),
    "germanium": NonlinearIndex(2.6e-17, 3.9e-6, _ENSLEY),
    "ZnSe": NonlinearIndex(6.5e-19, 9.2e-6, _POLYANSKIY),
}
"""Names to measured indices; not all media have one."""
