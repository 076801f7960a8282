"""Attosecond pulses from streaking traces by least squares, momentum dependence whole.

The idea, fitting the strong-field approximation itself instead of a spectrogram of a
pulse and a gate, is that of the Volkov-transform algorithm: P. D. Keathley et al., New
J. Phys. 18, 073009 (2016). Here spectrum, phase and vector potential are a few numbers
each, and all are fitted at once; how smooth they are is left to the trace.
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
from qleap.laser.metrology.evidence_fit import EvidenceFit
from qleap.laser.metrology.light_form import BRIGHT, lit_band
from qleap.laser.metrology.light_prior import PARABOLA
from qleap.laser.metrology.photoemission import PhotoDipole
from qleap.laser.metrology.streaking import check_trace, first_moment
from qleap.laser.metrology.streaking_model import StreakingModel
from qleap.laser.metrology.streaking_prior import StreakingPrior
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

ATOMIC_MOMENTUM: Final = HBAR / BOHR_RADIUS
"""kg m/s."""

STIFF: Final = 1e3
"""Curvature along a phase that a noisy trace shows well: to 0.03 rad, 1/rad^2."""

SPARE: Final = 4.0
"""The window over the time in which the start is bright."""


def retrieve_streaking(
    trace: "xr.Dataset",
    *,
    ionisation_energy: float,
    wavelength: float,
    dipole: PhotoDipole | None = None,
    angle: float = 0.0,
    resolution: float = 0.0,
    amplitudes: int = 28,
    phases: int = 4,
    per_cycle: int = 8,
    window: float | None = None,
    iterations: int = 400,
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
        Evaluations of slopes at most.
    n_bootstrap : int
        Resamples: residuals with random signs, the prior drawn with its evidence, one
        Gauss-Newton step.
    seed : int
    threads : int, optional

    Returns
    -------
    AttosecondRetrieval
        With the phase polynomial's error bars in ``extra``.

    Notes
    -----
    Starts from `retrieve_crab`. All points weigh the same. The spectrum's logarithm is
    smooth, the phase of low order and the field an oscillation; how much of each is
    chosen by the evidence (`StreakingPrior`). Where a Gaussian spectrum is the most
    probable, the pulse is that one; else the mean over all kinds of wings, for noise
    hides these, and the interval holds what they may be. Amplitudes that change their
    sign within the band are no part of the model: they need ``phases``, or
    `retrieve_crab`.
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
    fit = EvidenceFit(
        model=model,
        scaled=scaled,
        prior=StreakingPrior(model, first),
        noise=max(trace_error(scaled - model.spectra(first)), 1e-9),
        most=checks.count("iterations", iterations, 1),
        stiff=STIFF,
    )
    found = fit.polished(fit.search(first))
    # A parabola is kept until the trace speaks against it; all wings are averaged.
    plain = found[0].belief.power == PARABOLA
    x = found[0].x if plain else found[0].mean
    residual = scaled - model.spectra(x)
    rng = np.random.default_rng(checks.count("seed", seed, 0))
    resampled = fit.drawn(found, n_bootstrap, rng)
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
        converged=fit.count < fit.most,
        iterations=fit.count,
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
    spectrum = np.fft.fftshift(grid.to_frequency(start.pulse.samples))
    low, high = lit_band(HBAR * np.sort(grid.omega), np.abs(spectrum) ** 2)
    energy = trace["energy"].values
    low = max(low, ip + 0.5 * float(energy[0]))
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
    light, slope = model.form.first(start.pulse.spectrum_on(model.grid))
    x[: light.size] = light
    assert start.potential is not None
    assert start.potential_time is not None
    # The slope of the phase is when the pulse arrives: the potential's time.
    low, high = model.form.band
    late = slope * 2.0 * HBAR / (high - low)
    potential = np.interp(model.centres + late, start.potential_time, start.potential)
    x[light.size : -1] = potential / volkov.ATOMIC_POTENTIAL / model.cosine
    seen = model.spectra(x)
    size = np.sum(seen * scaled) / np.sum(seen**2)
    x[: model.n_amplitudes] += 0.5 * math.log(size)
    return x
