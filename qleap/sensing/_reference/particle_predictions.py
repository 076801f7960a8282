"""Predictions of models for many particles, one formula at a time."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["lorentzian_predictions", "rabi_predictions", "ramsey_predictions"]

Array = NDArray[np.float64]


def lorentzian_predictions(x: Array, particles: Array, offsets: Array) -> Array:
    """Return background minus lines; rows are positions, widths, depths, background.

    Shape ``(m, n)`` for ``m`` frequencies and ``n`` particles.
    """
    n_lines = len(particles) // 3
    positions, widths, depths = particles[:-1].reshape(3, n_lines, -1)
    places = positions[:, None] + offsets[:, None]
    u = (x[:, None, None, None] - places) / (0.5 * widths[:, None])
    dips = depths[:, None] / (1.0 + u**2)
    return np.asarray(particles[-1] - dips.sum(axis=(1, 2)))


def rabi_predictions(x: Array, particles: Array, nodes: Array, shares: Array) -> Array:
    """Return o + a sum_k w_k f^2/F_k^2 (1 - exp(-t/T) cos(2 pi F_k t))/2.

    Rows are o, a, f, T, the spread s of the detuning and the delay d; t is x less d,
    and F_k^2 = f^2 + (s u_k)^2 with nodes u and shares w of a normal distribution.
    Where F_k is zero, nothing moves.
    """
    offset, amplitude, frequency, decay_time, spread, delay = particles
    t = x[:, None] - delay
    moved = np.zeros(t.shape)
    for node, share in zip(nodes, shares, strict=True):
        total = np.hypot(frequency, spread * node)
        depth = np.where(
            total > 0.0, frequency / np.where(total > 0.0, total, 1.0), 0.0
        )
        left = np.exp(-t / decay_time) * np.cos(2.0 * np.pi * total * t)
        moved += share * depth**2 * 0.5 * (1.0 - left)
    return np.asarray(offset + amplitude * moved)


def ramsey_predictions(
    x: Array, particles: Array, offsets: Array, shares: Array
) -> Array:
    """Return o + a exp(-(t/T)^p) sum_k w_k cos(2 pi (d + a_k) t + phase).

    Rows are o, a, d, T, p and the phase.
    """
    offset, amplitude, detuning, t2_star, exponent, phase = particles
    t = x[:, None]
    decay = np.exp(-((np.abs(t) / t2_star) ** exponent))
    turned = [2.0 * np.pi * (detuning + place) * t + phase for place in offsets]
    fringes = sum(w * np.cos(a) for w, a in zip(shares, turned, strict=True))
    return np.asarray(offset + amplitude * decay * fringes)
