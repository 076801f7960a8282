"""Crystals for mixing three waves: principal indices and second-order tensors.

The coefficients were compared with refractiveindex.info and with the package ndispers
0.13, whose sources of the tensors are the ones named here.
"""

from dataclasses import dataclass
from itertools import permutations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.laser.media.sellmeier import Coefficients, Pole, pole
from qleap.laser.media.solids import SOLIDS

__all__ = ["CRYSTAL_TABLE", "CrystalData"]

Axes = tuple[Coefficients, Coefficients, Coefficients]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrystalData:
    """One crystal in its dielectric frame.

    Parameters
    ----------
    axes : tuple of Coefficients
        Of the principal indices along x, y, z; of a uniaxial crystal the first two
        are the same object.
    components : dict
        Independent components d of the tensor, pm/V, by their indices, such as
        ``"zxx"``; Kleinman symmetry gives the rest.
    tensor_source : str
        The publication of the components and the wavelength.
    """

    axes: Axes
    components: dict[str, float]
    tensor_source: str

    @property
    def uniaxial(self) -> bool:
        """Whether z is the one optic axis."""
        return self.axes[0] is self.axes[1]

    def tensor(self) -> NDArray[np.float64]:
        """Return ``d_ijk`` in m/V, shape ``(3, 3, 3)``."""
        d = np.zeros((3, 3, 3))
        for name, value in self.components.items():
            for indices in permutations("xyz".index(axis) for axis in name):
                d[indices] = value * 1e-12
        return d


def _poles(
    low: float,
    high: float,
    source: str,
    constant: float,
    *fractions: Pole,
    powers: tuple[tuple[float, int], ...] = (),
) -> Coefficients:
    """Return ``n^2 = constant + sum B / (lambda^2 - C) + sum D lambda^(2 k)``."""
    parts = [pole(b, c) for b, c in fractions]
    return Coefficients(
        terms=tuple(term for _, term in parts),
        low=low,
        high=high,
        source=source,
        offset=constant - 1.0 + sum(offset for offset, _ in parts),
        powers=powers,
    )


def _standard(low: float, high: float, source: str, *terms: Pole) -> Coefficients:
    return Coefficients(terms=terms, low=low, high=high, source=source)


def _uniaxial(ordinary: Coefficients, extraordinary: Coefficients) -> Axes:
    return ordinary, ordinary, extraordinary


_TAMOSAUSKAS: Final = "G. Tamosauskas et al., Opt. Mater. Express 8, 1410 (2018)"
_ZERNIKE: Final = "F. Zernike, J. Opt. Soc. Am. 54, 1215 (1964)"
_ZELMON: Final = (
    "D. E. Zelmon, D. L. Small and D. Jundt, J. Opt. Soc. Am. B 14, 3319 (1997)"
)
_KATO_KTP: Final = "K. Kato and E. Takaoka, Appl. Opt. 41, 5040 (2002)"
_KATO_LBO: Final = "K. Kato, IEEE J. Quantum Electron. 30, 2950 (1994)"
_UMEMURA: Final = "N. Umemura, K. Miyata and K. Kato, Opt. Mater. 30, 532 (2007)"
_SHOJI: Final = "I. Shoji et al., J. Opt. Soc. Am. B 14, 2268 (1997), 1064 nm"
_NIOBATE: Final = (
    f"d31, d33 of 5 % MgO:LiNbO3: {_SHOJI}; d22 of LiNbO3: D. A. Roberts, IEEE J. "
    "Quantum Electron. 28, 2057 (1992)"
)
_NIOBATE_TENSOR: Final = {
    "yyy": -2.1,
    "yxx": 2.1,
    "zxx": 4.4,
    "zyy": 4.4,
    "zzz": 25.0,
}

CRYSTAL_TABLE: Final[dict[str, CrystalData]] = {
    "BBO": CrystalData(
        axes=_uniaxial(
            _standard(
                0.188,
                5.2,
                _TAMOSAUSKAS,
                (0.90291, 0.003926),
                (0.83155, 0.018786),
                (0.76536, 60.01),
            ),
            _standard(
                0.188,
                5.2,
                _TAMOSAUSKAS,
                (1.151075, 0.007142),
                (0.21803, 0.02259),
                (0.656, 263.0),
            ),
        ),
        components={"yyy": 2.2, "yxx": -2.2, "zxx": 0.04, "zyy": 0.04, "zzz": 0.04},
        tensor_source="I. Shoji et al., J. Opt. Soc. Am. B 16, 620 (1999), 1064 nm",
    ),
    "KDP": CrystalData(
        axes=_uniaxial(
            Coefficients(
                terms=(
                    (13.00522, 400.0),
                    pole(0.01008956, 0.0129426)[1],
                ),
                low=0.2138,
                high=1.529,
                source=_ZERNIKE,
                offset=1.259276 + pole(0.01008956, 0.0129426)[0],
            ),
            Coefficients(
                terms=(
                    (3.2279924, 400.0),
                    pole(0.008637494, 0.0122810)[1],
                ),
                low=0.2138,
                high=1.529,
                source=_ZERNIKE,
                offset=1.132668 + pole(0.008637494, 0.0122810)[0],
            ),
        ),
        components={"xyz": 0.39},
        tensor_source="R. C. Eckardt et al., IEEE J. Quantum Electron. 26, 922 (1990), "
        "1064 nm",
    ),
    "LiNbO3": CrystalData(
        axes=_uniaxial(
            _standard(
                0.4,
                5.0,
                _ZELMON,
                (2.6734, 0.01764),
                (1.2290, 0.05914),
                (12.614, 474.60),
            ),
            _standard(
                0.4,
                5.0,
                _ZELMON,
                (2.9804, 0.02047),
                (0.5981, 0.0666),
                (8.9543, 416.08),
            ),
        ),
        components=_NIOBATE_TENSOR,
        tensor_source=_NIOBATE,
    ),
    # The paper prints the two rays of the doped crystal under each other's name.
    "MgO:LiNbO3": CrystalData(
        axes=_uniaxial(
            _standard(
                0.4,
                5.0,
                _ZELMON,
                (2.4272, 0.01478),
                (1.4617, 0.05612),
                (9.6536, 371.216),
            ),
            _standard(
                0.4,
                5.0,
                _ZELMON,
                (2.2454, 0.01242),
                (1.3005, 0.05313),
                (6.8972, 331.33),
            ),
        ),
        components=_NIOBATE_TENSOR,
        tensor_source=_NIOBATE,
    ),
    "quartz": CrystalData(
        axes=_uniaxial(
            SOLIDS["quartz (o)"]["ghosh-1999"], SOLIDS["quartz (e)"]["ghosh-1999"]
        ),
        components={"xxx": 0.30, "xyy": -0.30},
        tensor_source=_SHOJI,
    ),
    "KTP": CrystalData(
        axes=(
            _poles(
                0.43,
                3.54,
                _KATO_KTP,
                3.29100,
                (0.04140, 0.03978),
                (9.35522, 31.45571),
            ),
            _poles(
                0.43,
                3.54,
                _KATO_KTP,
                3.45018,
                (0.04341, 0.04597),
                (16.98825, 39.43799),
            ),
            _poles(
                0.43,
                3.54,
                _KATO_KTP,
                4.59423,
                (0.06206, 0.04763),
                (110.80672, 86.12171),
            ),
        ),
        components={"zxx": 2.2, "zyy": 3.7, "zzz": 14.6},
        tensor_source=f"{_SHOJI}, x along a, y along b",
    ),
    "LBO": CrystalData(
        axes=(
            _poles(
                0.16,
                2.6,
                _KATO_LBO,
                2.4542,
                (0.01125, 0.01135),
                powers=((-0.01388, 1),),
            ),
            _poles(
                0.16,
                2.6,
                _KATO_LBO,
                2.5390,
                (0.01277, 0.01189),
                powers=((-0.01849, 1), (4.3025e-5, 2), (-2.9131e-5, 3)),
            ),
            _poles(
                0.16,
                2.6,
                _KATO_LBO,
                2.5865,
                (0.01310, 0.01223),
                powers=((-0.01862, 1), (4.5778e-5, 2), (-3.2526e-5, 3)),
            ),
        ),
        # d31, d32, d33 with the polar axis c along y, a along x, b along z.
        components={"yxx": -0.67, "yzz": 0.85, "yyy": 0.04},
        tensor_source="S. P. Velsko et al. (1991), 1064 nm, as compiled by "
        "D. A. Roberts, IEEE J. Quantum Electron. 28, 2057 (1992)",
    ),
    "BiBO": CrystalData(
        axes=(
            _poles(
                0.48,
                3.1,
                _UMEMURA,
                3.07403,
                (0.03231, 0.03163),
                powers=((-0.013376, 1),),
            ),
            _poles(
                0.48,
                3.1,
                _UMEMURA,
                3.16940,
                (0.03717, 0.03483),
                powers=((-0.01827, 1),),
            ),
            _poles(
                0.48, 3.1, _UMEMURA, 3.6545, (0.05112, 0.03713), powers=((-0.02261, 1),)
            ),
        ),
        components={"xxx": 2.53, "xyy": 3.2, "xzz": -1.76, "xyz": 1.66},
        tensor_source="H. Hellwig et al., Solid State Commun. 109, 249 (1999), "
        "1079.5 nm, as quoted by V. Petrov et al., Laser Photonics Rev. 4, 53 (2010); "
        "x is the two-fold axis",
    ),
}
"""Names to crystals."""
