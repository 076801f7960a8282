"""Gases: published dispersion with its reference state, and density.

The coefficients were compared with the copies at refractiveindex.info. A fit holds at
its own reference state and is scaled with the number density from there.
"""

from dataclasses import dataclass
from typing import Final

from qleap.core.constants import AVOGADRO, BOLTZMANN
from qleap.core.errors import InvalidValue
from qleap.laser.media.sellmeier import Coefficients, Pole, reciprocal_pole

__all__ = ["EQUATIONS_OF_STATE", "GASES", "Gas", "number_density"]

EQUATIONS_OF_STATE: Final = ("ideal", "virial")

DENSE: Final = 0.1
"""Largest part of ``C N^2``, up to which densities are good to 2 %."""

_ATM = 101_325.0
_NORMAL: Final = (_ATM, 273.15)
_BOERZSOENYI: Final = "A. Boerzsoenyi et al., Appl. Opt. 47, 4856 (2008)"
_BIDEAU_MEHU: Final = (
    "A. Bideau-Mehu et al., J. Quant. Spectrosc. Radiat. Transfer 25, 395 (1981)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gas:
    """What is known of one gas.

    Parameters
    ----------
    fits : dict
        Name to dispersion, the default first.
    second, third : tuple of float
        Virial coefficients as polynomials in 300 K / T, cm^3/mol and cm^6/mol^2,
        fitted between 250 and 500 K to the reference equations of state as CoolProp
        8.0 evaluates them.
    molecule : str, optional
        Formula of its molecules; None for a mixture.
    """

    fits: dict[str, Coefficients]
    second: tuple[float, ...]
    third: tuple[float, ...]
    molecule: str | None


def number_density(
    gas: Gas, pressure: float, temperature: float, equation_of_state: str
) -> float:
    """Return the number of molecules per volume, 1/m^3.

    With ``"virial"``, ``p / kT = N (1 + B N + C N^2)`` is solved by Newton's method.

    Raises
    ------
    InvalidValue
        Where ``C N^2`` is more than `DENSE`, or of the slope ``dp/dN / kT``: the terms
        that are left out would count, or the gas would be a liquid.
    """
    ideal = pressure / (BOLTZMANN * temperature)
    if equation_of_state == "ideal":
        return ideal
    ratio = 300.0 / temperature
    second = _polynomial(gas.second, ratio) * 1e-6 / AVOGADRO
    third = _polynomial(gas.third, ratio) * 1e-12 / AVOGADRO**2
    density = ideal
    for _ in range(30):
        value = density * (1.0 + density * (second + density * third)) - ideal
        slope = 1.0 + density * (2.0 * second + 3.0 * density * third)
        density -= value / slope
    part = density**2 * third
    slope = 1.0 + 2.0 * density * second + 3.0 * part
    if not abs(part) <= DENSE * min(slope, 1.0):
        raise InvalidValue(
            f"pressure must be lower for equation_of_state='virial' at {temperature:g} "
            f"K, got {pressure:.4g} Pa: so dense a gas takes more than three terms, or "
            "is a liquid; take a lower pressure or a higher temperature."
        )
    return density


def _polynomial(coefficients: tuple[float, ...], x: float) -> float:
    return sum(c * x**k for k, c in enumerate(coefficients))


def _boerzsoenyi(b1: float, c1: float, b2: float, c2: float) -> Coefficients:
    return Coefficients(
        terms=((b1, c1), (b2, c2)),
        low=0.4,
        high=1.0,
        source=_BOERZSOENYI,
        reference=(1e5, 273.0),
    )


def _refractivity(
    low: float,
    high: float,
    source: str,
    *terms: Pole,
    offset: float = 0.0,
    state: tuple[float, float] = _NORMAL,
) -> Coefficients:
    """Return ``n - 1 = offset + sum B / (C - lambda^-2)``."""
    return Coefficients(
        terms=tuple(reciprocal_pole(b, c) for b, c in terms),
        low=low,
        high=high,
        source=source,
        offset=offset,
        refractivity=True,
        reference=state,
    )


GASES: Final[dict[str, Gas]] = {
    "helium": Gas(
        fits={
            "ermolov-2015": Coefficients(
                terms=(
                    (2.16463842e-05, -6.80769781e-04),
                    (2.10561127e-07, 5.13251289e-03),
                    (4.75092720e-05, 3.18621354e-03),
                ),
                low=0.09,
                high=1.0,
                source="A. Ermolov et al., Phys. Rev. A 92, 033821 (2015)",
                reference=_NORMAL,
            ),
            "boerzsoenyi-2008": _boerzsoenyi(
                4977.77e-8, 28.54e-6, 1856.94e-8, 7.760e-3
            ),
            "mansfield-1969": _refractivity(
                0.4801,
                2.0586,
                "C. R. Mansfield and E. R. Peck, J. Opt. Soc. Am. 59, 199 (1969)",
                (0.01470091, 423.98),
            ),
        },
        second=(7.75504, 8.31671, -5.62321, 1.38796),
        third=(26.4913, 124.085, -56.7973, 12.7509),
        molecule="He",
    ),
    "neon": Gas(
        fits={
            "boerzsoenyi-2008": _boerzsoenyi(
                9154.48e-8, 656.97e-6, 4018.63e-8, 5.728e-3
            ),
            "bideau-mehu-1981": _refractivity(
                0.1404,
                0.5462,
                _BIDEAU_MEHU,
                (0.00128145, 184.661),
                (0.0220486, 376.840),
            ),
        },
        second=(13.80135, 3.30555, -7.34815, 1.80861),
        third=(140.991, 99.2601, -50.0811, 13.7652),
        molecule="Ne",
    ),
    "argon": Gas(
        fits={
            "boerzsoenyi-2008": _boerzsoenyi(
                20332.29e-8, 206.12e-6, 34458.31e-8, 8.066e-3
            ),
            "bideau-mehu-1981": _refractivity(
                0.1404,
                0.5677,
                _BIDEAU_MEHU,
                (2.50141e-3, 91.012),
                (5.00283e-4, 87.892),
                (5.22343e-2, 214.02),
            ),
            "peck-1964": _refractivity(
                0.4679,
                2.0587,
                "E. R. Peck and D. J. Fisher, J. Opt. Soc. Am. 54, 1362 (1964)",
                (3.0182943e-2, 144.0),
                offset=6.7867e-5,
            ),
        },
        second=(31.99975, -32.11618, -17.11246, 2.04746),
        third=(718.413, 34.4302, 127.859, 175.650),
        molecule="Ar",
    ),
    "krypton": Gas(
        fits={
            "boerzsoenyi-2008": _boerzsoenyi(
                26102.88e-8, 2.01e-6, 56946.82e-8, 10.043e-3
            ),
            "bideau-mehu-1981": _refractivity(
                0.1404,
                0.6234,
                _BIDEAU_MEHU,
                (0.00253637, 65.4742),
                (0.00273649, 73.698),
                (0.0620802, 181.08),
            ),
        },
        second=(44.30733, -73.97390, -18.63443, -1.69957),
        third=(412.487, 2568.82, -710.316, 160.627),
        molecule="Kr",
    ),
    "xenon": Gas(
        fits={
            "boerzsoenyi-2008": _boerzsoenyi(
                103701.61e-8, 12.75e-3, 31228.61e-8, 0.561e-3
            ),
            "bideau-mehu-1981": _refractivity(
                0.1404,
                0.6234,
                _BIDEAU_MEHU,
                (0.00322869, 46.301),
                (0.00355393, 59.578),
                (0.0606764, 112.74),
            ),
        },
        second=(65.64783, -167.35578, 3.96164, -29.59760),
        third=(745.558, 4757.65, -1240.43, 284.822),
        molecule="Xe",
    ),
    "nitrogen": Gas(
        fits={
            "boerzsoenyi-2008": _boerzsoenyi(
                39209.95e-8, 1146.24e-6, 18806.48e-8, 13.476e-3
            ),
            "peck-1966": _refractivity(
                0.4679,
                2.0587,
                "E. R. Peck and B. N. Khanna, J. Opt. Soc. Am. 56, 1059 (1966)",
                (3.243157e-2, 144.0),
                offset=6.8552e-5,
            ),
            "griesmann-1999": _refractivity(
                0.145,
                0.270,
                "U. Griesmann and J. H. Burnett, Opt. Lett. 24, 1699 (1999)",
                (1.9662731, 22086.66),
                (2.7450825e-2, 133.85688),
            ),
        },
        second=(39.18473, -26.78505, -20.20731, 3.25304),
        third=(1093.73, 287.955, -289.695, 318.169),
        molecule="N2",
    ),
    "oxygen": Gas(
        fits={
            "kren-2011": _refractivity(
                0.4,
                1.8,
                "J. Zhang et al., Appl. Opt. 47, 3143 (2008), as corrected by "
                "P. Kren, Appl. Opt. 50, 6484 (2011)",
                (9.708931e-3, 75.4),
                offset=1.181494e-4,
                state=(_ATM, 293.15),
            )
        },
        second=(32.53936, -30.36163, -20.62318, 2.97697),
        third=(884.501, -1018.23, 1293.30, -219.250),
        molecule="O2",
    ),
    "hydrogen": Gas(
        fits={
            "peck-1977": _refractivity(
                0.1680,
                1.6945,
                "E. R. Peck and S. Hung, J. Opt. Soc. Am. 67, 1550 (1977)",
                (0.0148956, 180.7),
                (0.0049037, 92.0),
            )
        },
        second=(15.47313, 6.60397, -10.01569, 2.51575),
        third=(103.081, 367.124, -254.901, 62.8858),
        molecule="H2",
    ),
    "carbon dioxide": Gas(
        fits={
            "bideau-mehu-1973": _refractivity(
                0.1807,
                1.6945,
                "A. Bideau-Mehu et al., Opt. Commun. 9, 432 (1973)",
                (6.99100e-2, 166.175),
                (1.44720e-3, 79.609),
                (6.42941e-5, 56.3064),
                (5.21306e-5, 46.0196),
                (1.46847e-6, 0.0584738),
            )
        },
        second=(63.18241, -151.93689, 29.96179, -62.48426),
        third=(4723.45, -14336.2, 23338.2, -9013.10),
        molecule="CO2",
    ),
    "sulfur hexafluoride": Gas(
        fits={
            "vukovic-1996": Coefficients(
                terms=(),
                low=0.6,
                high=1.3,
                source="D. Vukovic et al., J. Phys. D 29, 634 (1996), two wavelengths; "
                "fit: M. Sneep and W. Ubachs, J. Quant. Spectrosc. Radiat. Transfer "
                "92, 293 (2005)",
                offset=7.1517e-4,
                powers=((4.996e-6, -1),),
                refractivity=True,
                reference=(_ATM, 288.0),
            )
        },
        second=(126.4980, -261.3217, -58.2386, -77.9812),
        third=(157401.7, -596039.8, 780261.5, -323907.4),
        molecule="SF6",
    ),
    "air": Gas(
        fits={
            "boerzsoenyi-2008": _boerzsoenyi(
                14926.44e-8, 19.36e-6, 41807.57e-8, 7.434e-3
            ),
            "ciddor-1996": _refractivity(
                0.23,
                1.690,
                "P. E. Ciddor, Appl. Opt. 35, 1566 (1996), dry, 450 ppm CO2",
                (0.05792105, 238.0185),
                (0.00167917, 57.362),
                state=(_ATM, 288.15),
            ),
        },
        second=(36.34326, -26.70587, -20.86793, 3.46745),
        third=(1286.65, 206.020, 357.754, -38.7551),
        molecule=None,
    ),
}
"""Names to gases."""
