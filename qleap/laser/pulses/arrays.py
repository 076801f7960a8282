"""Pulses from arrays: envelopes over time, spectra with a phase over frequency."""

import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.grid import LARGEST, SMALLEST, Grid
from qleap.laser.pulses.light import carrier
from qleap.laser.pulses.sampled import DARK, SampledPulse, at_even_times

__all__ = ["sampled_from_spectrum", "sampled_from_time"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

LARGEST_JUMP: Final = 2.0
"""Of the spectral phase between points with light, rad."""


def sampled_from_time(
    time: ArrayLike,
    envelope: ArrayLike,
    wavelength: float,
    *,
    energy: float | None = None,
) -> SampledPulse:
    """Return the pulse through an envelope at given times.

    Parameters
    ----------
    time : array_like, shape (n,)
        Increasing, s. Even steps are taken as they are; others are interpolated
        (modulus and unwrapped phase by monotone cubics), and a note says so.
    envelope : array_like of complex, shape (n,)
        About the carrier, on exp(-i omega0 t); sqrt(W), or of any scale where
        ``energy`` is given. It should end dark.
    wavelength : float
        Of the carrier, m.
    energy : float, optional
        To which the pulse is scaled, J.
    """
    t = checks.increasing("time", time, "s", min_size=8)
    values = _complex("envelope", envelope, t.size)
    notes: list[str] = []
    step = (t[-1] - t[0]) / (t.size - 1)
    if not np.allclose(np.diff(t), step, rtol=1e-3, atol=0.0):
        step = float(np.diff(t).min())
        even = np.arange(t[0], t[-1] + 0.5 * step, step)
        values = _modulus_and_phase(t, values, np.minimum(even, t[-1]))
        t = even
        notes.append(f"uneven times: interpolated to steps of {step:.4g} s")
    grid = _grid_for(wavelength, step, 2.0 * (np.abs(t).max() + step))
    padded = _at_grid(t[0], values, step, grid)
    return _finished(grid, padded, energy, notes)


def sampled_from_spectrum(
    frequency: ArrayLike,
    density: ArrayLike,
    phase: ArrayLike | None = None,
    *,
    energy: float,
    wavelength: float | None = None,
    centred: bool = True,
) -> SampledPulse:
    r"""Return the pulse with a spectrum and a spectral phase.

    Parameters
    ----------
    frequency : array_like, shape (n,)
        Increasing, Hz, all above zero.
    density : array_like, shape (n,)
        Energy **per frequency**, of any scale; a density per wavelength is turned
        into it by :math:`\lambda^2/c`. Values below zero (noise) count as zero.
    phase : array_like, shape (n,), optional
        On :math:`e^{+i\phi}`, rad: its derivative by omega is the delay. Jumps of
        more than pi are taken for wraps. By default the transform limit.
    energy : float
        J.
    wavelength : float, optional
        Of the carrier, m; by default at the mean frequency of the energy.
    centred : bool
        Whether a delay is taken away so that the mean time of the energy is 0; the
        constant delay in measured phases means nothing.
    """
    nu = checks.increasing("frequency", frequency, "Hz", min_size=4)
    checks.positive("frequency[0]", float(nu[0]), "Hz")
    given = checks.vector("density", density)
    phi = np.zeros(nu.size) if phase is None else checks.vector("phase", phase, "rad")
    if given.size != nu.size or phi.size != nu.size:
        raise InvalidValue(
            f"density and phase must have as many values as frequency ({nu.size}), got "
            f"{given.size} and {phi.size}."
        )
    notes = _negative_notes(given)
    weight = np.maximum(given, 0.0)
    if not np.any(weight):
        raise InvalidValue("density must hold light, got no value above zero.")
    phi = np.unwrap(phi)
    notes += _jump_notes(phi, weight)
    share = np.gradient(nu) * weight / np.sum(np.gradient(nu) * weight)
    mean = float(np.sum(share * nu))
    if wavelength is None:
        wavelength = SPEED_OF_LIGHT / mean
    delay = np.gradient(phi, 2.0 * math.pi * nu)
    if centred:
        phi = phi - 2.0 * math.pi * (nu - mean) * np.sum(share * delay)
        delay = np.gradient(phi, 2.0 * math.pi * nu)
    grid = _grid_of_spectrum(wavelength, nu, weight, delay)
    amplitude = _interpolated(nu, weight, phi, grid)
    return _finished(grid, grid.to_time(amplitude), energy, notes)


def _finished(
    grid: Grid, samples: Complex, energy: float | None, notes: list[str]
) -> SampledPulse:
    if energy is not None:
        wanted = checks.positive("energy", energy, "J")
        now = float(np.sum(np.abs(samples) ** 2) * grid.step)
        if now <= 0.0:
            raise InvalidValue("the samples must hold light, got zeros only.")
        samples = samples * math.sqrt(wanted / now)
    edge = max(abs(samples[0]), abs(samples[-1])) ** 2 / np.max(np.abs(samples)) ** 2
    if edge > 1e-4:
        notes.append(
            f"the pulse does not end dark within {grid.window:.3g} s ({edge:.0e} of "
            "the peak at the edge): a finer spectrum or a longer trace is needed"
        )
    return SampledPulse(grid=grid, samples=samples, notes=tuple(notes))


def _grid_for(wavelength: float, step: float, window: float) -> Grid:
    """Return the grid of steps at most ``step`` that the carrier allows."""
    length = checks.positive("wavelength", wavelength, "m")
    shortest = 1.02 * math.pi / carrier(length)
    taken = max(step, shortest)
    n = 1 << max(math.ceil(math.log2(window / taken)), SMALLEST.bit_length() - 1)
    if n > LARGEST:
        raise InvalidValue(
            f"a sampled pulse must have <= {LARGEST} points, but {window:.3g} s in "
            f"steps of {taken:.3g} s take {n}; give fewer or a shorter range."
        )
    return Grid(n_points=n, window=n * taken, wavelength=length)


def _at_grid(first: float, values: Complex, step: float, grid: Grid) -> Complex:
    """Return samples at even times on a grid whose step may be longer."""
    n = 1 << math.ceil(math.log2(2 * values.size))
    spectrum = np.fft.fftshift(np.fft.ifft(values, n)) * n * step
    detuning = 2.0 * np.pi * np.fft.fftshift(np.fft.fftfreq(n, step))
    spectrum = spectrum * np.exp(1j * detuning * first)
    spectrum[np.abs(detuning) > math.pi / grid.step] = 0.0
    found = at_even_times(spectrum, detuning, grid.time[0], grid.step, grid.n_points)
    inside = (grid.time >= first - step) & (grid.time <= first + step * values.size)
    return np.where(inside, found / (n * step), 0.0)


def _grid_of_spectrum(
    wavelength: float, nu: Floats, weight: Floats, delay: Floats
) -> Grid:
    """Return a grid that holds a spectrum and the delays in it."""
    lit = weight > DARK * weight.max()
    centre = SPEED_OF_LIGHT / checks.positive("wavelength", wavelength, "m")
    reach = float(np.abs(nu[lit] - centre).max()) + float(np.diff(nu).max())
    if reach >= centre:
        raise InvalidValue(
            "wavelength must be near the light's, but the spectrum reaches "
            f"{reach:.4g} Hz away from {centre:.4g} Hz; leave it out."
        )
    bright = weight > 1e-3 * weight.max()
    width = float(np.ptp(nu[bright])) + float(np.diff(nu).min())
    late = float(np.abs(delay[weight > 1e-4 * weight.max()]).max())
    window = 4.0 * late + 40.0 / width
    return _grid_for(wavelength, min(0.5 / reach, window / 512), 1.01 * window)


def _interpolated(nu: Floats, weight: Floats, phi: Floats, grid: Grid) -> Complex:
    from scipy.interpolate import PchipInterpolator

    at = grid.omega / (2.0 * math.pi)
    inside = (at >= nu[0]) & (at <= nu[-1])
    kept = np.clip(at, nu[0], nu[-1])
    modulus = PchipInterpolator(nu, np.sqrt(weight))(kept)
    angle = PchipInterpolator(nu, phi)(kept)
    return np.asarray(np.where(inside, modulus * np.exp(1j * angle), 0.0))


def _modulus_and_phase(t: Floats, values: Complex, at: Floats) -> Complex:
    from scipy.interpolate import PchipInterpolator

    modulus = PchipInterpolator(t, np.abs(values))(at)
    angle = PchipInterpolator(t, np.unwrap(np.angle(values)))(at)
    return np.asarray(modulus * np.exp(1j * angle))


def _negative_notes(density: Floats) -> list[str]:
    below = int(np.count_nonzero(density < 0.0))
    if not below:
        return []
    return [f"{below} of {density.size} densities below zero count as zero"]


def _jump_notes(phi: Floats, weight: Floats) -> list[str]:
    bright = weight > 1e-2 * weight.max()
    jumps = np.abs(np.diff(phi))[bright[1:] & bright[:-1]]
    largest = float(jumps.max()) if jumps.size else 0.0
    if largest < LARGEST_JUMP:
        return []
    return [
        f"the phase changes by up to {largest:.2g} rad from a point to the next: a "
        "change of pi cannot be told from a wrap, so a finer spectrum is needed"
    ]


def _complex(name: str, given: ArrayLike, size: int) -> Complex:
    try:
        values = np.ascontiguousarray(given, dtype=np.complex128)
    except (TypeError, ValueError) as error:
        raise InvalidKind(
            f"{name} must be an array of complex numbers, got {given!r:.60}."
        ) from error
    if values.shape != (size,):
        raise InvalidValue(
            f"{name} must have the shape ({size},), got {values.shape}; give one value "
            "for each time."
        )
    if not np.all(np.isfinite(values)):
        raise InvalidValue(f"{name} must be finite; remove or mask the other points.")
    return values
