"""What happens to every amplitude by itself: phase and loss per length."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["PolynomialLinear", "UniformLinear", "VaryingLinear"]

Complex = NDArray[np.complex128]

_PLACES, _SHARES = np.polynomial.legendre.leggauss(3)
_MANY_PLACES, _MANY_SHARES = np.polynomial.legendre.leggauss(8)


class UniformLinear:
    """The same rates everywhere.

    Parameters
    ----------
    rates : ndarray of complex, shape (..., n)
        ``i (beta - omega / v) - alpha / 2`` for each amplitude, 1/m.
    """

    uniform = True

    def __init__(self, rates: Complex) -> None:
        from qleap.laser._kernels import steps

        self._rates = np.ascontiguousarray(rates, np.complex128).ravel()
        self._exponentials_into = steps.exponentials_into

    def propagator_into(self, start: float, end: float, out: Complex) -> None:
        """Write ``exp(rates (end - start))`` into ``out``."""
        self._exponentials_into(self._rates, end - start, out.reshape(-1))


class VaryingLinear:
    """Rates that change along the way, such as in a gradient of pressure.

    Parameters
    ----------
    rates : callable
        From a position in m to what `UniformLinear` takes.

    places : sequence of float, optional
        Increasing; between them the rates are smooth, m.

    Notes
    -----
    The integral over a step is taken at three Gauss-Legendre places in each smooth
    piece of it: exact for polynomials of fifth degree in the position.
    """

    uniform = False

    def __init__(
        self, rates: Callable[[float], Complex], places: Sequence[float] = ()
    ) -> None:
        from qleap.laser._kernels import steps

        self._rates, self._between = rates, tuple(places)
        self._exponentials_into = steps.exponentials_into

    def propagator_into(self, start: float, end: float, out: Complex) -> None:
        """Write ``exp(int rates dz)`` from ``start`` to ``end`` into ``out``."""
        out[...] = 0.0
        for middle, half in _pieces(start, end, self._between):
            for place, share in zip(_PLACES, _SHARES, strict=True):
                out += half * share * self._rates(middle + half * place)
        flat = out.reshape(-1)
        self._exponentials_into(flat, 1.0, flat)


class PolynomialLinear:
    """Rates that are a polynomial of one quantity that changes along the way.

    Such as a gas's density: the wave number is nearly linear in it, so that few terms
    are exact, and a step costs no more than these.

    Parameters
    ----------
    rates : callable
        From the quantity to what `UniformLinear` takes.
    quantity : callable
        Its value at a position in m.
    ends : (float, float)
        Smallest and largest value.
    places : sequence of float, optional
        Increasing; between them the quantity is smooth, m.
    degree : int
        Of the polynomial through the rates at Chebyshev places.

    Notes
    -----
    The quantity is integrated at eight Gauss-Legendre places in each smooth piece of a
    step.
    """

    uniform = False

    def __init__(
        self,
        rates: Callable[[float], Complex],
        quantity: Callable[[float], float],
        ends: tuple[float, float],
        places: Sequence[float] = (),
        degree: int = 4,
    ) -> None:
        from qleap.laser._kernels import steps

        self._exponentials_into = steps.exponentials_into
        low, high = ends
        self._middle, self._half = 0.5 * (high + low), 0.5 * (high - low)
        self._quantity, self._between = quantity, tuple(places)
        x = np.polynomial.chebyshev.chebpts1(degree + 1)
        values = np.stack([rates(self._middle + self._half * place) for place in x])
        matrix = np.linalg.inv(np.polynomial.chebyshev.chebvander(x, degree))
        self._terms = np.tensordot(matrix, values, axes=1)

    def propagator_into(self, start: float, end: float, out: Complex) -> None:
        """Write ``exp(int rates dz)`` from ``start`` to ``end`` into ``out``."""
        degree = len(self._terms) - 1
        moments = np.zeros(degree + 1)
        for middle, half in _pieces(start, end, self._between):
            values = [self._quantity(middle + half * place) for place in _MANY_PLACES]
            x = (np.array(values) - self._middle) / self._half
            terms = np.polynomial.chebyshev.chebvander(x, degree)
            moments += half * (_MANY_SHARES @ terms)
        out[...] = moments[0] * self._terms[0]
        for moment, term in zip(moments[1:], self._terms[1:], strict=True):
            out += moment * term
        flat = out.reshape(-1)
        self._exponentials_into(flat, 1.0, flat)


def _pieces(
    start: float, end: float, places: Sequence[float]
) -> Iterator[tuple[float, float]]:
    """Yield the middles and half the widths of the pieces of a step, m."""
    inside = places[bisect_right(places, start) : bisect_left(places, end)]
    for left, right in pairwise([start, *inside, end]):
        yield 0.5 * (right + left), 0.5 * (right - left)
