"""What happens to every amplitude by itself: phase and loss per length."""

from collections.abc import Callable

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

    Notes
    -----
    The integral over a step is taken at three Gauss-Legendre places: exact for
    rates that are polynomials of fifth degree in the position.
    """

    uniform = False

    def __init__(self, rates: Callable[[float], Complex]) -> None:
        from qleap.laser._kernels import steps

        self._rates = rates
        self._exponentials_into = steps.exponentials_into

    def propagator_into(self, start: float, end: float, out: Complex) -> None:
        """Write ``exp(int rates dz)`` from ``start`` to ``end`` into ``out``."""
        half, middle = 0.5 * (end - start), 0.5 * (end + start)
        out[...] = 0.0
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
    degree : int
        Of the polynomial through the rates at Chebyshev places.

    Notes
    -----
    The quantity is integrated at eight Gauss-Legendre places: to 1e-4 of the first step
    even where it begins as a root, as the pressure does in a flow from vacuum.
    """

    uniform = False

    def __init__(
        self,
        rates: Callable[[float], Complex],
        quantity: Callable[[float], float],
        ends: tuple[float, float],
        degree: int = 4,
    ) -> None:
        from qleap.laser._kernels import steps

        self._exponentials_into = steps.exponentials_into
        low, high = ends
        self._middle, self._half = 0.5 * (high + low), 0.5 * (high - low)
        self._quantity = quantity
        x = np.polynomial.chebyshev.chebpts1(degree + 1)
        values = np.stack([rates(self._middle + self._half * place) for place in x])
        matrix = np.linalg.inv(np.polynomial.chebyshev.chebvander(x, degree))
        self._terms = np.tensordot(matrix, values, axes=1)

    def propagator_into(self, start: float, end: float, out: Complex) -> None:
        """Write ``exp(int rates dz)`` from ``start`` to ``end`` into ``out``."""
        half, middle = 0.5 * (end - start), 0.5 * (end + start)
        moments = np.zeros(len(self._terms))
        for place, share in zip(_MANY_PLACES, _MANY_SHARES, strict=True):
            value = self._quantity(middle + half * place)
            x = np.array([(value - self._middle) / self._half])
            terms = np.polynomial.chebyshev.chebvander(x, len(moments) - 1)[0]
            moments += half * share * terms
        out[...] = moments[0] * self._terms[0]
        for moment, term in zip(moments[1:], self._terms[1:], strict=True):
            out += moment * term
        flat = out.reshape(-1)
        self._exponentials_into(flat, 1.0, flat)
