r"""FROG-CRAB: a streaking trace as a pulse times a gate, retrieved pass by pass.

In the central momentum approximation, :math:`k\to k_0` in the phase that the field
gives the electron, a trace is :math:`|\int P(t)\,G(t+\tau)\,e^{i\omega t}dt|^2` with
the gate :math:`G = e^{-i\int_t^\infty(k_0A+A^2/2)dt'}` of modulus one.
"""

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import ATOMIC_TIME, HARTREE, HBAR, SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.grid import Grid
from qleap.laser.ionisation.atoms import checked_energy
from qleap.laser.metrology.attosecond_result import (
    AttosecondRetrieval,
    duration,
    trace_error,
)
from qleap.laser.metrology.crab_interval import interval_about, remade, said_of
from qleap.laser.metrology.photoemission import PhotoDipole, check_dipole
from qleap.laser.metrology.streaking import central_momentum, check_trace
from qleap.laser.metrology.volkov import ATOMIC_POTENTIAL
from qleap.laser.pulses.sampled import SampledPulse

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["METHODS", "retrieve_crab"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

METHODS: Final = ("least squares", "ptychography")

GAIN: Final = 0.5
"""Share of the ptychographic corrections that is taken first; a tenth at the end."""

STARTS: Final = (0.0, -2.0, 2.0, -6.0, 6.0)
"""Phases at the edge of the spectrum, one standard deviation off, with which pulses
start, rad."""

TRIAL: Final = 60
"""Passes after which starts are compared."""

STALLED: Final = 1e-5
"""Relative change of the error over ten passes below which nothing more happens."""

AMBIGUITIES: Final = (
    "the XUV's carrier-envelope phase: set to zero in the mean",
    "time zero: the pulse is centred, and its arrival is in the gate's time",
    "the sign of the vector potential: that of a detector at angle 0",
    "a constant vector potential and the XUV's photon energy change together",
    "a local minimum: wide, chirped spectra can end in one that the interval does not "
    "hold; a trace error above the noise or retrieve_streaking tells",
)


def retrieve_crab(
    trace: "xr.Dataset",
    *,
    ionisation_energy: float,
    method: str = "least squares",
    n_points: int = 256,
    passes: int = 300,
    dipole: PhotoDipole | None = None,
    n_bootstrap: int = 16,
    seed: int = 0,
) -> AttosecondRetrieval:
    r"""Return the pulse in a streaking trace, in the central momentum approximation.

    Parameters
    ----------
    trace : xarray.Dataset
        From `streaking_trace`, `count_electrons` or `read_streaking`; backgrounds taken
        away. Energies and delays may be uneven: they are interpolated.
    ionisation_energy : float
        J.
    method : {"least squares", "ptychography"}
        Pulse and gate that fit all corrected signals best (LSGPA: J. Gagnon et al.,
        Appl. Phys. B 92, 25 (2008); where delays and times have the same step it is the
        power method of PCGPA), or corrected at one delay after the other (M. Lucchini
        et al., Opt. Express 23, 29502 (2015)).
    n_points : int
        Energies, a power of two from 64; they span 1.2 times those measured. More
        points mean a longer time window.
    passes : int
        At most; fewer where the error stands still.
    dipole : PhotoDipole, optional
        Divided out of what was retrieved.
    n_bootstrap : int
        Retrievals of the trace that the pulse found would make, without the
        approximation, with residuals of random signs.
    seed : int
        Of the bootstrap and of the order of delays.

    Returns
    -------
    AttosecondRetrieval

    Notes
    -----
    The interval holds what noise and the approximation do to a pulse like the one
    found: see `interval_about`.

    The approximation distorts spectra whose width is not small beside their central
    energy; `retrieve_streaking` does without it. The gate starts from the mean momentum
    at each delay, the pulse from the spectrum with one of several chirps: what fits
    best after some ptychographic passes, which stagnate less, goes on.
    """
    checks.one_of("method", method, METHODS)
    ip = checked_energy(ionisation_energy)
    check_dipole(dipole)
    problem = _Problem(trace, ip, n_points)
    rng = np.random.default_rng(checks.count("seed", seed, 0))
    most = checks.count("passes", passes, 1)
    fields, count, settled = problem.search(method, most, rng)
    found, away = problem.pulse(fields, dipole)
    residual = problem.residual(fields)
    time, potential = problem.potential(fields)
    again = []
    if checks.count("n_bootstrap", n_bootstrap, 0):
        field = (time - away, potential)
        for other in remade(
            trace, found, field, residual, ip, dipole, n_bootstrap, rng
        ):
            model = _Problem(other, ip, n_points)
            refound, _, _ = model.search(method, most, rng)
            again.append(duration(model.pulse(refound, dipole)[0]))
    return AttosecondRetrieval(
        pulse=found,
        trace=trace,
        residual=residual,
        error=trace_error(residual),
        fwhm=duration(found),
        fwhm_interval=interval_about(duration(found), again),
        method=f"CRAB, {method}",
        ambiguities=(*AMBIGUITIES, said_of(duration(found), again)),
        converged=settled,
        iterations=count,
        seed=seed,
        potential_time=time - away,
        potential=potential,
    )


class _Problem:
    """A trace on the grid of a retrieval."""

    def __init__(self, trace: "xr.Dataset", ip: float, n_points: int) -> None:
        self.measured = check_trace(trace)
        self.energy = trace["energy"].values
        self.delay = trace["delay"].values
        n = checks.count("n_points", n_points, 64, 4096)
        if n & (n - 1):
            raise InvalidValue(f"n_points must be a power of two, got {n}.")
        if self.delay.size < 8:
            raise InvalidValue(f"a retrieval needs >= 8 delays, got {self.delay.size}.")
        low, high = self.energy[0], self.energy[-1]
        centre = 0.5 * (low + high)
        self.n, self.step = n, 2.0 * math.pi * HBAR / (1.2 * (high - low))
        carrier = (centre + ip) / HBAR
        if math.pi / self.step >= carrier:
            raise InvalidValue(
                "the energies must reach less far than the photon energy; cut empty "
                "ones off the trace."
            )
        wavelength = 2.0 * math.pi * SPEED_OF_LIGHT / carrier
        self.grid = Grid(n_points=n, window=n * self.step, wavelength=wavelength)
        self.kinetic = centre + HBAR * self.grid.detuning
        apart = float(np.median(np.diff(self.delay)))
        self.stride = max(1, round(apart / self.step))
        count = int((self.delay[-1] - self.delay[0]) / (self.stride * self.step)) + 1
        self.place = self.delay[0] + self.stride * self.step * np.arange(count)
        self.scale = float(self.measured.max())
        self.sizes = self._interpolated()
        self.length = n + self.stride * (count - 1)
        self.central = central_momentum(self.energy, self.measured.mean(axis=0))

    def _interpolated(self) -> Floats:
        """Return square roots of the trace on the grid, ``(n_delays, n)``."""
        from scipy.interpolate import RectBivariateSpline

        degree = 3 if self.delay.size > 3 else 1
        surface = RectBivariateSpline(
            self.delay, self.energy, self.measured / self.scale, kx=degree
        )
        order = np.argsort(self.kinetic)
        inside = (self.kinetic >= self.energy[0]) & (self.kinetic <= self.energy[-1])
        values = np.empty((self.place.size, self.n))
        at = np.clip(self.kinetic[order], self.energy[0], self.energy[-1])
        values[:, order] = surface(self.place, at)
        return np.ascontiguousarray(np.sqrt(np.maximum(values, 0.0) * inside))

    @property
    def gate_time(self) -> Floats:
        """Times of the gate in the field's time, s."""
        index = np.arange(self.length) - self.n // 2
        return np.asarray(self.place[0] + self.step * index)

    def start(self, chirp: float) -> Floats:
        """Return the first pulse and gate, ``(4, length)``."""
        weight = self.sizes**2 + 1e-12
        momentum = np.sqrt(2.0 * np.maximum(self.kinetic, 0.0) / HARTREE)
        mean = (weight * momentum).sum(axis=1) / weight.sum(axis=1)
        potential = np.interp(self.gate_time, self.place, mean.mean() - mean)
        change = self.central * potential + 0.5 * potential**2
        phase = np.cumsum(change) * self.step / ATOMIC_TIME
        spectrum = np.sqrt((self.sizes**2).mean(axis=0)).astype(complex)
        share = np.abs(spectrum) ** 2 / np.sum(np.abs(spectrum) ** 2)
        away = self.kinetic - np.sum(share * self.kinetic)
        spectrum *= np.exp(1j * chirp * away**2 / np.sum(share * away**2))
        fields = np.zeros((4, self.length))
        pulse = np.fft.fftshift(np.fft.fft(spectrum)) / self.n
        fields[0, : self.n], fields[1, : self.n] = pulse.real, pulse.imag
        fields[2], fields[3] = np.cos(phase), np.sin(phase)
        return fields

    def search(
        self, method: str, most: int, rng: np.random.Generator
    ) -> tuple[Floats, int, bool]:
        """Return what fits best, from several chirps, as `run` does."""
        trials = [
            self.run(self.start(chirp), "ptychography", min(TRIAL, most), rng)[0]
            for chirp in STARTS
        ]
        return self.run(min(trials, key=self.error), method, most, rng)

    def run(
        self,
        fields: Floats,
        method: str,
        most: int,
        rng: np.random.Generator,
    ) -> tuple[Floats, int, bool]:
        """Return pulse and gate after so many passes at most; whether they settled."""
        from qleap.laser._kernels import crab
        from qleap.laser._reference.fft import tables

        table, room = tables(self.n), np.empty((5, 2 * self.n))
        sums = np.empty((6, self.length))
        errors: list[float] = []
        for count in range(1, most + 1):
            if method == "least squares":
                missed = crab.least_squares_pass_into(
                    table, self.sizes, self.stride, fields, sums, room
                )
            else:
                order = rng.permutation(self.place.size)
                gain = GAIN * (1.0 - 0.9 * count / most)
                missed = crab.ptychographic_pass_into(
                    table, self.sizes, self.stride, order, gain, fields, room
                )
            errors.append(math.sqrt(missed / self.sizes.size))
            if count > 20 and abs(errors[-11] - errors[-1]) < STALLED * errors[-1]:
                return fields, count, True
        return fields, most, False

    def pulse(
        self, fields: Floats, dipole: PhotoDipole | None
    ) -> tuple[SampledPulse, float]:
        """Return the light, centred, of one joule, and its mean time before, s."""
        samples = fields[0, : self.n] + 1j * fields[1, : self.n]
        spectrum = self.grid.to_frequency(samples)
        if dipole is not None:
            spectrum = spectrum / dipole(np.maximum(self.kinetic, 0.0))
            spectrum *= self.sizes.max(axis=0) > 1e-3 * self.sizes.max()
        return centred(self.grid, spectrum)

    def computed(self, fields: Floats) -> Floats:
        """Return the trace of pulse and gate on the grid, ``(n_delays, n)``."""
        pulse = fields[0, : self.n] + 1j * fields[1, : self.n]
        gate = fields[2] + 1j * fields[3]
        at = self.stride * np.arange(self.place.size)[:, None] + np.arange(self.n)
        spectra = np.fft.ifft(pulse * gate[at], axis=1) * self.n
        return np.asarray(np.abs(spectra) ** 2)

    def error(self, fields: Floats) -> float:
        """Return the root mean square of what is not explained on the grid."""
        return float(np.sqrt(np.mean((self.computed(fields) - self.sizes**2) ** 2)))

    def residual(self, fields: Floats) -> Floats:
        """Return measured minus fitted at the trace's delays, in shares of its peak."""
        from scipy.interpolate import RectBivariateSpline

        order = np.argsort(self.kinetic)
        surface = RectBivariateSpline(
            self.place, self.kinetic[order], self.computed(fields)[:, order]
        )
        fitted = surface(self.delay, self.energy)
        return np.asarray(self.measured / self.scale - fitted)

    def potential(self, fields: Floats) -> tuple[Floats, Floats]:
        """Return times and vector potential that belong to the gate's phase."""
        phase = np.unwrap(np.angle(fields[2] + 1j * fields[3]))
        slope = np.gradient(phase, self.step / ATOMIC_TIME)
        square = np.maximum(self.central**2 + 2.0 * slope, 0.0)
        potential = (np.sqrt(square) - self.central) * ATOMIC_POTENTIAL
        edge = self.n // 2
        inside = slice(edge, self.length - edge + 1)
        return self.gate_time[inside], potential[inside]


def centred(grid: Grid, spectrum: Complex) -> tuple[SampledPulse, float]:
    """Return a pulse of one joule whose mean time is zero, with no phase in the mean.

    And the mean time before, s.
    """
    samples = grid.to_time(spectrum)
    power = np.abs(samples) ** 2
    # The mean over a period: the window has no beginning.
    turn = np.sum(power * np.exp(2j * np.pi * grid.time / grid.window))
    away = float(np.angle(turn)) * grid.window / (2.0 * math.pi)
    spectrum = spectrum * np.exp(-1j * grid.detuning * away)
    mean = np.angle(np.sum(spectrum * np.abs(spectrum)))
    spectrum = spectrum * np.exp(-1j * mean)
    samples = grid.to_time(spectrum)
    energy = np.sum(np.abs(samples) ** 2) * grid.step
    return SampledPulse(grid=grid, samples=samples / math.sqrt(energy)), away
