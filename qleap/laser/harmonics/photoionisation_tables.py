r"""Published cross sections of photoionisation, typed in.

Numbers in electronvolts and megabarn, 1e-22 m^2. All are of the whole atom between its
outer threshold and its next inner shell, so that the other outer shell (3s of argon)
and two electrons that leave at once are in them.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import ELECTRONVOLT, PLANCK, SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue

__all__ = ["PHOTOIONISATION_SOURCES", "PhotoionisationTable", "photoionisation_table"]

Floats = NDArray[np.float64]

MEGABARN: Final = 1e-22
"""m^2."""

PHOTOIONISATION_SOURCES: Final = {
    "marr-west": "G. V. Marr and J. B. West, At. Data Nucl. Data Tables 18, 497 "
    "(1976), from measurements; argon as Garfield++ ships it, helium by the polynomial "
    "in programs of M. Balucinska-Church and D. McCammon, Astrophys. J. 400, 699 "
    "(1992)",
    "verner": "D. A. Verner, G. J. Ferland, K. T. Korista and D. G. Yakovlev, "
    "Astrophys. J. 465, 487 (1996), equation 1, fits",
    "henke": "B. L. Henke, E. M. Gullikson and J. C. Davis, At. Data Nucl. Data Tables "
    "54, 181 (1993), with the later updates of CXRO, every second or third point",
}
"""Names of the sources of tables to the publications."""

FITS: Final = {
    "H": (13.60, 5e4, 0.4298, 5.475e4, 32.88, 2.963, 0.0, 0.0, 0.0),
    "He": (24.59, 5e4, 13.61, 949.2, 1.469, 3.188, 2.039, 0.4434, 2.136),
    "Ne": (21.56, 870.1, 4.870, 4287.0, 5.798, 8.355, 0.2434, 0.04236, 5.873),
    "Ar": (15.76, 249.2, 17.09, 21.06, 264.5, 4.796, 0.4185, 1.688, 0.8943),
}
"""Of Verner et al.: lowest and highest energy, E0, sigma0, ya, P, yw, y0, y1."""

N_FIT: Final = 1000
"""Energies at which a fit is tabulated; between them the error is below 2e-5."""

# fmt: off
MARR_WEST_HELIUM: Final = (
    -29.53607, 7.083061, 0.8678646, -1.221932,
    0.04052997, 0.1317109, -0.03265795, 0.002500933,
)
# fmt: on
"""Of log10 of the cross section, cm^2, by powers of that of the wavelength, 1e-10 m."""

HELIUM_RANGE: Final = (24.60, 269.0)
"""Of the same, eV: from the threshold to 4.6 nm; without the resonances near 60 eV."""

# fmt: off
MARR_WEST_ARGON: Final = (
    (15.83, 29.2), (15.89, 29.5), (16.1, 30.3), (16.31, 31.1), (16.53, 31.8),
    (16.75, 32.5), (16.98, 33.1), (17.22, 33.7), (17.46, 34.2), (17.71, 34.7),
    (17.97, 35.1), (18.23, 35.5), (18.5, 35.8), (18.78, 36.1), (19.07, 36.3),
    (19.37, 36.5), (19.68, 36.6), (20.0, 36.7), (20.32, 36.8), (20.66, 36.7),
    (21.01, 36.7), (21.38, 36.5), (21.75, 36.3), (22.14, 36.1), (22.54, 35.7),
    (22.96, 35.4), (23.39, 34.9), (23.84, 34.4), (24.31, 33.8), (24.8, 33.1),
    (25.3, 32.3), (25.83, 31.4), (26.38, 30.5), (26.95, 29.5), (27.55, 28.3),
    (28.18, 27.1), (28.83, 25.7), (29.52, 24.3), (30.24, 22.7), (30.99, 21.0),
    (31.79, 19.1), (32.63, 17.1), (33.51, 15.0), (34.44, 12.8), (35.42, 10.3),
    (36.46, 7.77), (37.57, 6.1), (38.74, 4.62), (39.99, 3.41), (41.33, 2.47),
    (42.75, 1.77), (44.28, 1.3), (45.92, 1.03), (47.68, 0.914), (49.59, 0.916),
    (51.66, 1.0), (53.9, 1.13), (56.35, 1.28), (59.04, 1.36), (61.99, 1.42),
    (65.25, 1.45), (68.88, 1.48), (72.93, 1.48), (77.49, 1.47), (82.65, 1.45),
    (88.56, 1.41), (95.37, 1.36), (103.3, 1.29), (112.7, 1.2), (124.0, 1.1),
    (130.5, 1.05), (137.8, 0.987), (145.9, 0.923), (155.0, 0.856), (165.3, 0.785),
    (177.1, 0.709), (190.7, 0.63), (206.6, 0.547), (225.4, 0.461), (245.0, 0.381),
)
# fmt: on

# fmt: off
HENKE_KRYPTON: Final = (
    (14.697, 35.41), (14.935, 36.93), (15.422, 39.87), (15.925, 41.33), (16.444, 42.6),
    (17.255, 42.77), (17.818, 41.7), (18.999, 39.55), (20.258, 37.59), (21.257, 35.98),
    (22.305, 34.27), (23.405, 32.02), (24.168, 30.48), (25.36, 27.11), (26.611, 24.11),
    (27.923, 21.37), (29.3, 18.56), (30.745, 15.32), (32.261, 12.64), (33.852, 10.44),
    (35.521, 8.403), (37.273, 6.697), (39.111, 5.338), (41.039, 4.255),
    (43.063, 3.364), (45.186, 2.65), (47.415, 2.087), (49.753, 1.643), (52.206, 1.318),
    (54.781, 1.059), (57.482, 0.8721), (60.317, 0.7436), (63.291, 0.672),
    (66.412, 0.6171), (69.687, 0.5784), (73.123, 0.5556), (76.729, 0.5395),
    (80.512, 0.5365), (83.138, 0.5444), (85.849, 0.5552),
)
# fmt: on

# fmt: off
HENKE_XENON: Final = (
    (13.564, 59.13), (14.007, 62.61), (14.233, 64.54), (14.935, 63.66),
    (15.422, 62.47), (16.183, 58.32), (17.255, 51.24), (18.399, 43.9), (19.618, 37.09),
    (20.919, 31.34), (21.95, 27.55), (23.033, 22.67), (24.559, 17.49), (26.187, 13.49),
    (27.923, 10.37), (29.774, 7.93), (31.748, 6.067), (32.783, 5.21), (34.399, 4.073),
    (36.096, 3.184), (37.273, 2.733), (39.111, 2.233), (40.386, 2.036),
    (41.703, 1.869), (43.063, 1.732), (44.467, 1.617), (46.66, 1.476), (48.961, 1.385),
    (50.558, 1.367), (52.206, 1.354), (54.781, 1.362), (57.482, 1.393),
    (59.356, 1.417),
)
# fmt: on

POINTS: Final = {
    ("Ar", "marr-west"): MARR_WEST_ARGON,
    ("Kr", "henke"): HENKE_KRYPTON,
    ("Xe", "henke"): HENKE_XENON,
}

UNCERTAINTIES: Final = {
    ("H", "verner"): 0.007,
    ("He", "marr-west"): 0.02,
    ("He", "verner"): 0.12,
    ("Ne", "verner"): 0.16,
    ("Ar", "marr-west"): 0.11,
    ("Ar", "verner"): 0.11,
    ("Kr", "henke"): 0.7,
    ("Xe", "henke"): 0.7,
}
"""See the class; `docs/laser/quantum_paths.md` says against what."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PhotoionisationTable:
    """A cross section of photoionisation, of published numbers or of your own.

    Parameters
    ----------
    gas : str
        Symbol of the atom.
    photon_energy : array_like, shape (n,)
        J, increasing.
    cross_section : array_like, shape (n,)
        Of the whole outer shell, m^2, above zero.
    source : str
        Of the values.
    uncertainty : float
        Relative; of published tables the largest difference below 100 eV to a
        measurement, or to another source where we found none. NaN where nobody said.
    """

    gas: str
    photon_energy: Floats
    cross_section: Floats
    source: str = "the user"
    uncertainty: float = float("nan")

    def __post_init__(self) -> None:
        energy = checks.increasing("photon_energy", self.photon_energy, "J")
        checks.positive("photon_energy", energy[0], "J")
        sigma = checks.vector("cross_section", self.cross_section, "m^2")
        if sigma.shape != energy.shape or not (sigma > 0.0).all():
            raise InvalidValue(
                f"cross_section must be {energy.size} values > 0 m^2, as "
                f"photon_energy, got {sigma.size} from {sigma.min(initial=0.0):.4g} on."
            )
        object.__setattr__(self, "photon_energy", energy)
        object.__setattr__(self, "cross_section", sigma)

    @property
    def valid(self) -> tuple[float, float]:
        """Lowest and highest photon energy, J."""
        return float(self.photon_energy[0]), float(self.photon_energy[-1])

    def at(self, photon_energies: ArrayLike) -> Floats:
        """Return cross sections (m^2) at photon energies (J).

        Raises
        ------
        InvalidValue
            Outside of `valid`: below nothing is ionised, above inner shells are.

        Notes
        -----
        Between the points a monotone cubic goes through the logarithms.
        """
        from scipy.interpolate import PchipInterpolator

        energy = np.atleast_1d(np.asarray(photon_energies, np.float64))
        low, high = self.valid
        beyond = ~((energy >= low * (1.0 - 1e-12)) & (energy <= high * (1.0 + 1e-12)))
        if beyond.any():
            raise InvalidValue(
                f"photon_energies must lie between {low:.5g} and {high:.5g} J "
                f"({low / ELECTRONVOLT:.4g} and {high / ELECTRONVOLT:.4g} eV), where "
                f"the table of {self.gas} holds, got {energy[beyond][0]:.5g}."
            )
        curve = PchipInterpolator(
            np.log(self.photon_energy), np.log(self.cross_section), extrapolate=True
        )
        return np.asarray(np.exp(curve(np.log(energy))))


def photoionisation_table(gas: str, source: str | None = None) -> PhotoionisationTable:
    r"""Return a published table.

    Parameters
    ----------
    gas : str
        ``"H"``, ``"He"``, ``"Ne"``, ``"Ar"``, ``"Kr"`` or ``"Xe"``.
    source : str, optional
        One of `PHOTOIONISATION_SOURCES` that has this gas: ``"marr-west"`` He and Ar,
        which is the default there; ``"verner"`` H, He, Ne, Ar; ``"henke"`` Kr and Xe.

    Notes
    -----
    The fits of Verner et al. are
    :math:`\sigma = \sigma_0[(x-1)^2 + y_w^2]\,y^{P/2-5.5}(1+\sqrt{y/y_a})^{-P}` with
    :math:`x = E/E_0 - y_0` and :math:`y = \sqrt{x^2 + y_1^2}`.
    """
    held: dict[str, list[str]] = {}
    for symbol, name in UNCERTAINTIES:
        held.setdefault(symbol, []).append(name)
    checks.one_of("gas", gas, list(held))
    named = held[gas][0] if source is None else source
    checks.one_of(f"source of {gas}", named, held[gas])
    energy, sigma = _numbers(gas, named)
    return PhotoionisationTable(
        gas=gas,
        photon_energy=energy * ELECTRONVOLT,
        cross_section=sigma * MEGABARN,
        source=PHOTOIONISATION_SOURCES[named],
        uncertainty=UNCERTAINTIES[gas, named],
    )


def _numbers(gas: str, source: str) -> tuple[Floats, Floats]:
    """Return energies (eV) and cross sections (megabarn)."""
    if source == "verner":
        low, high, *numbers = FITS[gas]
        energy = np.geomspace(low, high, N_FIT)
        return energy, _fit(energy, numbers)
    if gas == "He":
        energy = np.geomspace(*HELIUM_RANGE, N_FIT)
        length = np.log10(PLANCK * SPEED_OF_LIGHT / (energy * ELECTRONVOLT * 1e-10))
        powers = np.polynomial.polynomial.polyval(length, MARR_WEST_HELIUM)
        return energy, np.asarray(1e18 * 10.0**powers)
    energy, sigma = np.array(POINTS[gas, source]).T
    return energy, sigma


def _fit(energy: Floats, numbers: list[float]) -> Floats:
    """Return Verner's fit at energies in eV, megabarn."""
    scale, top, ya, power, yw, y0, y1 = numbers
    x = energy / scale - y0
    y = np.hypot(x, y1)
    falls = y ** (0.5 * power - 5.5) * (1.0 + np.sqrt(y / ya)) ** -power
    return np.asarray(top * ((x - 1.0) ** 2 + yw**2) * falls)
