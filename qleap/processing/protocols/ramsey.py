"""Decaying oscillations of measured probabilities.

``y(t) = exp(-rate t) (a cos(2 pi f t) + b sin(2 pi f t)) + B`` by weighted least
squares: on a grid of rates and frequencies, where the rest is linear, then all five.
The intervals are those of the normal approximation in the logarithm of the rate, in
which it holds for far fewer shots than in the time; a rate that may be zero is taken
itself.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.processing.protocols.decays import (
    FASTEST,
    RESAMPLES,
    SEED,
    SLOWEST,
    Survivals,
)

__all__ = ["Oscillation", "fit_oscillation"]

Reals = NDArray[np.float64]

LOGARITHMIC: Final = 0.5
"""Relative error of a rate above which its own values, no logarithms, are normal."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Oscillation:
    """A fitted decaying oscillation.

    Parameters
    ----------
    rate : float
        Of the envelope, 1/s.
    frequency : float
        Hz.
    cosine, sine, offset : float
        Amplitudes, and what is left at the end.
    rates, frequencies : ndarray, shape (n_resamples,)
        Drawn from their uncertainty.
    """

    rate: float
    frequency: float
    cosine: float
    sine: float
    offset: float
    rates: Reals
    frequencies: Reals

    def curve(self, x: ArrayLike) -> Reals:
        """Return the fitted curve."""
        t = np.asarray(x, np.float64)
        return _model(
            t, np.log(self.rate), self.frequency, self.cosine, self.sine, self.offset
        )


def fit_oscillation(
    data: Survivals, frequency: float, *, stream: int = 0
) -> Oscillation:
    """Return the oscillation that fits ``data`` best.

    Parameters
    ----------
    data : Survivals
        Over time, s.
    frequency : float
        Expected, Hz; it is looked for between 0 and twice that, or up to what the
        shortest step can tell.
    stream : int
        Of the random numbers.
    """
    from scipy.optimize import curve_fit

    t, y, errors = data.x, data.means, data.errors
    length, step = float(t[-1] - t[0]), float(np.diff(t).min())
    fastest = max(2.0 * frequency, 4.0 / length)
    grid = np.linspace(0.25 / length, min(fastest, 0.5 / step), 160)
    rates = np.geomspace(0.05 / length, 0.5 / step, 16)
    begin = _best_of_grid(t, y / errors, errors, rates, grid)
    slowest, fastest = SLOWEST / length, FASTEST / step
    edge = np.array([np.inf, np.inf, 2.0, 2.0, 2.0])
    low, high = -edge, edge.copy()
    low[0], high[0], low[1] = np.log(slowest), np.log(fastest), 0.0
    values, _ = curve_fit(
        _model, t, y, np.clip(begin, low, high), errors, bounds=(low, high)
    )
    spread = _spread(t, values, errors)
    rng = np.random.default_rng([SEED, stream])
    normal = rng.standard_normal((2, 10 * RESAMPLES))
    rate = float(np.exp(values[0]))
    if spread[0] < LOGARITHMIC:
        rates = rate * np.exp(spread[0] * normal[0])
    else:
        rates = np.maximum(rate * (1.0 + spread[0] * normal[0]), slowest)
    return Oscillation(
        rate=rate,
        frequency=float(values[1]),
        cosine=float(values[2]),
        sine=float(values[3]),
        offset=float(values[4]),
        rates=rates,
        frequencies=values[1] + spread[1] * normal[1],
    )


def _spread(t: Reals, values: Reals, errors: Reals) -> Reals:
    """Return standard errors of the logarithm of the rate and of the frequency."""
    log_rate, f, a, b, _ = values
    phase, rate = 2.0 * np.pi * f * t, np.exp(log_rate)
    envelope = np.exp(-rate * t)
    cosine, sine = envelope * np.cos(phase), envelope * np.sin(phase)
    slopes = np.stack(
        [
            -t * (a * cosine + b * sine),  # by the rate itself, which may be tiny
            2.0 * np.pi * t * (b * cosine - a * sine),
            cosine,
            sine,
            np.ones_like(t),
        ]
    )
    scale = np.linalg.norm(slopes / errors, axis=1)
    scaled = slopes / errors / np.maximum(scale, 1e-300)[:, None]
    covariance = np.linalg.pinv(scaled @ scaled.T, hermitian=True)
    found: Reals = np.sqrt(np.diag(covariance)) / np.maximum(scale, 1e-300)
    return np.array([found[0] / rate, found[1]])


def _best_of_grid(
    t: Reals, scaled: Reals, errors: Reals, rates: Reals, grid: Reals
) -> Reals:
    """Return the logarithm of the rate, frequency, both amplitudes and offset."""
    phase = 2.0 * np.pi * grid[None, :, None] * t
    envelope = np.exp(-rates[:, None, None] * t) / errors
    waves = np.broadcast_arrays(
        envelope * np.cos(phase), envelope * np.sin(phase), 1.0 / errors
    )
    columns = np.stack(waves, axis=-1)
    turned = np.swapaxes(columns, -1, -2)
    square = turned @ columns
    square += 1e-9 * np.trace(square, axis1=-2, axis2=-1)[..., None, None] * np.eye(3)
    found = np.linalg.solve(square, (turned @ scaled)[..., None])
    rest = (columns @ found)[..., 0] - scaled
    place = np.unravel_index(np.argmin((rest**2).sum(axis=-1)), rest.shape[:2])
    return np.array([np.log(rates[place[0]]), grid[place[1]], *found[place][:, 0]])


def _model(
    t: Reals, log_rate: float, f: float, a: float, b: float, offset: float
) -> Reals:
    phase = 2.0 * np.pi * f * t
    envelope = np.exp(-np.exp(log_rate) * t)
    found: Reals = envelope * (a * np.cos(phase) + b * np.sin(phase)) + offset
    return found
