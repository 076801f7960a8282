"""sin, cos, atan2, exp and log that LLVM can vectorise inside a kernel's loop.

The numba that pip installs has no vector library, so that ``math.sin`` in a loop
runs one number at a time. These are straight lines of multiply-adds with range
reduction by explicit fused multiply-adds, which reordering flags leave alone.
Inside a kernel they cost a few nanoseconds an element; elsewhere use NumPy.

References
----------
W. J. Cody and W. Waite, Software Manual for the Elementary Functions (1980):
range reduction. Polynomial coefficients: Taylor series, truncated where the next
term falls below half a unit in the last place; for the logarithm the series of
2 artanh(s), Abramowitz and Stegun 4.1.27. The rational approximation of the
arctangent: S. L. Moshier, Methods and Programs for Mathematical Functions (1989).
"""

import math
from typing import Any, Final

import numpy as np

from qleap.core.jit import intrinsic, kernel, types

__all__ = ["atan2", "exp", "log", "sincos"]

_TWO_OVER_PI: Final = 2.0 / math.pi
# pi/2 and ln 2 as sums of numbers with trailing zeros: products with n are exact.
_HALF_PI_1: Final = float.fromhex("0x1.921fb544p+0")
_HALF_PI_2: Final = float.fromhex("0x1.0b4611a6p-34")
_HALF_PI_3: Final = float.fromhex("0x1.3198a2e037073p-69")
_LOG2_E: Final = 1.0 / math.log(2.0)
_LN2_1: Final = float.fromhex("0x1.62e42feep-1")
_LN2_2: Final = float.fromhex("0x1.a39ef35793c76p-33")
_MAGIC: Final = 6755399441055744.0  # 1.5 * 2^52: the sum's low bits are an integer
_LARGEST: Final = math.log(np.finfo(np.float64).max)
_SQRT_HALF: Final = math.sqrt(0.5)
_TAN_EIGHTH: Final = math.sqrt(2.0) - 1.0
_QUARTER_PI: Final = 0.25 * math.pi
_INF: Final = math.inf
_NAN: Final = math.nan


@intrinsic
def _fma(typing: Any, a: Any, b: Any, c: Any) -> Any:  # noqa: ARG001
    """Return ``a * b + c``, rounded once."""
    double = types.float64

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return builder.fma(*arguments)

    return double(double, double, double), generate


@intrinsic
def _bits(typing: Any, x: Any) -> Any:  # noqa: ARG001
    """Return the 64 bits of a double as an integer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return builder.bitcast(arguments[0], context.get_value_type(types.int64))

    return types.int64(types.float64), generate


@intrinsic
def _double(typing: Any, n: Any) -> Any:  # noqa: ARG001
    """Return the double that has the 64 bits of an integer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return builder.bitcast(arguments[0], context.get_value_type(types.float64))

    return types.float64(types.int64), generate


@kernel
def sincos(x: float) -> tuple[float, float]:
    """Return ``(sin x, cos x)``; absolute error below 3e-16 for ``|x| < 1e8``."""
    n = np.floor(x * _TWO_OVER_PI + 0.5)
    r = _fma(-n, _HALF_PI_3, _fma(-n, _HALF_PI_2, _fma(-n, _HALF_PI_1, x)))
    s = r * r
    p = _fma(s, 1.0 / 355687428096000.0, -1.0 / 1307674368000.0)
    p = _fma(s, p, 1.0 / 6227020800.0)
    p = _fma(s, p, -1.0 / 39916800.0)
    p = _fma(s, p, 1.0 / 362880.0)
    p = _fma(s, p, -1.0 / 5040.0)
    p = _fma(s, p, 1.0 / 120.0)
    p = _fma(s, p, -1.0 / 6.0)
    sine = _fma(r * s, p, r)
    q = _fma(s, 1.0 / 20922789888000.0, -1.0 / 87178291200.0)
    q = _fma(s, q, 1.0 / 479001600.0)
    q = _fma(s, q, -1.0 / 3628800.0)
    q = _fma(s, q, 1.0 / 40320.0)
    q = _fma(s, q, -1.0 / 720.0)
    q = _fma(s, q, 1.0 / 24.0)
    q = _fma(s, q, -0.5)
    cosine = _fma(s, q, 1.0)
    quadrant = n - 4.0 * np.floor(n * 0.25)
    odd = (quadrant == 1.0) | (quadrant == 3.0)
    a = cosine if odd else sine
    b = sine if odd else cosine
    a = -a if quadrant >= 2.0 else a
    b = -b if (quadrant == 1.0) | (quadrant == 2.0) else b
    return a, b


@kernel
def atan2(y: float, x: float) -> float:
    """Return the angle of the point (x, y); absolute error below 5e-16.

    The origin gives zero, and zeros have no sign.
    """
    a, b = abs(x), abs(y)
    high = a if a > b else b
    low = b if a > b else a
    steep = low > _TAN_EIGHTH * high
    top = low - high if steep else low
    bottom = low + high if steep else high
    t = top / (1.0 if high == 0.0 else bottom)
    z = t * t
    p = _fma(z, -8.750608600031904122785e-1, -1.615753718733365076637e1)
    p = _fma(z, p, -7.500855792314704667340e1)
    p = _fma(z, p, -1.228866684490136173410e2)
    p = _fma(z, p, -6.485021904942025371773e1)
    q = z + 2.485846490142306297962e1
    q = _fma(z, q, 1.650270098316988542046e2)
    q = _fma(z, q, 4.328810604912902668951e2)
    q = _fma(z, q, 4.853903996359136964868e2)
    q = _fma(z, q, 1.945506571482613964425e2)
    angle: float = _fma(t * z, p / q, t)
    angle = angle + _QUARTER_PI if steep else angle
    angle = 2.0 * _QUARTER_PI - angle if b > a else angle
    angle = 4.0 * _QUARTER_PI - angle if x < 0.0 else angle
    return -angle if y < 0.0 else angle


@kernel
def exp(x: float) -> float:
    """Return ``e^x``; relative error below 4e-16, zero below ``x = -708``."""
    c = 710.0 if x > 710.0 else x
    c = -708.0 if c < -708.0 else c
    n = np.floor(c * _LOG2_E + 0.5)
    r = _fma(-n, _LN2_2, _fma(-n, _LN2_1, c))
    p = _fma(r, 1.0 / 6227020800.0, 1.0 / 479001600.0)
    p = _fma(r, p, 1.0 / 39916800.0)
    p = _fma(r, p, 1.0 / 3628800.0)
    p = _fma(r, p, 1.0 / 362880.0)
    p = _fma(r, p, 1.0 / 40320.0)
    p = _fma(r, p, 1.0 / 5040.0)
    p = _fma(r, p, 1.0 / 720.0)
    p = _fma(r, p, 1.0 / 120.0)
    p = _fma(r, p, 1.0 / 24.0)
    p = _fma(r, p, 1.0 / 6.0)
    p = _fma(r, p, 0.5)
    p = _fma(r, p, 1.0)
    p = _fma(r, p, 1.0)
    # n is added to the exponent bits; the shift drops all of _MAGIC but n.
    value = _double(_bits(p) + (_bits(n + _MAGIC) << 52))
    value = _INF if x > _LARGEST else value
    return 0.0 if x < -708.0 else value


@kernel
def log(x: float) -> float:
    """Return the natural logarithm; relative error below 4e-16 for normal ``x``.

    Zero gives minus infinity, a negative number NaN; subnormal numbers count as
    zero.
    """
    bits = _bits(x)
    e = _double(((bits >> 52) & 0x7FF) | 0x4330000000000000) - 4503599627371518.0
    m = _double((bits & 0x000FFFFFFFFFFFFF) | 0x3FE0000000000000)
    low = m < _SQRT_HALF
    m = 2.0 * m if low else m
    e = e - 1.0 if low else e
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    p = _fma(z, 2.0 / 21.0, 2.0 / 19.0)
    p = _fma(z, p, 2.0 / 17.0)
    p = _fma(z, p, 2.0 / 15.0)
    p = _fma(z, p, 2.0 / 13.0)
    p = _fma(z, p, 2.0 / 11.0)
    p = _fma(z, p, 2.0 / 9.0)
    p = _fma(z, p, 2.0 / 7.0)
    p = _fma(z, p, 2.0 / 5.0)
    p = _fma(z, p, 2.0 / 3.0)
    tail = s * z * p
    value = _fma(e, _LN2_1, _fma(e, _LN2_2, _fma(2.0, s, tail)))
    value = x if x == _INF else value
    value = -_INF if x < 2.2250738585072014e-308 else value
    value = _NAN if x < 0.0 else value
    return _NAN if x != x else value
