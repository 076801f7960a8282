"""Exact modes of round guides, from Maxwell's equations in every layer.

The fields ``Ez`` and ``Hz`` are Bessel functions of one azimuthal order in each layer,
the outermost an outgoing wave; all four tangential fields are continuous (J. A.
Stratton, Electromagnetic Theory (1941), section 9.15).
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import h1vp, h2vp, hankel1, hankel2, jv, jvp

Radial = Callable[[int, complex], complex]

SPEED_OF_LIGHT = 299_792_458.0


def exact_excess(
    omega: float,
    radii: Sequence[float],
    indices: Sequence[complex],
    order: int,
    guess: complex,
) -> complex:
    """Return the effective index minus one of the mode near ``guess``, by secants."""
    k = omega / SPEED_OF_LIGHT
    x0, x1 = guess, guess * (1.0 + 1e-4 + 1e-5j)
    f0, f1 = (_determinant(1.0 + x, k, radii, indices, order) for x in (x0, x1))
    for _ in range(60):
        x0, x1, f0 = x1, x1 - f1 * (x1 - x0) / (f1 - f0), f1
        f1 = _determinant(1.0 + x1, k, radii, indices, order)
        if abs(x1 - x0) < 1e-9 * abs(x1):
            return x1
    raise AssertionError("no mode was found near the guess")


def _layer(number: int, count: int) -> list[tuple[Radial, Radial]]:
    if number == 0:
        return [(jv, jvp)]
    outgoing, ingoing = (hankel1, h1vp), (hankel2, h2vp)
    return [outgoing] if number == count - 1 else [outgoing, ingoing]


def _determinant(
    index: complex,
    k: float,
    radii: Sequence[float],
    indices: Sequence[complex],
    order: int,
) -> complex:
    layers = [_layer(i, len(indices)) for i in range(len(indices))]
    offsets = np.concatenate([[0], np.cumsum([2 * len(layer) for layer in layers])])
    matrix: NDArray[np.complex128] = np.zeros((4 * len(radii), offsets[-1]), complex)
    for i, radius in enumerate(radii):
        for side, number in ((1.0, i), (-1.0, i + 1)):
            square = indices[number] ** 2
            across = k * np.sqrt(square - index**2 + 0j)
            scale = radii[min(number, len(radii) - 1)]
            rows = matrix[4 * i : 4 * i + 4]
            for j, (function, slope) in enumerate(layers[number]):
                size = function(order, across * scale)
                value = side * function(order, across * radius) / size
                rise = side * slope(order, across * radius) / size
                electric = offsets[number] + j
                magnetic = electric + len(layers[number])
                turn = 1j * k * index * 1j * order / (radius * across**2)
                rows[0, electric] += value
                rows[1, magnetic] += value
                rows[2, electric] += turn * value
                rows[2, magnetic] -= 1j * k / across * rise
                rows[3, magnetic] += turn * value
                rows[3, electric] += 1j * k * square / across * rise
    matrix /= np.abs(matrix).max(axis=1, keepdims=True)
    return complex(np.linalg.det(matrix))
