"""Fourier transforms of the rows of an array in NumPy."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def rows_into(
    tables: Floats,  # noqa: ARG001
    backward: bool,
    scale: float,
    x: Floats,
    y: Floats,
    room: Floats,  # noqa: ARG001
) -> None:
    """Write ``scale`` times the Fourier sums of the rows of ``x`` into ``y``."""
    transform = np.fft.ifft if backward else np.fft.fft
    found = transform(x.view(np.complex128), norm="forward" if backward else "backward")
    y[...] = (scale * found).view(np.float64)


def real_to_time_into(
    tables: Floats,  # noqa: ARG001
    roots: Floats,  # noqa: ARG001
    x: Floats,
    y: Floats,
    room: Floats,  # noqa: ARG001
) -> None:
    """Write ``Re sum_k a_k exp(-2 pi i jk/n)`` of the rows of ``x`` into ``y``."""
    padded = np.zeros((x.shape[0], y.shape[1] // 2 + 1), np.complex128)
    padded[:, : x.shape[1] // 2] = x.view(np.complex128).conj()
    y[...] = 0.5 * np.fft.irfft(padded, y.shape[1], norm="forward")


def real_to_frequency_into(
    tables: Floats,  # noqa: ARG001
    roots: Floats,  # noqa: ARG001
    x: Floats,
    y: Floats,
    room: Floats,  # noqa: ARG001
) -> None:
    """Write ``2/n sum_j x_j exp(2 pi i jk/n)`` of the rows of ``x`` into ``y``."""
    found = 2.0 * np.fft.rfft(x, norm="forward").conj()
    y[...] = np.ascontiguousarray(found[:, : y.shape[1] // 2]).view(np.float64)


def shared_rows_into(
    tables: Floats, backward: bool, scale: float, x: Floats, y: Floats, room: Floats
) -> None:
    """Do the same with several threads."""
    rows_into(tables, backward, scale, x, y, room)


def shared_real_to_time_into(
    tables: Floats, roots: Floats, x: Floats, y: Floats, room: Floats
) -> None:
    """Do the same with several threads."""
    real_to_time_into(tables, roots, x, y, room)


def shared_real_to_frequency_into(
    tables: Floats, roots: Floats, x: Floats, y: Floats, room: Floats
) -> None:
    """Do the same with several threads."""
    real_to_frequency_into(tables, roots, x, y, room)
