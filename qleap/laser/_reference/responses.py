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


def sources_into(
    from_polarisation: Complex,
    polarisation: Complex,
    from_current: Floats,
    current: Complex,
    out: Complex,
) -> None:
    """Write both sources' spectra times what turns them into the field's change."""
    out[...] = from_polarisation * polarisation + from_current * current
