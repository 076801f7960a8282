"""From a trace on a grid to spectra: projections, local passes, least squares."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.blas import one_blas_thread
from qleap.core.buffers import aligned_array, aligned_copy
from qleap.laser.metrology.model import TraceModel, as_pairs
from qleap.laser.metrology.priors import SmoothPrior

__all__ = ["Fitted", "fit", "improve", "project", "sharpen", "trace_error"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

ORDERS: Final = {"shg": 4, "pg": 6, "thg": 6, "sd": 6}
"""Power of the field that a trace grows with."""

MEMORY: Final = 20
"""Pairs that the quasi-Newton method keeps."""

LAST: Final = 1e-11
"""Of the first cost, the least that a step of least squares must gain."""

SHARPENED: Final = 128
"""Most points for which all derivatives are kept at once."""

STALE: Final = 15
"""Local passes without a better trace after which they end."""


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """Where a search has ended.

    Parameters
    ----------
    spectrum : ndarray, shape (2, n)
        Amplitudes in pairs, on the scale of the trace.
    error : float
        `trace_error` there.
    """

    spectrum: Floats
    error: float


def trace_error(measured: Floats, found: Floats) -> tuple[float, float]:
    """Return the trace error at the best scale, and that scale.

    ``sqrt(mean((T - mu T')^2)) / max T``: Geib et al., Optica 6, 495 (2019), and
    with the same weight everywhere the FROG error of Trebino et al., Rev. Sci.
    Instrum. 68, 3277 (1997).
    """
    scale = float(np.sum(measured * found) / np.sum(found * found))
    off = measured - scale * found
    return float(np.sqrt(np.mean(off * off)) / measured.max()), scale


def project(measured: Floats, guess: Complex, iterations: int) -> tuple[Complex, float]:
    """Return the pulse after projections of second-harmonic FROG, and their error.

    Parameters
    ----------
    measured : ndarray, shape (n, n)
        Even in the delay; delays and frequencies in FFT order.
    guess : ndarray of complex, shape (n,)
        Envelope.
    iterations : int

    Returns
    -------
    envelope : ndarray of complex, shape (n,)
    error : float
        Of the trace before the last iteration, as of `trace_error`.
    """
    from qleap.laser._kernels import pcgpa
    from qleap.laser._reference.fft import tables

    n = guess.size
    roots = aligned_copy(np.sqrt(np.maximum(measured[: n // 2 + 1], 0.0)))
    roots[-1, 1::2] = 0.0  # that row repeats itself after half the window
    pulse, errors = as_pairs(guess), np.empty(iterations)
    room = aligned_array((12, n))
    pcgpa.retrieve_into(aligned_copy(tables(n)), roots, pulse, errors, room)
    rms = float(np.sqrt(np.mean(measured**2)))
    last = float(np.sqrt(errors[-1])) * rms / measured.max()
    return pulse[0] + 1j * pulse[1], last


def improve(
    model: TraceModel,
    measured: Floats,
    spectrum: Floats,
    iterations: int,
    rng: np.random.Generator,
) -> Floats:
    """Return the best spectrum of so many local passes, or fewer where they stall.

    Parameters
    ----------
    model : TraceModel
    measured : ndarray, shape (rows, n)
        Frequencies in FFT order.
    spectrum : ndarray, shape (2, n)
    iterations : int
    rng : numpy.random.Generator
        For the order of the rows.
    """
    here, largest, since = aligned_copy(spectrum), 0.0, 0
    kept = np.maximum(measured, 0.0)
    least, scale = trace_error(measured, model.intensity(here))
    best = here.copy()
    for _ in range(iterations):
        before = here.copy()
        roots = np.sqrt(kept / max(scale, 1e-300))
        trace, largest = model.local_pass(here, roots, largest, rng)
        error, scale = trace_error(measured, trace)
        since += 1
        if error < 0.999 * least:
            since = 0
        if error < least:
            least, best = error, before
        if since > STALE:
            break
    return best


def fit(
    model: TraceModel,
    nonlinearity: str,
    measured: Floats,
    spectrum: Floats,
    iterations: int,
    *,
    weights: Floats | None = None,
    prior: SmoothPrior | None = None,
) -> Fitted:
    """Return the spectrum with the least squared deviation of its trace near another.

    Parameters
    ----------
    model : TraceModel
    nonlinearity : str
    measured : ndarray, shape (rows, n)
    spectrum : ndarray, shape (2, n)
    iterations : int
        Of L-BFGS.
    weights : ndarray, shape (rows, n), optional
        Of the squared deviations.
    prior : SmoothPrior, optional
        Whose cost is added.
    """
    from scipy.optimize import minimize

    given = np.ones(measured.shape) if weights is None else weights
    scale = trace_error(measured, model.intensity(spectrum))[1]
    start = spectrum * max(scale, 1e-300) ** (1.0 / ORDERS[nonlinearity])
    size = float(np.abs(start).max())
    place = aligned_array(start.shape)
    whole = 1.0

    def cost(x: Floats) -> tuple[float, Floats]:
        """Return the cost over that of the start, and its slope."""
        place[:] = x.reshape(start.shape)
        place[:] *= size
        value, slope = model.cost(place, measured, given)
        if prior is not None:
            more, steeper = prior.cost(place)
            value, slope = value + more, slope + steeper
        return value / whole, slope.ravel() * (size / whole)

    whole = max(cost((start / size).ravel())[0], 1e-300)
    with one_blas_thread():
        found = minimize(
            cost,
            (start / size).ravel(),
            jac=True,
            method="L-BFGS-B",
            options={
                "maxiter": iterations, "maxfun": 2 * iterations, "maxcor": MEMORY,
                "ftol": LAST, "gtol": 0.0,
            },
        )  # fmt: skip
    spectrum = aligned_copy(found.x.reshape(start.shape) * size)
    error = trace_error(measured, model.intensity(spectrum))[0]
    return Fitted(spectrum=spectrum, error=error)


def sharpen(model: TraceModel, measured: Floats, start: Fitted, most: int) -> Fitted:
    """Return where Levenberg-Marquardt steps lead, for the last digits.

    Nearly undetermined directions, as between two pulses that hardly overlap, take a
    quasi-Newton method thousands of steps and this one a few. For at most `SHARPENED`
    points; otherwise the start is returned.

    Parameters
    ----------
    model : TraceModel
    measured : ndarray, shape (rows, n)
    start : Fitted
    most : int
        Steps.
    """
    if start.spectrum.shape[1] > SHARPENED:
        return start
    here = start.spectrum.copy()
    off = measured - model.intensity(here)
    damping = 1e-6
    with one_blas_thread():
        for _ in range(most):
            slopes = _derivatives(model, here)
            square, pull = slopes @ slopes.T, slopes @ off.ravel()
            square[np.diag_indices_from(square)] += damping * np.diag(square).max()
            new = here + np.linalg.solve(square, pull).reshape(here.shape)
            left = measured - model.intensity(aligned_copy(new))
            gain = 1.0 - float(np.sum(left**2)) / max(float(np.sum(off**2)), 1e-300)
            damping = max(0.05 * damping, 1e-14) if gain > 0.0 else 20.0 * damping
            if gain > 0.0:
                here, off = aligned_copy(new), left
            if 0.0 < gain < 1e-3 or damping > 1.0:
                break
    error = trace_error(measured, model.intensity(here))[0]
    return Fitted(spectrum=here, error=error) if error < start.error else start


def _derivatives(model: TraceModel, spectrum: Floats) -> Floats:
    """Return how the trace changes with each number of a spectrum, ``(2 n, points)``.

    Central differences: of a polynomial of fourth to sixth order, and for a direction
    that needs no more than to lead downhill.
    """
    size = 1e-4 * float(np.abs(spectrum).max())
    found = np.empty((spectrum.size, model.shape[0] * model.shape[1]))
    place = aligned_copy(spectrum)
    flat = place.reshape(-1)
    for k in range(flat.size):
        kept = flat[k]
        flat[k] = kept + size
        above = model.intensity(place)
        flat[k] = kept - size
        found[k] = ((above - model.intensity(place)) / (2.0 * size)).ravel()
        flat[k] = kept
    return found
