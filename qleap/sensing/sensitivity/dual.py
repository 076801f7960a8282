r"""Arrays that carry their derivatives: exact slopes of any NumPy model.

A `Dual` is an array with the partial derivatives of all its elements. NumPy
functions of it return duals, by the rules of calculus and not by differences, so
that derivatives are as exact as the values. Models need no change: they are called
with duals where they expect numbers.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core.errors import InvalidKind

__all__ = ["Dual", "differentiate"]

Array = NDArray[Any]


class Dual(np.lib.mixins.NDArrayOperatorsMixin):
    """An array and its derivatives by ``n`` parameters.

    Parameters
    ----------
    value : ndarray, shape ``s``
        Real or complex.
    slopes : ndarray, shape ``(n, *s)``
        Partial derivatives of every element.

    Notes
    -----
    Supported are the arithmetic operators, comparisons (of values), the elementary
    functions, ``erf``, ``erfc``, ``expit`` and ``wofz`` of `scipy.special`, and
    ``sum``, ``mean``, ``where``, ``einsum``, ``matmul``, ``trace``,
    ``concatenate``, ``stack``,
    ``reshape``, ``transpose``, ``cumsum``, ``clip``, ``real``, ``imag``,
    ``linalg.solve``, ``linalg.inv`` and ``linalg.eigvalsh``. Anything else raises
    a `TypeError` rather than dropping the derivatives. Branches on values are
    those of the point at which one differentiates; the slope of ``abs`` at zero
    is taken as zero.
    """

    __slots__ = ("slopes", "value")

    def __init__(self, value: ArrayLike, slopes: ArrayLike) -> None:
        self.value: Array = np.asarray(value)
        given = np.asarray(slopes)
        self.slopes: Array = np.broadcast_to(given, (given.shape[0], *self.value.shape))

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the value."""
        return self.value.shape

    @property
    def ndim(self) -> int:
        """Number of axes of the value."""
        return self.value.ndim

    @property
    def size(self) -> int:
        """Number of elements of the value."""
        return self.value.size

    @property
    def dtype(self) -> "np.dtype[Any]":
        """Of the value."""
        return self.value.dtype

    @property
    def real(self) -> "Dual":
        """Real part."""
        return Dual(self.value.real, self.slopes.real)

    @property
    def imag(self) -> "Dual":
        """Imaginary part."""
        return Dual(self.value.imag, self.slopes.imag)

    @property
    def T(self) -> "Dual":  # noqa: N802 - NumPy's name
        """All axes reversed."""
        return self.transpose()

    def __len__(self) -> int:
        return len(self.value)

    def __repr__(self) -> str:
        return f"Dual({self.value!r}, {self.slopes!r})"

    def __getitem__(self, key: Any) -> "Dual":
        whole = key if isinstance(key, tuple) else (key,)
        return Dual(self.value[key], self.slopes[(slice(None), *whole)])

    def __bool__(self) -> bool:
        return bool(self.value)

    def __float__(self) -> float:
        raise InvalidKind(
            "float() of a Dual would drop its derivatives; use NumPy functions in "
            "the model, not those of math."
        )

    def __array__(self, *_: Any, **__: Any) -> Array:
        raise InvalidKind(
            "a Dual cannot become a plain array without losing its derivatives; "
            "use np.stack or np.concatenate in the model, not np.array."
        )

    def sum(self, axis: Any = None, keepdims: bool = False) -> "Dual":
        """Return the sum along ``axis``."""
        return _linear(np.sum, self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> "Dual":
        """Return the mean along ``axis``."""
        return _linear(np.mean, self, axis=axis, keepdims=keepdims)

    def reshape(self, *shape: Any) -> "Dual":
        """Return the same elements in another shape."""
        value = self.value.reshape(*shape)
        return Dual(value, self.slopes.reshape(len(self.slopes), *value.shape))

    def ravel(self) -> "Dual":
        """Return the elements along one axis."""
        return self.reshape(-1)

    def transpose(self, *axes: Any) -> "Dual":
        """Return the same elements with permuted axes."""
        order = axes[0] if len(axes) == 1 and np.ndim(axes[0]) else axes
        full = tuple(order) if order else tuple(range(self.ndim))[::-1]
        full = tuple(a % self.ndim for a in full) if self.ndim else ()
        return Dual(
            self.value.transpose(full),
            self.slopes.transpose((0, *(a + 1 for a in full))),
        )

    def conj(self) -> "Dual":
        """Return the complex conjugate."""
        return Dual(self.value.conj(), self.slopes.conj())

    def __array_ufunc__(
        self, ufunc: Any, method: str, *inputs: Any, **options: Any
    ) -> Any:
        from qleap.sensing.sensitivity import slopes

        if method == "reduce" and ufunc is np.add:
            options.setdefault("axis", 0)
            options.pop("dtype", None)
            options.pop("out", None)
            return _linear(np.sum, inputs[0], **options)
        if method != "__call__" or options:
            return NotImplemented
        return slopes.call(ufunc, inputs)

    def __array_function__(
        self, function: Any, _: Any, arguments: Any, options: Any
    ) -> Any:
        from qleap.sensing.sensitivity import slopes

        if function not in slopes.FUNCTIONS:
            return NotImplemented
        return slopes.FUNCTIONS[function](*arguments, **options)


def _linear(function: Callable[..., Any], dual: Dual, **options: Any) -> Dual:
    """Apply a reduction along axes to the value and to the slopes alike."""
    axis = options.pop("axis", None)
    every = tuple(range(dual.ndim)) if axis is None else axis
    axes = every if isinstance(every, tuple) else (every,)
    axes = tuple(a % dual.ndim for a in axes) if dual.ndim else ()
    moved = tuple(a + 1 for a in axes)
    value = function(dual.value, axis=axes, **options)
    return Dual(value, function(dual.slopes, axis=moved, **options))


def differentiate(
    model: Callable[..., Any], parameters: Mapping[str, float]
) -> tuple[Array, Array]:
    """Return the values of a model and their exact derivatives.

    Parameters
    ----------
    model : callable
        Called with the parameters by name; returns an array of any shape ``s``,
        computed with NumPy functions (see `Dual`).
    parameters : mapping of str to float
        The point at which to differentiate.

    Returns
    -------
    ndarray, shape ``s``
        The values.
    ndarray, shape ``(n, *s)``
        The derivatives by the parameters, in their order.

    Examples
    --------
    >>> value, slopes = differentiate(lambda t: np.exp(-t), {"t": 0.0})
    >>> float(slopes[0])
    -1.0
    """
    unit = np.eye(len(parameters))
    point = {
        name: Dual(np.float64(value), unit[i])
        for i, (name, value) in enumerate(parameters.items())
    }
    found = model(**point)
    if not isinstance(found, Dual):  # depends on none of the parameters
        value = np.asarray(found)
        if value.dtype == object:
            raise InvalidKind(
                "model must return one array, got an array of objects; collect "
                "numbers with np.stack, not np.array."
            )
        return value, np.zeros((len(parameters), *value.shape))
    return found.value, np.array(found.slopes)
