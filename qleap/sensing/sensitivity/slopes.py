"""The rules of calculus behind `Dual`: one entry for each function."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.sensitivity.dual import Dual

__all__ = ["FUNCTIONS", "call"]

Array = NDArray[Any]

_OF_ARGUMENT: dict[Any, Callable[[Array], Any]] = {
    np.log: lambda x: 1.0 / x,
    np.log2: lambda x: 1.0 / (x * np.log(2.0)),
    np.log10: lambda x: 1.0 / (x * np.log(10.0)),
    np.log1p: lambda x: 1.0 / (1.0 + x),
    np.square: lambda x: 2.0 * x,
    np.sin: np.cos,
    np.cos: lambda x: -np.sin(x),
    np.arcsin: lambda x: 1.0 / np.sqrt(1.0 - x * x),
    np.arccos: lambda x: -1.0 / np.sqrt(1.0 - x * x),
    np.arctan: lambda x: 1.0 / (1.0 + x * x),
    np.sinh: np.cosh,
    np.cosh: np.sinh,
    "erf": lambda x: 2.0 / np.sqrt(np.pi) * np.exp(-x * x),
    "erfc": lambda x: -2.0 / np.sqrt(np.pi) * np.exp(-x * x),
}
"""Derivatives of functions, computed from the argument. Functions of
`scipy.special` are known by name, so that it need not be imported here."""

_OF_VALUE: dict[Any, Callable[[Array], Any]] = {
    np.exp: lambda y: y,
    np.exp2: lambda y: y * np.log(2.0),
    np.expm1: lambda y: y + 1.0,
    np.sqrt: lambda y: 0.5 / y,
    np.cbrt: lambda y: 1.0 / (3.0 * y * y),
    np.reciprocal: lambda y: -y * y,
    np.tan: lambda y: 1.0 + y * y,
    np.tanh: lambda y: 1.0 - y * y,
    "expit": lambda y: y * (1.0 - y),
}
"""The same, computed from the value of the function."""

_FACTORS: dict[Any, float] = {
    np.negative: -1.0,
    np.positive: 1.0,
    np.deg2rad: np.pi / 180.0,
    np.rad2deg: 180.0 / np.pi,
}

_FLAT = (np.floor, np.ceil, np.rint, np.trunc, np.sign)
_TRUTH = (
    np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal,
    np.isfinite, np.isnan, np.isinf, np.logical_and, np.logical_or, np.logical_not,
)  # fmt: skip


def value_of(x: Any) -> Array:
    """Return the value of a dual, and anything else as an array."""
    return x.value if isinstance(x, Dual) else np.asarray(x)


def call(ufunc: Any, inputs: tuple[Any, ...]) -> Any:
    """Return ``ufunc`` of numbers and duals."""
    if ufunc in _TRUTH:
        return ufunc(*map(value_of, inputs))
    if ufunc in _PAIRS:
        return _PAIRS[ufunc](*inputs)
    if len(inputs) != 1:
        return NotImplemented
    x: Dual = inputs[0]
    if ufunc is np.absolute:
        return _absolute(x)
    if ufunc is np.conjugate:
        return x.conj()
    y = ufunc(x.value)
    if ufunc in _FLAT:
        return Dual(y, np.zeros_like(x.slopes))
    slope = _slope(ufunc, x.value, y)
    return NotImplemented if slope is None else Dual(y, slope * x.slopes)


def _slope(ufunc: Any, x: Array, y: Array) -> Any:
    for key in (ufunc, ufunc.__name__):
        if key in _FACTORS:
            return _FACTORS[key]
        if key in _OF_ARGUMENT:
            return _OF_ARGUMENT[key](x)
        if key in _OF_VALUE:
            return _OF_VALUE[key](y)
    if ufunc.__name__ == "wofz":  # Faddeeva: of Voigt profiles
        return -2.0 * x * y + 2j / np.sqrt(np.pi)
    return None


def _absolute(x: Dual) -> Dual:
    size = np.abs(x.value)
    if not np.iscomplexobj(x.value):
        return Dual(size, np.sign(x.value) * x.slopes)
    safe = np.where(size == 0.0, 1.0, size)
    return Dual(size, (x.value.conj() * x.slopes).real / safe)


def _two(value: Array, *parts: tuple[Any, Any]) -> Dual:
    """Return a dual from partial derivatives by those operands that are duals."""
    slopes: Any = 0.0
    for operand, partial in parts:
        if isinstance(operand, Dual):
            slopes = slopes + partial() * _lifted(operand, np.ndim(value))
    return Dual(value, slopes)


def _lifted(x: Dual, ndim: int) -> Array:
    """Return slopes with axes of length one behind the first: they broadcast."""
    fill = (1,) * (ndim - x.ndim)
    return x.slopes.reshape(len(x.slopes), *fill, *x.shape)


def _add(a: Any, b: Any) -> Dual:
    return _two(value_of(a) + value_of(b), (a, lambda: 1.0), (b, lambda: 1.0))


def _subtract(a: Any, b: Any) -> Dual:
    return _two(value_of(a) - value_of(b), (a, lambda: 1.0), (b, lambda: -1.0))


def _multiply(a: Any, b: Any) -> Dual:
    x, y = value_of(a), value_of(b)
    return _two(x * y, (a, lambda: y), (b, lambda: x))


def _divide(a: Any, b: Any) -> Dual:
    x, y = value_of(a), value_of(b)
    value = x / y
    return _two(value, (a, lambda: 1.0 / y), (b, lambda: -value / y))


def _power(a: Any, b: Any) -> Dual:
    x, y = value_of(a), value_of(b)
    value = np.power(x, y)

    def by_base() -> Array:
        whole = np.where(y == 0, 1, y)  # x^0 is flat, at zero too
        return np.asarray(y * np.power(x, whole - 1))

    def by_exponent() -> Array:
        return np.asarray(value * np.log(np.where(x == 0, 1, x)))

    return _two(value, (a, by_base), (b, by_exponent))


def _arctan2(a: Any, b: Any) -> Dual:
    y, x = value_of(a), value_of(b)
    r = x * x + y * y
    return _two(np.arctan2(y, x), (a, lambda: x / r), (b, lambda: -y / r))


def _hypot(a: Any, b: Any) -> Dual:
    x, y = value_of(a), value_of(b)
    r = np.hypot(x, y)
    return _two(r, (a, lambda: x / r), (b, lambda: y / r))


def _maximum(a: Any, b: Any) -> Dual:
    x, y = value_of(a), value_of(b)
    first = x >= y
    return _two(np.maximum(x, y), (a, lambda: first), (b, lambda: ~first))


def _minimum(a: Any, b: Any) -> Dual:
    x, y = value_of(a), value_of(b)
    first = x <= y
    return _two(np.minimum(x, y), (a, lambda: first), (b, lambda: ~first))


def _matmul(a: Any, b: Any) -> Dual:
    value = value_of(a) @ value_of(b)
    row, column = np.ndim(a) == 1, np.ndim(b) == 1
    left = a[None, :] if row else a
    right = b[:, None] if column else b
    ndim = max(np.ndim(left), np.ndim(right))
    slopes: Any = 0.0
    if isinstance(left, Dual):
        slopes = slopes + _lifted(left, ndim) @ value_of(right)
    if isinstance(right, Dual):
        slopes = slopes + value_of(left) @ _lifted(right, ndim)
    return Dual(value, slopes.reshape(len(slopes), *value.shape))


_PAIRS: dict[Any, Callable[[Any, Any], Dual]] = {
    np.add: _add,
    np.subtract: _subtract,
    np.multiply: _multiply,
    np.divide: _divide,
    np.power: _power,
    np.float_power: _power,
    np.arctan2: _arctan2,
    np.hypot: _hypot,
    np.maximum: _maximum,
    np.minimum: _minimum,
    np.matmul: _matmul,
}


def _width(*parts: Any) -> int:
    return next(len(p.slopes) for p in parts if isinstance(p, Dual))


def _slopes_of(x: Any, n: int) -> Array:
    if isinstance(x, Dual):
        return x.slopes
    return np.zeros((n, *np.shape(x)))


def _where(condition: Any, a: Any, b: Any) -> Dual:
    chosen = value_of(condition)
    value = np.where(chosen, value_of(a), value_of(b))
    n = _width(a, b)
    parts = [x if isinstance(x, Dual) else Dual(x, _slopes_of(x, n)) for x in (a, b)]
    one, other = (_lifted(x, value.ndim) for x in parts)
    return Dual(value, np.where(chosen, one, other))


def _einsum(subscripts: str, *operands: Any, **options: Any) -> Dual:
    values = [value_of(x) for x in operands]
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    if not arrow or "." in subscripts:
        raise NotImplementedError(
            "einsum of a Dual needs the form 'ij,jk->ik' with letters only."
        )
    terms = inputs.split(",")
    free = next(c for c in "zyxwvutsrqponmlkjihgfedcba" if c not in subscripts)
    slopes: Any = 0.0
    for place, x in enumerate(operands):
        if isinstance(x, Dual):
            names = [free + t if i == place else t for i, t in enumerate(terms)]
            rest = [x.slopes if i == place else v for i, v in enumerate(values)]
            written = f"{','.join(names)}->{free}{output}"
            slopes = slopes + np.einsum(written, *rest, **options)
    return Dual(np.einsum(subscripts, *values, **options), slopes)


def _joined(function: Any, parts: Any, axis: int = 0) -> Dual:
    items = list(parts)
    n = _width(*items)
    values = [value_of(x) for x in items]
    value = function(values, axis=axis)
    place = axis if axis < 0 else axis + 1
    return Dual(value, function([_slopes_of(x, n) for x in items], axis=place))


def _cumsum(x: Dual, axis: int | None = None) -> Dual:
    if axis is None:
        return _cumsum(x.ravel(), 0)
    place = axis % x.ndim
    return Dual(np.cumsum(x.value, axis=place), np.cumsum(x.slopes, axis=place + 1))


def _trace(x: Dual) -> Dual:
    return Dual(np.trace(x.value), np.trace(x.slopes, axis1=1, axis2=2))


def _clip(x: Any, low: Any, high: Any) -> Dual:
    return _minimum(_maximum(x, low), high)


def _solve(a: Any, b: Any) -> Dual:
    x, y = value_of(a), value_of(b)
    value = np.linalg.solve(x, y)
    change: Any = 0.0
    if isinstance(b, Dual):
        change = change + b.slopes
    if isinstance(a, Dual):
        change = change - a.slopes @ value
    column = change[..., None] if value.ndim == 1 else change
    slopes = np.linalg.solve(x, column)
    return Dual(value, slopes[..., 0] if value.ndim == 1 else slopes)


def _inv(a: Dual) -> Dual:
    value = np.linalg.inv(a.value)
    return Dual(value, -value @ a.slopes @ value)


def _eigvalsh(a: Dual) -> Dual:
    """Return eigenvalues; their slopes are those of levels that do not touch."""
    energies, states = np.linalg.eigh(a.value)
    slopes = np.einsum("...ik,n...ij,...jk->n...k", states.conj(), a.slopes, states)
    return Dual(energies, slopes.real)


def _sinc(x: Dual) -> Dual:
    value = np.sinc(x.value)
    near = np.abs(x.value) < 0.01  # where the closed form loses digits
    safe = np.where(near, 1.0, x.value)
    square = (np.pi * x.value) ** 2
    series = 1.0 - square / 10.0 + square**2 / 280.0
    close = -(np.pi**2) * x.value / 3.0 * series
    slope = np.where(near, close, (np.cos(np.pi * x.value) - value) / safe)
    return Dual(value, slope * x.slopes)


FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.sum: lambda x, axis=None, keepdims=False: x.sum(axis, keepdims),
    np.mean: lambda x, axis=None, keepdims=False: x.mean(axis, keepdims),
    np.real: lambda x: x.real,
    np.imag: lambda x: x.imag,
    np.reshape: lambda x, shape: x.reshape(shape),
    np.ravel: lambda x: x.ravel(),
    np.transpose: lambda x, axes=None: x.transpose(*([] if axes is None else [axes])),
    np.shape: lambda x: x.shape,
    np.ndim: lambda x: x.ndim,
    np.size: lambda x: x.size,
    np.zeros_like: lambda x, **k: np.zeros_like(x.value, **k),
    np.ones_like: lambda x, **k: np.ones_like(x.value, **k),
    np.where: _where,
    np.einsum: _einsum,
    np.concatenate: lambda parts, axis=0: _joined(np.concatenate, parts, axis),
    np.stack: lambda parts, axis=0: _joined(np.stack, parts, axis),
    np.cumsum: _cumsum,
    np.trace: _trace,
    np.clip: _clip,
    np.dot: _matmul,
    np.sinc: _sinc,
    np.linalg.solve: _solve,
    np.linalg.inv: _inv,
    np.linalg.eigvalsh: _eigvalsh,
}
"""Functions that are not ufuncs."""
