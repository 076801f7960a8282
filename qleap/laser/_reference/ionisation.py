"""Ionisation along rows of a field in NumPy: the definition.

References
----------
M. Geissler et al., Phys. Rev. Lett. 83, 2930 (1999), eqs. (2) and (3): the current of
free electrons and the one that pays for their ionisation.
M. Abramowitz and I. A. Stegun, Handbook of Mathematical Functions (1964), 25.4.7: the
trapezoidal rule and the first correction of its ends.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

CELLS_PER_OCTAVE = 128
PER_MASS = 1.602176634e-19**2 / 9.1093837139e-31


def _rates(cells: Floats, edges: Floats, square: Floats) -> Floats:
    """Evaluate the cubics of the logarithm of the rate over the squared field."""
    bound = np.clip(square, edges[0], edges[1])
    mantissa, exponent = np.frexp(bound)
    octaves = exponent - np.frexp(edges[0])[1]
    from_edge = (2.0 * mantissa - 1.0) * CELLS_PER_OCTAVE
    place, inside = np.divmod(from_edge, 1.0)
    start = np.floor((2.0 * np.frexp(edges[0])[0] - 1.0) * CELLS_PER_OCTAVE)
    index = (octaves * CELLS_PER_OCTAVE + place - start).astype(np.int64)
    c0, c1, c2, c3 = cells[:, index]
    rate = np.exp(c0 + c1 * inside + c2 * inside**2 + c3 * inside**3)
    return np.where(square >= edges[0], rate, 0.0)


def rate_into(cells: Floats, edges: Floats, field: Floats, out: Floats) -> int:
    """Write the rates (1/s) of a real field (V/m), and return how many lie above."""
    out[:] = _rates(cells, edges, field**2)
    return int(np.count_nonzero(field**2 > edges[1]))


def envelope_rate_into(
    cells: Floats, edges: Floats, envelope: Complex, out: Floats
) -> int:
    """Write the rates of an envelope; as `rate_into`."""
    square = envelope.real**2 + envelope.imag**2
    out[:] = _rates(cells, edges, square)
    return int(np.count_nonzero(square > edges[1]))


def _integral(values: Floats, step: float, decay: float) -> Floats:
    """Return ``int exp(-decay (t - s)) values(s) ds`` from the first point on."""
    keep = np.exp(-decay * step)
    slope = np.empty_like(values)
    slope[..., 1:-1] = (values[..., 2:] - values[..., :-2]) / (2.0 * step)
    slope[..., 0] = (values[..., 1] - values[..., 0]) / step
    slope[..., -1] = (values[..., -1] - values[..., -2]) / step
    end = step**2 / 12.0 * (slope + decay * values)
    total = end[..., 0].copy()
    out = np.zeros_like(values)
    for i in range(1, values.shape[-1]):
        total = keep * total
        total += 0.5 * step * (keep * values[..., i - 1] + values[..., i])
        out[..., i] = total - end[..., i]
    return out


def electron_fraction_into(
    rate: Floats, step: float, fraction0: float, fraction: Floats
) -> None:
    """Write ``1 - (1 - f0) exp(-int w dt)``, the share of atoms without an electron."""
    exponent = np.maximum(_integral(rate, step, 0.0), 0.0)
    fraction[:] = fraction0 - (1.0 - fraction0) * np.expm1(-exponent)


def plasma_current_into(
    cells: Floats,
    edges: Floats,
    field: Floats,
    step: float,
    number_density: float,
    energy: float,
    collision_rate: float,
    fraction0: float,
    fraction: Floats,
    current: Floats,
) -> int:
    """Write the current density (A/m^2) that a real field drives, and the fraction."""
    rate = np.empty_like(field)
    above = rate_into(cells, edges, field, rate)
    electron_fraction_into(rate, step, fraction0, fraction)
    driven = PER_MASS * number_density * fraction * field
    born = number_density * rate * (1.0 - fraction)
    current[:] = _integral(driven, step, collision_rate)
    current += energy * born / np.where(rate > 0.0, field, 1.0)
    return above


def envelope_current_into(
    cells: Floats,
    edges: Floats,
    envelope: Complex,
    step: float,
    omega0: float,
    number_density: float,
    energy: float,
    collision_rate: float,
    fraction0: float,
    fraction: Floats,
    current: Complex,
) -> int:
    """Write the envelope of the current density on the carrier ``exp(-i omega0 t)``."""
    rate = np.empty(envelope.shape)
    above = envelope_rate_into(cells, edges, envelope, rate)
    electron_fraction_into(rate, step, fraction0, fraction)
    driven = PER_MASS * number_density * fraction * envelope
    pole = collision_rate - 1j * omega0
    current[:] = (driven - np.gradient(driven, step, axis=-1) / pole) / pole
    born = number_density * rate * (1.0 - fraction)
    square = np.where(rate > 0.0, envelope.real**2 + envelope.imag**2, 1.0)
    current += 2.0 * energy * born * envelope / square
    return above
