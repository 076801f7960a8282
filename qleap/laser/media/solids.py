"""Published dispersion of glasses, isotropic crystals, water, and rays of crystals.

The values were compared with the copies at refractiveindex.info. Room temperature.
"""

from typing import Final

from qleap.laser.media.sellmeier import Coefficients, Pole

__all__ = ["SOLIDS"]

_SCHOTT: Final = "SCHOTT optical glass catalogue, {}"
_LI: Final = "H. H. Li, J. Phys. Chem. Ref. Data {} (fit to several sources)"
_DODGE: Final = "M. J. Dodge, Appl. Opt. 23, 1980 (1984)"
_SAPPHIRE: Final = "I. H. Malitson and M. J. Dodge, J. Opt. Soc. Am. 62, 1405 (1972)"
_GHOSH: Final = "G. Ghosh, Opt. Commun. 163, 95 (1999)"


def _fit(
    low: float, high: float, source: str, *terms: Pole, offset: float = 0.0
) -> Coefficients:
    """Return a fit whose poles are given squared."""
    return Coefficients(terms=terms, low=low, high=high, source=source, offset=offset)


def _roots(
    low: float, high: float, source: str, *terms: Pole, offset: float = 0.0
) -> Coefficients:
    """Return a fit whose poles are given as wavelengths."""
    squared = tuple((b, c * c) for b, c in terms)
    return _fit(low, high, source, *squared, offset=offset)


def _schott(low: float, name: str, *terms: Pole) -> dict[str, Coefficients]:
    return {"schott": _fit(low, 2.5, _SCHOTT.format(name), *terms)}


SOLIDS: Final[dict[str, dict[str, Coefficients]]] = {
    "fused silica": {
        "malitson-1965": _roots(
            0.21,
            3.71,
            "I. H. Malitson, J. Opt. Soc. Am. 55, 1205 (1965)",
            (0.6961663, 0.0684043),
            (0.4079426, 0.1162414),
            (0.8974794, 9.896161),
        )
    },
    "BK7": _schott(
        0.3,
        "N-BK7",
        (1.03961212, 0.00600069867),
        (0.231792344, 0.0200179144),
        (1.01046945, 103.560653),
    ),
    "F2": _schott(
        0.32,
        "F2",
        (1.34533359, 0.00997743871),
        (0.209073176, 0.0470450767),
        (0.937357162, 111.886764),
    ),
    "SF6 glass": _schott(
        0.365,
        "SF6",
        (1.72448482, 0.0134871947),
        (0.390104889, 0.0569318095),
        (1.04572858, 118.557185),
    ),
    "SF10": _schott(
        0.38,
        "SF10",
        (1.61625977, 0.0127534559),
        (0.259229334, 0.0581983954),
        (1.07762317, 116.60768),
    ),
    "SF11": _schott(
        0.39,
        "SF11",
        (1.73848403, 0.0136068604),
        (0.311168974, 0.0615960463),
        (1.17490871, 121.922711),
    ),
    "SF57": _schott(
        0.37,
        "SF57",
        (1.81651371, 0.0143704198),
        (0.428893641, 0.0592801172),
        (1.07186278, 121.419942),
    ),
    "CaF2": {
        "malitson-1963": _roots(
            0.23,
            9.7,
            "I. H. Malitson, Appl. Opt. 2, 1103 (1963)",
            (0.5675888, 0.050263605),
            (0.4710914, 0.1003909),
            (3.8484723, 34.649040),
        ),
        "daimon-2002": _fit(
            0.138,
            2.326,
            "M. Daimon and A. Masumura, Appl. Opt. 41, 5275 (2002)",
            (0.443749998, 0.00178027854),
            (0.444930066, 0.00788536061),
            (0.150133991, 0.0124119491),
            (8.85319946, 2752.28175),
        ),
    },
    "BaF2": {
        "malitson-1964": _roots(
            0.2652,
            10.346,
            "I. H. Malitson, J. Opt. Soc. Am. 54, 628 (1964)",
            (0.643356, 0.057789),
            (0.506762, 0.10968),
            (3.8261, 46.3864),
        ),
        "li-1980": _roots(
            0.15,
            15.0,
            _LI.format("9, 161 (1980)"),
            (0.81070, 0.10065),
            (0.19652, 29.87),
            (4.52469, 53.82),
            offset=0.33973,
        ),
    },
    "MgF2 (o)": {
        "dodge-1984": _roots(
            0.2,
            7.0,
            _DODGE,
            (0.48755108, 0.04338408),
            (0.39875031, 0.09461442),
            (2.3120353, 23.793604),
        )
    },
    "MgF2 (e)": {
        "dodge-1984": _roots(
            0.2,
            7.0,
            _DODGE,
            (0.41344023, 0.03684262),
            (0.50497499, 0.09076162),
            (2.4904862, 23.771995),
        )
    },
    "sapphire (o)": {
        "malitson-1972": _roots(
            0.2,
            5.0,
            _SAPPHIRE,
            (1.4313493, 0.0726631),
            (0.65054713, 0.1193242),
            (5.3414021, 18.028251),
        )
    },
    "sapphire (e)": {
        "malitson-1972": _roots(
            0.2,
            5.0,
            _SAPPHIRE,
            (1.5039759, 0.0740288),
            (0.55069141, 0.1216529),
            (6.5927379, 20.072248),
        )
    },
    "quartz (o)": {
        "ghosh-1999": _fit(
            0.198,
            2.0531,
            _GHOSH,
            (1.07044083, 1.00585997e-2),
            (1.10202242, 100.0),
            offset=0.28604141,
        )
    },
    "quartz (e)": {
        "ghosh-1999": _fit(
            0.198,
            2.0531,
            _GHOSH,
            (1.09509924, 1.02101864e-2),
            (1.15662475, 100.0),
            offset=0.28851804,
        )
    },
    "YAG": {
        "zelmon-1998": _fit(
            0.4,
            5.0,
            "D. E. Zelmon, D. L. Small and R. Page, Appl. Opt. 37, 4933 (1998)",
            (2.28200, 0.01185),
            (3.27644, 282.734),
        )
    },
    "diamond": {
        "peter-1923": _roots(
            0.226,
            0.760,
            "F. Peter, Z. Phys. 15, 358 (1923)",
            (0.3306, 0.1750),
            (4.3356, 0.1060),
        )
    },
    "silicon": {
        "salzberg-1957": _roots(
            1.357,
            11.04,
            "C. D. Salzberg and J. J. Villa, J. Opt. Soc. Am. 47, 244 (1957); "
            "fit: B. Tatian, Appl. Opt. 23, 4477 (1984)",
            (10.6684293, 0.301516485),
            (0.0030434748, 1.13475115),
            (1.54133408, 1104.0),
        )
    },
    "germanium": {
        "burnett-2016": _fit(
            2.0,
            14.0,
            "J. H. Burnett et al., Proc. SPIE 9974, 99740X (2016)",
            (0.4886331, 1.393959),
            (14.5142535, 0.1626427),
            (0.0091224, 752.190),
        )
    },
    "ZnSe": {
        "connolly-1979": _roots(
            0.54,
            18.2,
            "J. Connolly et al., Proc. SPIE 181, 141 (1979); "
            "fit: B. Tatian, Appl. Opt. 23, 4477 (1984)",
            (4.45813734, 0.200859853),
            (0.467216334, 0.391371166),
            (2.89566290, 47.1362108),
        )
    },
    "KBr": {
        "li-1976": _roots(
            0.20,
            42.0,
            _LI.format("5, 329 (1976)"),
            (0.79221, 0.146),
            (0.01981, 0.173),
            (0.15587, 0.187),
            (0.17673, 60.61),
            (2.06217, 87.72),
            offset=0.39408,
        )
    },
    "water": {
        "daimon-2007": _fit(
            0.182,
            1.129,
            "M. Daimon and A. Masumura, Appl. Opt. 46, 3811 (2007), 20 C",
            (5.684027565e-1, 5.101829712e-3),
            (1.726177391e-1, 1.821153936e-2),
            (2.086189578e-2, 2.620722293e-2),
            (1.130748688e-1, 1.069792721e1),
        )
    },
}
"""Names to fits, the default first."""
