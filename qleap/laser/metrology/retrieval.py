"""From a trace to the pulse that has made it."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.core.parallel import map_points
from qleap.laser.grid import Grid
from qleap.laser.metrology.ambiguities import (
    ambiguities,
    centred,
    compare_pulses,
    has_direction,
    reversed_in_time,
    rises,
)
from qleap.laser.metrology.few_numbers import few_numbers
from qleap.laser.metrology.guesses import first_guess
from qleap.laser.metrology.model import TraceModel, as_amplitudes, as_pairs
from qleap.laser.metrology.noise_growth import growth_of_noise, weights_against
from qleap.laser.metrology.priors import SmoothPrior, prior_of, variance_of
from qleap.laser.metrology.retrieved import Retrieved, duration
from qleap.laser.metrology.schemes import Frog
from qleap.laser.metrology.searches import (
    Fitted,
    fit,
    improve,
    project,
    sharpen,
    trace_error,
)
from qleap.laser.metrology.trace_grids import on_grid, retrieval_grid
from qleap.laser.metrology.traces import Trace
from qleap.laser.pulses.light import Light, check_light
from qleap.laser.pulses.sampled import SampledPulse

__all__ = ["retrieve"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

CLOSE: Final = 1.05
"""Trace errors up to so many times the best agree with it."""

EXACT: Final = 1e-5
"""Trace errors below it agree with each other."""

SHORT: Final = 60
"""Least-squares steps of a start and of a resampled trace."""

SHARP: Final = 20
"""Levenberg-Marquardt steps at the end where there is hardly any noise."""

FINALISTS: Final = 4
"""Starts that least squares follow to the end."""

WEAK: Final = 0.25
"""Share of the prior's weight that tells what the prior does to the duration."""

ROUNDS: Final = 3
"""How often powers are smoothed and the pulse is fitted again."""


def retrieve(
    trace: Trace,
    *,
    grid: Grid | None = None,
    energy: float = 1.0,
    starts: int = 12,
    iterations: int = 150,
    steps: int = 1000,
    smooth: bool = True,
    resamples: int = 24,
    reference: Light | None = None,
    weights: ArrayLike | None = None,
    seed: int = 0,
) -> Retrieved:
    r"""Return the pulse behind a trace.

    Parameters
    ----------
    trace : Trace
        Simulated, or from `read_trace`.
    grid : Grid, optional
        Of the pulse; by default `retrieval_grid` of the trace.
    energy : float
        To which the pulse is scaled, J: no trace knows it.
    starts : int
        Random pulses from which the search begins.
    iterations : int
        Projections, or local passes, from each of them.
    steps : int
        Of least squares (L-BFGS) at the end, from the best.
    smooth : bool
        Whether a smooth pulse is preferred by as much as the noise allows, in few
        numbers where they explain the trace, else by `SmoothPrior`; without noise it
        makes no difference.
    resamples : int
        Of the bootstrap; 0 leaves it out.
    reference : Light, optional
        What chooses the direction of time where the trace does not: the one that is
        more like it is taken. By default the one whose frequency rises with time.
    weights : array_like, shape (rows, columns), optional
        Of the squared deviations of the trace's points, such as one over their
        variances; 0 leaves a point out of least squares. By default all are alike, or,
        where residuals say that noise grows with the signal (counts), bright ones
        weigh less, and a note says so; ``numpy.ones`` keeps them alike.
    seed : int
        Of starts and resamples; results do not depend on the number of threads.

    Returns
    -------
    Retrieved

    Notes
    -----
    Second-harmonic FROG begins with generalised projections by principal components
    (Kane, IEEE J. Quantum Electron. 35, 421 (1999)), all other schemes with the local
    passes of the common pulse retrieval algorithm (Geib et al., Optica 6, 495
    (2019)). Both end with least squares of all points of the trace. The bootstrap
    is the wild one (Wu, Ann. Stat. 14, 1261 (1986)): residuals, enlarged by what the
    fit has taken of them, are added to the fitted trace with random signs, and the
    pulse is fitted again. So noise may differ from point to point. Pulses of few
    numbers make one linear step instead, and their beliefs are drawn, too.
    """
    given = _checked(
        trace, grid, energy, reference, starts=starts, iterations=iterations,
        steps=steps, resamples=resamples, seed=seed,
    )  # fmt: skip
    chosen = retrieval_grid(given) if grid is None else grid
    measured = on_grid(given, chosen)
    model = TraceModel(measured.scheme, chosen, measured.values)
    wanted = np.fft.ifftshift(measured.intensity, axes=1)
    share = _weights(given, weights, chosen)
    rng = np.random.default_rng(seed)

    def begin(number: int, own: np.random.Generator) -> Fitted:
        return _begin(measured, chosen, model, wanted, number, iterations, own)

    numbers = list(range(starts))
    found = map_points(begin, numbers, label="retrieval: starts", rng=rng)
    found.sort(key=lambda one: one.error)
    nonlinearity = measured.scheme.nonlinearity

    def finish(one: Fitted) -> Fitted:
        own = model.for_another_thread()
        return fit(own, nonlinearity, wanted, one.spectrum, steps, weights=share)

    finished = map_points(finish, found[:FINALISTS], label="retrieval: least squares")
    best = min(finished, key=lambda one: one.error)
    prior = few = None
    if best.error < EXACT and share is None:
        best = sharpen(model, wanted, best, SHARP)
    elif share is None:
        best, share, noted = _against_growth(model, nonlinearity, wanted, best, steps)
        measured = replace(measured, notes=measured.notes + noted)
    rough = best
    if smooth and best.error > EXACT:
        least = best
        best, prior = _smooth(model, nonlinearity, wanted, least, steps, 1.0, share)
        rough = best
        few = few_numbers(
            model, chosen, wanted, best.spectrum,
            variance_of(model, wanted, least.spectrum, share), share, resamples, rng,
        )  # fmt: skip
        if few is not None:
            found_error = trace_error(wanted, model.intensity(few[0]))[0]
            best = Fitted(spectrum=few[0], error=found_error)
        elif resamples > 0:
            rough = _smooth(model, nonlinearity, wanted, least, steps, WEAK, share)[0]
    errors = np.array([one.error for one in found])
    envelope = _envelope(chosen, best.spectrum)
    envelope, said = _directed(measured, chosen, envelope, reference)
    scaled = np.sqrt(energy / (np.sum(np.abs(envelope) ** 2) * chosen.step))
    pulse = SampledPulse(grid=chosen, samples=envelope * scaled, notes=measured.notes)
    if few is None:
        drawn = _resampled(
            model, nonlinearity, wanted, best, prior, resamples, rng, share
        )
    else:
        drawn = few[1]
    either = not has_direction(measured.scheme)
    others = [_beside(pulse, one, either) for one in drawn]
    fitted = model.intensity(best.spectrum)
    error, scale = trace_error(wanted, fitted)
    return Retrieved(
        pulse=pulse,
        trace=measured,
        fitted=np.fft.fftshift(scale * fitted, axes=1),
        error=error,
        start_errors=errors,
        agreeing=int(np.count_nonzero(errors <= max(CLOSE * errors[0], EXACT))),
        ambiguities=ambiguities(measured.scheme, chosen, envelope, said),
        resampled=np.array(others, complex).reshape(-1, chosen.n_points),
        few=few is not None,
        rough_fwhm=duration(chosen, _envelope(chosen, rough.spectrum)),
        seed=seed,
    )


def _checked(
    trace: Trace,
    grid: Grid | None,
    energy: float,
    reference: Light | None,
    **counts: int,
) -> Trace:
    if not isinstance(trace, Trace):
        raise InvalidKind(
            f"trace must be a Trace, got {trace!r:.60}; read_trace reads files, "
            "simulate_trace makes one of a pulse."
        )
    if grid is not None and not isinstance(grid, Grid):
        raise InvalidKind(f"grid must be a Grid, got {grid!r:.60}.")
    checks.positive("energy", energy, "J")
    for name, value in counts.items():
        checks.count(name, value, 0 if name in ("resamples", "seed") else 1)
    if reference is not None:
        check_light("reference", reference)
    return trace


def _weights(trace: Trace, given: ArrayLike | None, grid: Grid) -> Floats | None:
    """Return weights on the axes of the retrieval, FFT order, their mean 1."""
    if given is None:
        return None
    try:
        weights = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidKind(
            f"weights must be real numbers, one for each point, got {given!r:.60}."
        ) from error
    if weights.shape != trace.intensity.shape:
        raise InvalidValue(
            f"weights must have the shape {trace.intensity.shape} of the trace, got "
            f"{weights.shape}."
        )
    if not np.all(np.isfinite(weights)) or weights.min() < 0.0 or not weights.any():
        raise InvalidValue(
            "weights must be finite and >= 0, and above 0 somewhere; 0 leaves a point "
            "out."
        )
    brought = on_grid(replace(trace, intensity=weights), grid).intensity
    shifted = np.maximum(np.fft.ifftshift(brought, axes=1), 0.0)
    return np.asarray(shifted / shifted.mean())


def _begin(
    trace: Trace,
    grid: Grid,
    model: TraceModel,
    wanted: Floats,
    number: int,
    iterations: int,
    rng: np.random.Generator,
) -> Fitted:
    """Search from one guess."""
    own = model.for_another_thread()
    guess = first_guess(trace, grid, number, rng)
    nonlinearity = trace.scheme.nonlinearity
    if isinstance(trace.scheme, Frog) and nonlinearity == "shg":
        delays = np.fft.ifftshift(wanted, axes=0)
        even = 0.5 * (delays + np.roll(delays[::-1], 1, axis=0))
        guess = project(even, guess, iterations)[0]
        spectrum = as_pairs(as_amplitudes(guess))
    else:
        spectrum = as_pairs(as_amplitudes(guess))
        spectrum = improve(own, wanted, spectrum, iterations, rng)
    return fit(own, nonlinearity, wanted, spectrum, SHORT)


def _against_growth(
    model: TraceModel, nonlinearity: str, wanted: Floats, best: Fitted, steps: int
) -> tuple[Fitted, Floats | None, tuple[str, ...]]:
    """Return the fit with weights where noise grows with the signal, and a note."""
    share, growth = None, 0.0
    for _ in range(ROUNDS):
        fitted = model.intensity(best.spectrum)
        growth = growth_of_noise(wanted, fitted)
        if growth == 0.0:
            break
        share = weights_against(growth, fitted)
        best = fit(model, nonlinearity, wanted, best.spectrum, steps, weights=share)
    if share is None:
        return best, None, ()
    note = (
        f"noise: grows with the signal, {growth + 1.0:.3g} times the dark's variance "
        "at the peak; bright points weigh less (weights= says otherwise)"
    )
    return best, share, (note,)


def _smooth(
    model: TraceModel,
    nonlinearity: str,
    wanted: Floats,
    start: Fitted,
    steps: int,
    share: float,
    weights: Floats | None,
) -> tuple[Fitted, SmoothPrior]:
    """Return the fit under a share of the prior's weight, and that prior."""
    found = start
    for _ in range(ROUNDS):
        prior = prior_of(model, wanted, found.spectrum, share, weights)
        found = fit(
            model, nonlinearity, wanted, found.spectrum, steps,
            weights=weights, prior=prior,
        )  # fmt: skip
    return found, prior


def _envelope(grid: Grid, spectrum: Floats) -> Complex:
    field = np.fft.fftshift(np.fft.fft(spectrum[0] + 1j * spectrum[1]))
    return centred(grid, field)


def _directed(
    trace: Trace, grid: Grid, envelope: Complex, reference: Light | None
) -> tuple[Complex, str]:
    """Return the envelope in the direction of time to take, and why that one."""
    if has_direction(trace.scheme):
        return envelope, ""
    if reference is None:
        turned = not rises(grid, envelope)
        said = "the one whose frequency rises with time was taken"
    else:
        pulse = SampledPulse(grid=grid, samples=envelope)
        turned = compare_pulses(pulse, reference, either_direction=True).reversed
        said = "the one that is more like the reference was taken"
    return (reversed_in_time(envelope) if turned else envelope), said


def _resampled(
    model: TraceModel,
    nonlinearity: str,
    wanted: Floats,
    best: Fitted,
    prior: SmoothPrior | None,
    resamples: int,
    rng: np.random.Generator,
    weights: Floats | None,
) -> list[Floats]:
    """Return spectra fitted to the fitted trace with residuals of random signs."""
    fitted = model.intensity(best.spectrum)
    free = max(wanted.size - best.spectrum.size, 1)
    residual = (wanted - fitted) * np.sqrt(wanted.size / free)

    def again(number: int, own: np.random.Generator) -> Floats:
        del number
        drawn = fitted + residual * own.choice([-1.0, 1.0], size=wanted.shape)
        return fit(
            model.for_another_thread(), nonlinearity, drawn, best.spectrum, SHORT,
            weights=weights, prior=prior,
        ).spectrum  # fmt: skip

    if resamples == 0:
        return []
    numbers = list(range(resamples))
    return list(map_points(again, numbers, label="retrieval: bootstrap", rng=rng))


def _beside(pulse: SampledPulse, spectrum: Floats, either: bool) -> Complex:
    """Return the envelope of a resampled spectrum, moved to the pulse."""
    made = SampledPulse(grid=pulse.grid, samples=_envelope(pulse.grid, spectrum))
    return compare_pulses(made, pulse, either_direction=either).pulse.samples
