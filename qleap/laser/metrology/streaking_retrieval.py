"""Attosecond pulses from streaking traces by least squares, momentum dependence whole.

The idea, fitting the strong-field approximation itself instead of a spectrogram of a
pulse and a gate, is that of the Volkov-transform algorithm: P. D. Keathley et al., New
J. Phys. 18, 073009 (2016). Here spectrum, phase and vector potential are a few numbers
each, and all are fitted at once.
"""

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import BOHR_RADIUS, HARTREE, HBAR, SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.metrology import volkov
from qleap.laser.metrology.attosecond_result import (
    AttosecondRetrieval,
    duration,
    interval,
    trace_error,
)
from qleap.laser.metrology.crab import retrieve_crab
from qleap.laser.metrology.photoemission import PhotoDipole
from qleap.laser.metrology.streaking import check_trace, first_moment
from qleap.laser.metrology.streaking_model import PINNED, StreakingModel
from qleap.laser.pulses.light import checked_wavelength

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["retrieve_streaking"]

Floats = NDArray[np.float64]

AMBIGUITIES: Final = (
    "the XUV's carrier-envelope phase: set to zero in the mean",
    "time zero: the pulse is centred, and its arrival is in the potential's time",
    "the sign of the vector potential: that of the angle given",
    "a constant vector potential: kept near zero",
)

SETTLED: Final = 0.3
"""Share of a point in the sum of squares: a fit ends where it twice gains no more."""

ROUGH: Final = 0.15
"""Second difference of a spectrum's amplitudes, over the largest, that is usual."""

TURN: Final = 20.0
"""Phase at the edge of the band that is usual, rad."""

HIGHEST: Final = 1e6
"""Damping beyond which no step goes down any more."""

ATOMIC_MOMENTUM: Final = HBAR / BOHR_RADIUS
"""kg m/s."""

BRIGHT: Final = 0.02
"""Density of the start, over its peak, that surely is light."""

SPARE: Final = 4.0
"""The window over the time in which the start is bright."""

ABOVE: Final = 10.0
"""Density over its median (the noise) that surely is light."""

EXTRA: Final = 1.9
"""The band of the pulse over where the start is bright."""


def retrieve_streaking(
    trace: "xr.Dataset",
    *,
    ionisation_energy: float,
    wavelength: float,
    dipole: PhotoDipole | None = None,
    angle: float = 0.0,
    resolution: float = 0.0,
    amplitudes: int = 20,
    phases: int = 4,
    per_cycle: int = 8,
    window: float | None = None,
    iterations: int = 200,
    n_bootstrap: int = 60,
    seed: int = 0,
    threads: int | None = None,
) -> AttosecondRetrieval:
    r"""Return the pulse in a streaking trace.

    Parameters
    ----------
    trace : xarray.Dataset
        From `streaking_trace`, `count_electrons` or `read_streaking`; axes may be
        uneven. A constant background is fitted.
    ionisation_energy : float
        J.
    wavelength : float
        Of the dressing field, m: how fast the vector potential may change.
    dipole : PhotoDipole, optional
        Atomic sizes and phases, which are then no part of the pulse.
    angle : float
        Between electron and field, rad.
    resolution : float
        Full width at half maximum of the spectrometer's response, J.
    amplitudes, phases, per_cycle : int
        Numbers that describe the spectrum, its phase (from the second order on) and a
        cycle of the potential.
    window : float, optional
        Time window of the pulse, s; by default four times the time in which the
        start is bright.
    iterations : int
        Evaluations at most.
    n_bootstrap : int
        Resamples of the trace's points, each followed by one Gauss-Newton step.
    seed : int
    threads : int, optional

    Returns
    -------
    AttosecondRetrieval
        With the phase polynomial's error bars in ``extra``.

    Notes
    -----
    Starts from `retrieve_crab`. All points weigh the same. Where noise is some per cent
    of the peak, the interval is a little narrow (see the page on metrology).
    """
    measured = check_trace(trace)
    checks.count("amplitudes", amplitudes, 5, 200)
    checks.count("phases", phases, 1, 60)
    checks.count("per_cycle", per_cycle, 4, 60)
    checks.count("n_bootstrap", n_bootstrap, 0)
    cycle = checked_wavelength(wavelength) / SPEED_OF_LIGHT
    start = retrieve_crab(
        trace,
        ionisation_energy=ionisation_energy,
        n_bootstrap=0,
        n_points=128,
        dipole=dipole,
        seed=seed,
    )
    cosine = math.cos(checks.finite("angle", angle, "rad"))
    if abs(cosine) < 1e-3:
        raise InvalidValue("angle must not be 90 degrees, where nothing is streaked.")
    model = _model_from(
        start, trace, ionisation_energy, window, cycle, cosine,
        sizes=(amplitudes, phases, per_cycle),
        dipole=dipole,
        resolution=checks.non_negative("resolution", resolution, "J"),
        threads=threads,
    )  # fmt: skip
    scaled = measured / measured.max()
    first = _first_numbers(model, start, scaled)
    most = checks.count("iterations", iterations, 1)
    noise = float(np.std(np.diff(scaled, n=2, axis=0))) / math.sqrt(6.0)
    x, count, settled = first, 0, False
    while True:
        prior = _prior(model, scaled.size, first, noise)
        x, more, settled = _fitted(model, scaled, x, prior, most)
        count += more
        missed = trace_error(scaled - model.spectra(x))
        if missed > 0.3 * noise or count >= most:
            break
        # The differences were the signal's: it has less noise than they said.
        noise = missed
    fitted, jacobian = model.slopes(x)
    residual = scaled - fitted
    resampled = _resampled(x, jacobian, residual, prior, n_bootstrap, seed)
    pulse, away = model.pulse(x)
    time, potential = model.potential(x)
    own = slice(amplitudes, amplitudes + phases)
    spread = (
        resampled[:, own].std(axis=0) if n_bootstrap > 1 else np.full(phases, np.nan)
    )
    return AttosecondRetrieval(
        pulse=pulse,
        trace=trace,
        residual=residual,
        error=trace_error(residual),
        fwhm=duration(pulse),
        fwhm_interval=interval([duration(model.pulse(one)[0]) for one in resampled]),
        method="least squares, strong-field approximation",
        ambiguities=AMBIGUITIES,
        converged=settled,
        iterations=count,
        seed=seed,
        potential_time=time - away,
        potential=potential,
        extra={
            "phase_coefficients": (("order",), x[own], "rad"),
            "phase_errors": (("order",), spread, "rad"),
        },
    )


def _model_from(
    start: AttosecondRetrieval,
    trace: "xr.Dataset",
    ip: float,
    window: float | None,
    cycle: float,
    cosine: float,
    **rest: object,
) -> StreakingModel:
    """Return the model for a trace, with the band that the start has light in."""
    grid = start.pulse.grid
    density = np.abs(np.fft.fftshift(grid.to_frequency(start.pulse.samples))) ** 2
    photon = HBAR * np.sort(grid.omega)
    floor = max(BRIGHT * density.max(), ABOVE * float(np.median(density)))
    level = min(floor / density.max(), 0.3)
    bright = photon[density > level * density.max()]
    # A normal distribution is the narrower, the higher the level above the noise.
    extra = EXTRA * math.sqrt(math.log(BRIGHT) / math.log(level))
    middle, half = 0.5 * (bright[0] + bright[-1]), 0.5 * extra * np.ptp(bright)
    energy = trace["energy"].values
    low, high = max(middle - half, ip + 0.5 * energy[0]), middle + half
    if window is None:
        power = np.abs(start.pulse.samples) ** 2
        lit = grid.time[power > BRIGHT * power.max()]
        width = min(grid.window, SPARE * float(np.ptp(lit)) + 8.0 * grid.step)
    else:
        width = checks.positive("window", window, "s")
    moment = first_moment(trace) / ATOMIC_MOMENTUM
    swing = 1.5 * math.sqrt(2.0 * energy[-1] / HARTREE) * float(np.ptp(moment))
    return StreakingModel(
        energy,
        trace["delay"].values,
        ionisation_energy=ip,
        window=width,
        band=(low, high),
        cycle=cycle,
        cosine=cosine,
        swing=swing,
        **rest,  # type: ignore[arg-type]
    )


def _first_numbers(
    model: StreakingModel, start: AttosecondRetrieval, scaled: Floats
) -> Floats:
    """Return numbers that describe the starting retrieval."""
    x = np.zeros(model.n_numbers)
    spectrum = start.pulse.spectrum_on(model.grid)[model.inside]
    size = np.abs(spectrum)
    x[: model.n_amplitudes] = np.linalg.lstsq(
        model.amplitude_basis.T, size, rcond=None
    )[0]
    order = np.argsort(model.photon[model.inside])
    angle = np.unwrap(np.angle(spectrum[order]))
    weight = size[order]
    low, high = model.band
    at = (2.0 * model.photon[model.inside][order] - low - high) / (high - low)
    base = np.polynomial.legendre.legvander(at, 1 + model.n_phases)
    fitted = np.linalg.lstsq(base * weight[:, None], angle * weight, rcond=None)[0]
    own = slice(model.n_amplitudes, model.n_amplitudes + model.n_phases)
    x[own] = fitted[2:]
    assert start.potential is not None
    assert start.potential_time is not None
    # The slope of the phase is when the pulse arrives: the potential's time.
    late = fitted[1] * 2.0 * HBAR / (high - low)
    potential = np.interp(model.centres + late, start.potential_time, start.potential)
    x[own.stop : -1] = potential / volkov.ATOMIC_POTENTIAL / model.cosine
    seen = model.spectra(x)
    x[: model.n_amplitudes] *= math.sqrt(np.sum(seen * scaled) / np.sum(seen**2))
    return x


def _fitted(
    model: StreakingModel, scaled: Floats, x: Floats, prior: Floats, most: int
) -> tuple[Floats, int, bool]:
    """Return the numbers that fit best, the steps, and whether they settled.

    Levenberg's and Marquardt's method on the normal equations, which are small: there
    are a hundred times more points than numbers.
    """
    value, jacobian = model.slopes(x)
    cost = _cost(scaled - value, prior, x)
    damping, small, least = 1e-3, 0, SETTLED / scaled.size
    for count in range(1, most + 1):
        missed = (scaled - value).ravel()
        normal = jacobian.T @ jacobian + prior.T @ prior
        slope = jacobian.T @ missed - prior.T @ (prior @ x)
        while True:
            diagonal = np.diag(normal.diagonal() * damping + 1e-300)
            tried = x + np.linalg.solve(normal + diagonal, slope)
            now = _cost(scaled - model.spectra(tried), prior, tried)
            if now < cost or damping > HIGHEST:
                break
            damping *= 5.0
        if now >= cost:
            return x, count, True
        small = small + 1 if cost - now < least * cost else 0
        x, cost, damping = tried, now, max(0.1 * damping, 1e-12)
        if small == 2:
            return x, count, True
        value, jacobian = model.slopes(x)
    return x, most, False


def _cost(residual: Floats, prior: Floats, x: Floats) -> float:
    return float(np.sum(residual**2) + np.sum((prior @ x) ** 2))


def _prior(model: StreakingModel, points: int, first: Floats, noise: float) -> Floats:
    """Return rows that are fitted to zero beside the trace, in units of its values.

    The mean potential is small; second differences of the amplitudes are `ROUGH` of the
    largest, and the phase's coefficients `TURN` over ``k (k - 1)``, both in units of
    the noise: without noise these two weigh nothing.
    """
    a, p = model.n_amplitudes, model.n_phases
    rows = np.zeros((1 + a + p, model.n_numbers))
    rows[0, a + p : -1] = PINNED * math.sqrt(points) / model.n_potential
    bend = np.diag(np.full(a, -2.0)) + np.eye(a, k=1) + np.eye(a, k=-1)
    rows[1 : 1 + a, :a] = noise / (ROUGH * np.abs(first[:a]).max()) * bend
    k = np.arange(2, 2 + p)
    rows[1 + a :, a : a + p] = np.diag(noise * k * (k - 1) / TURN)
    return rows


def _resampled(
    x: Floats,
    jacobian: Floats,
    residual: Floats,
    prior: Floats,
    count: int,
    seed: int,
) -> Floats:
    """Return numbers after one step for each resample, ``(count, numbers)``."""
    rng = np.random.default_rng(checks.count("seed", seed, 0))
    missed, points = residual.ravel(), residual.size
    damped = np.diag(1e-9 * (jacobian**2).sum(axis=0) + 1e-300)
    found = np.empty((count, x.size))
    for k in range(count):
        weight = np.bincount(rng.integers(0, points, points), minlength=points)
        heavy = jacobian * weight[:, None]
        normal = heavy.T @ jacobian + damped + prior.T @ prior
        found[k] = x + np.linalg.solve(normal, heavy.T @ missed - prior.T @ (prior @ x))
    return found
