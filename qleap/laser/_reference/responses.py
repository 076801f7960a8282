"""Twins of the responses without memory."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


def cube_into(field: Floats, coefficient: float, out: Floats) -> None:
    """Add ``coefficient E^3``."""
    out += coefficient * field**3


def own_intensity_into(field: Complex, coefficient: float, out: Complex) -> None:
    """Add ``coefficient |A|^2 A``."""
    out += coefficient * np.abs(field) ** 2 * field


def without_harmonic_into(
    field: Floats, quadrature: Floats, coefficient: float, out: Floats
) -> None:
    """Add ``coefficient (E^2 + Q^2) E``."""
    out += coefficient * (field**2 + quadrature**2) * field


def product_into(field: Floats, weight: Floats, out: Floats) -> None:
    """Add ``weight E``."""
    out += weight * field


def vector_cube_into(field: Floats, coefficient: float, out: Floats) -> None:
    """Add ``coefficient (E . E) E``."""
    out += coefficient * np.sum(field**2, axis=0) * field


def vector_intensity_into(field: Complex, coefficient: float, out: Complex) -> None:
    """Add ``coefficient (2 |A|^2 A + (A . A) A*) / 3``."""
    size = np.sum(np.abs(field) ** 2, axis=0)
    square = np.sum(field**2, axis=0)
    out += coefficient / 3.0 * (2.0 * size * field + square * np.conj(field))


def vector_current_into(
    field: Floats,
    rate: Floats,
    fraction: Floats,
    step: float,
    free: float,
    energy: float,
    current: Floats,
) -> None:
    """Write the current that a field of two components drives."""
    driven = free * fraction * field
    steps = 0.5 * step * (driven[..., 1:] + driven[..., :-1])
    slope = np.gradient(driven, axis=-1) / 12.0
    current[...] = -step * (slope - slope[..., :1])
    current[..., 1:] += np.cumsum(steps, axis=-1)
    square = np.sum(field**2, axis=0)
    spent = energy * rate * (1.0 - fraction)
    current += (
        np.where(rate > 0.0, spent / np.where(rate > 0.0, square, 1.0), 0.0) * field
    )


def sources_into(
    from_polarisation: Complex,
    polarisation: Complex,
    from_current: Floats,
    current: Complex,
    out: Complex,
) -> None:
    """Write both sources' spectra times what turns them into the field's change."""
    out[...] = from_polarisation * polarisation + from_current * current
