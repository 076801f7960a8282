r"""Matrix elements between a bound state and plane waves.

In atomic units, :math:`d(\mathbf p)=\langle\mathbf p|\mathbf r|\psi\rangle=
i\nabla_p\psi(\mathbf p)` with plane waves :math:`(2\pi)^{-D/2}e^{i\mathbf{pr}}` in
:math:`D` dimensions. All of them are odd or even in :math:`\mathbf p`, and real but for
a common factor that drops out of a dipole.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.ionisation.atoms import Atom
from qleap.laser.ionisation.states import resolve

__all__ = [
    "DipoleElements",
    "gaussian_elements",
    "hydrogen_like_elements",
    "tabulated_elements",
]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

MOST_TERMS: Final = 96
"""Terms of a Chebyshev series; more would be noise of the table."""

ENOUGH: Final = 1e-9
"""Error of a series, over the largest element, at which no more terms are taken."""

ROUGHEST: Final = 1e-2
"""The same above which a table is refused."""

DECAY: Final = 5.0
"""Power with which the elements of hydrogen fall: so do tables beyond their end."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DipoleElements:
    r"""Matrix elements as a series in :math:`x=(s-p^2)/(s+p^2)`.

    Made by `hydrogen_like_elements`, `gaussian_elements` or `tabulated_elements`.

    Parameters
    ----------
    name : str
        What they are.
    dimensions : int
        3 or 1: in how many the electron spreads.
    scale : float
        :math:`s`, atomic units.
    series : array, shape (2, terms)
        Chebyshev coefficients of :math:`f` and :math:`g`.
    shell : int
        0 for s states, :math:`\mathbf d=\mathbf p f`; 1 for the three states of a p
        shell, :math:`d_{jk}=\delta_{jk}f+p_jp_kg`.
    factor : float
        :math:`c` where :math:`f=c/(p^2+s)^3`, which is computed without the series;
        0 elsewhere.
    error : float
        Largest deviation of the series over the largest element; 0 where it is exact.
    width : float
        :math:`\alpha` of a Gaussian, whose series holds at real momenta only; 0
        elsewhere.
    """

    name: str
    dimensions: int
    scale: float
    series: Floats = field(repr=False)
    shell: int = 0
    factor: float = 0.0
    error: float = 0.0
    width: float = 0.0

    def __call__(self, momentum: ArrayLike) -> Floats:
        """Return the element along ``momentum`` (both in atomic units), without i."""
        p = np.asarray(checks.vector("momentum", momentum, "au"))
        x = (self.scale - p**2) / (self.scale + p**2)
        f, g = (chebyshev.chebval(x, one) for one in self.series)
        return np.asarray(p * f if self.shell == 0 else f + p**2 * g)

    def continued(self, square: Complex) -> tuple[Complex, Complex]:
        r"""Return :math:`f` and :math:`g` at complex squares of the momentum.

        Raises
        ------
        InvalidValue
            Where they are interpolated in a table.
        """
        none = np.zeros_like(square)
        if self.factor:
            return np.asarray(self.factor / (square + self.scale) ** 3), none
        if self.width:
            top = _gaussian_top(self.width, self.dimensions)
            return np.asarray(top * np.exp(-square / (2.0 * self.width))), none
        if self.error:
            raise InvalidValue(
                "elements must hold at complex momenta here, hydrogen-like or Gaussian "
                f"ones, but {self.name!r} are interpolated; take sfa_dipole for these."
            )
        x = (self.scale - square) / (self.scale + square)
        f, g = (np.asarray(chebyshev.chebval(x, one)) for one in self.series)
        return f, g

    def parameters(self) -> dict[str, object]:
        """Return plain values that tell these elements from others."""
        return {
            "name": self.name,
            "dimensions": self.dimensions,
            "scale": self.scale,
            "shell": self.shell,
            "series": self.series.ravel().tolist(),
        }


def hydrogen_like_elements(
    target: Atom | str, *, shell: str = "s", dimensions: int = 3
) -> DipoleElements:
    r"""Return the elements of a hydrogen-like state with an atom's ionisation energy.

    Parameters
    ----------
    target : Atom or str
    shell : str
        ``"s"``, or ``"p"`` for the three states of a 2p shell, one electron in each.
    dimensions : int
        3; or 1, the state of a potential without width.

    Notes
    -----
    With :math:`\alpha=2I_p`. In three dimensions the s state has

    .. math:: \mathbf d=i\frac{2^{7/2}\alpha^{5/4}}{\pi}
              \frac{\mathbf p}{(p^2+\alpha)^3}

    (Lewenstein et al.; HHGmax has the same). The p states follow from the wave
    functions of Podolsky and Pauling, :math:`\psi_k=
    (8\sqrt2/\pi)\,\alpha^{7/4}p_k/(p^2+\alpha)^3`, by :math:`i\nabla_p`. In one
    dimension :math:`d=i\,2\sqrt{2/\pi}\,\alpha^{3/4}p/(p^2+\alpha)^2`.

    References
    ----------
    M. Lewenstein et al., Phys. Rev. A 49, 2117 (1994).

    B. Podolsky and L. Pauling, Phys. Rev. 34, 109 (1929).
    """
    who = resolve(target)
    checks.one_of("shell", shell, ("s", "p"))
    alpha = 2.0 * who.energy_au
    name = f"hydrogen-like {shell} of {who.name}"
    if _dimensions(dimensions) == 1:
        if shell == "p":
            raise InvalidValue("shell must be 's' in one dimension, got 'p'.")
        top = 2.0 * math.sqrt(2.0 / math.pi) * alpha**0.75 / alpha**2
        series = _powers({2: top})
        return DipoleElements(name=name, dimensions=1, scale=alpha, series=series)
    if shell == "p":
        top = 8.0 * math.sqrt(2.0) / math.pi * alpha**1.75 / alpha**3
        series = _powers({3: top}, {4: -6.0 * top / alpha})
        return DipoleElements(
            name=name, dimensions=3, scale=alpha, series=series, shell=1
        )
    factor = 2.0**3.5 * alpha**1.25 / math.pi
    series = _powers({3: factor / alpha**3})
    return DipoleElements(
        name=name, dimensions=3, scale=alpha, series=series, factor=factor
    )


def gaussian_elements(alpha: float, *, dimensions: int = 3) -> DipoleElements:
    r"""Return the elements of a Gaussian state, :math:`\psi\propto e^{-\alpha r^2/2}`.

    Parameters
    ----------
    alpha : float
        Atomic units; about the ionisation energy. Which one is a matter of the atom:
        the mean square of a coordinate is :math:`1/2\alpha`.
    dimensions : int
        3 or 1.

    Notes
    -----
    .. math:: \mathbf d=-i\,(\pi\alpha)^{-D/4}\,\frac{\mathbf p}{\alpha}\,
              e^{-p^2/2\alpha}
    """
    width = checks.positive("alpha", alpha, "au")
    top = _gaussian_top(width, _dimensions(dimensions))
    made = _fitted(
        lambda p: top * np.exp(-(p**2) / (2.0 * width)),
        f"Gaussian, alpha={width:g}",
        dimensions,
        math.sqrt(width),
    )
    return replace(made, width=width)


def tabulated_elements(
    momentum: ArrayLike, dipole: ArrayLike, *, dimensions: int = 3, name: str = "table"
) -> DipoleElements:
    """Return elements along the momentum, interpolated in a table of your own.

    Parameters
    ----------
    momentum : array_like
        Increasing, from 0 or above, atomic units.
    dipole : array_like
        Real elements of a state without angular momentum, atomic units; beyond the last
        momentum they fall as those of hydrogen.
    dimensions : int
        3 or 1.
    name : str
        Where they are from.

    Raises
    ------
    InvalidKind
        Where the elements are complex.
    InvalidValue
        Where counts differ, or the table is so rough that no series of 96 terms comes
        within a hundredth of its largest element.
    """
    if np.iscomplexobj(dipole):
        raise InvalidKind(
            "dipole must be real, got complex numbers; leave out the common factor i."
        )
    p = checks.increasing("momentum", momentum, "au", min_size=4)
    d = checks.vector("dipole", dipole, "au")
    if d.size != p.size or p[0] < 0.0:
        raise InvalidValue(
            f"dipole must have one value for each momentum >= 0, got {d.size} and "
            f"{p.size} from {p[0]:g} on."
        )
    inside = p > 0.0
    ratio = d[inside] / p[inside]
    # Odd elements over the momentum are even: mirrored, they are smooth at zero.
    ends = np.concatenate([-p[inside][::-1], p[inside]])
    curve = CubicSpline(ends, np.concatenate([ratio[::-1], ratio]))
    last = p[-1]

    def over(q: Floats) -> Floats:
        beyond = (last / np.maximum(q, last)) ** (DECAY + 1.0)
        return np.asarray(curve(np.minimum(q, last)) * beyond)

    return _fitted(over, name, dimensions, float(p[np.abs(d).argmax()]))


def _gaussian_top(width: float, dimensions: int) -> float:
    return float((math.pi * width) ** (-0.25 * dimensions) / width)


def _dimensions(value: int) -> int:
    if value not in (1, 3):
        raise InvalidValue(f"dimensions must be 1 or 3, got {value!r:.60}.")
    return value


def _powers(*rows: dict[int, float]) -> Floats:
    """Return series of powers of s/(s+p^2), which is (1+x)/2."""
    series = np.zeros((2, 5))
    for row, powers in enumerate(rows):
        for power, top in powers.items():
            monomials = np.polynomial.polynomial.polypow([0.5, 0.5], power)
            found = chebyshev.poly2cheb(top * monomials)
            series[row, : found.size] += found
    return series


def _fitted(
    over: Callable[[Floats], Floats], name: str, dimensions: int, peak: float
) -> DipoleElements:
    """Return the shortest series of elements over the momentum."""
    p = peak * np.concatenate(
        [np.linspace(0.0, 8.0, 801), np.geomspace(8.0, 200.0, 99)]
    )
    true = over(p)
    largest = np.abs(p * true).max()
    best = (math.inf, 0.0, np.zeros(0))
    tries = itertools.product(range(8, MOST_TERMS + 1, 8), 2.0 ** np.arange(-1.0, 6.0))
    for terms, wide in tries:
        scale = peak**2 * float(wide)
        nodes = chebyshev.chebpts1(terms)
        values = over(scale**0.5 * np.sqrt((1.0 - nodes) / (1.0 + nodes)))
        series = chebyshev.chebvander(nodes, terms - 1).T @ values * (2.0 / terms)
        series[0] *= 0.5
        found = chebyshev.chebval((scale - p**2) / (scale + p**2), series)
        error = float(np.abs(p * (found - true)).max() / largest)
        if error < best[0]:
            best = (error, scale, series)
        if error < ENOUGH:
            break
    if not best[0] < ROUGHEST:
        raise InvalidValue(
            f"dipole must be smooth, got a table from which the best series is off by "
            f"{best[0]:.2g} of its largest element; give more or smoother points."
        )
    return DipoleElements(
        name=name,
        dimensions=_dimensions(dimensions),
        scale=best[1],
        series=np.stack([best[2], np.zeros_like(best[2])]),
        error=best[0],
    )
