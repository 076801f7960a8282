"""Published Sellmeier coefficients: ``n^2 - 1 = sum B lambda^2 / (lambda^2 - C)``.

Wavelengths in micrometres, ``C`` in square micrometres. Solids at room temperature,
gases at 273 K and 1 bar.
"""

from dataclasses import dataclass
from typing import Final

__all__ = ["TABLE", "Coefficients"]


@dataclass(frozen=True, slots=True)
class Coefficients:
    """One published fit.

    Parameters
    ----------
    terms : tuple of (float, float)
        ``(B, C)``, C in um^2.
    low, high : float
        Where the authors hold it valid, um.
    gas : bool
        Whether ``n^2 - 1`` grows with the density.
    source : str
        The publication.
    """

    terms: tuple[tuple[float, float], ...]
    low: float
    high: float
    gas: bool
    source: str


_MALITSON_65 = "I. H. Malitson, J. Opt. Soc. Am. 55, 1205 (1965)"
_MALITSON_63 = "I. H. Malitson, Appl. Opt. 2, 1103 (1963)"
_SAPPHIRE = "I. H. Malitson and M. J. Dodge, J. Opt. Soc. Am. 62, 1405 (1972)"
_SCHOTT = "SCHOTT optical glass data sheets, N-BK7"
_DODGE = "M. J. Dodge, Appl. Opt. 23, 1980 (1984)"
_GASES = "A. Boerzsoenyi et al., Appl. Opt. 47, 4856 (2008)"


def _gas(b1: float, c1: float, b2: float, c2: float) -> Coefficients:
    return Coefficients(((b1, c1), (b2, c2)), 0.4, 1.0, True, _GASES)


TABLE: Final = {
    "fused silica": Coefficients(
        (
            (0.6961663, 0.0684043**2),
            (0.4079426, 0.1162414**2),
            (0.8974794, 9.896161**2),
        ),
        0.21,
        3.71,
        False,
        _MALITSON_65,
    ),
    "BK7": Coefficients(
        (
            (1.03961212, 0.00600069867),
            (0.231792344, 0.0200179144),
            (1.01046945, 103.560653),
        ),
        0.3,
        2.5,
        False,
        _SCHOTT,
    ),
    "CaF2": Coefficients(
        (
            (0.5675888, 0.050263605**2),
            (0.4710914, 0.1003909**2),
            (3.8484723, 34.649040**2),
        ),
        0.23,
        9.7,
        False,
        _MALITSON_63,
    ),
    "MgF2 (o)": Coefficients(
        (
            (0.48755108, 0.04338408**2),
            (0.39875031, 0.09461442**2),
            (2.3120353, 23.793604**2),
        ),
        0.2,
        7.0,
        False,
        _DODGE,
    ),
    "sapphire (o)": Coefficients(
        (
            (1.4313493, 0.0726631**2),
            (0.65054713, 0.1193242**2),
            (5.3414021, 18.028251**2),
        ),
        0.2,
        5.0,
        False,
        _SAPPHIRE,
    ),
    "sapphire (e)": Coefficients(
        (
            (1.5039759, 0.0740288**2),
            (0.55069141, 0.1216529**2),
            (6.5927379, 20.072248**2),
        ),
        0.2,
        5.0,
        False,
        _SAPPHIRE,
    ),
    "helium": _gas(4977.77e-8, 28.54e-6, 1856.94e-8, 7.760e-3),
    "neon": _gas(9154.48e-8, 656.97e-6, 4018.63e-8, 5.728e-3),
    "argon": _gas(20332.29e-8, 206.12e-6, 34458.31e-8, 8.066e-3),
    "krypton": _gas(26102.88e-8, 2.01e-6, 56946.82e-8, 10.043e-3),
    "xenon": _gas(103701.61e-8, 12.75e-3, 31228.61e-8, 0.561e-3),
    "nitrogen": _gas(39209.95e-8, 1146.24e-6, 18806.48e-8, 13.476e-3),
    "air": _gas(14926.44e-8, 19.36e-6, 41807.57e-8, 7.434e-3),
}
