r"""A streaking trace as a function of numbers: spectrum, phase and vector potential.

Spectrum and phase are a `LightForm`, the vector potential is a cubic B-spline over
time; a constant background may stand below. Electrons see all of it without the central
momentum approximation.
"""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import ATOMIC_TIME, HARTREE, HBAR, SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.grid import Grid
from qleap.laser.metrology import volkov
from qleap.laser.metrology.crab import centred
from qleap.laser.metrology.light_form import LightForm
from qleap.laser.metrology.photoemission import PhotoDipole
from qleap.laser.metrology.streaking import blurred
from qleap.laser.propagation.team import Team
from qleap.laser.pulses.sampled import SampledPulse

__all__ = ["StreakingModel"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


class StreakingModel:
    """Fitted spectra, and their slopes, at given delays and energies.

    Parameters
    ----------
    energy, delay : ndarray
        Of the trace, J and s.
    ionisation_energy : float
        J.
    window : float
        Of the pulse, s.
    band : tuple of float
        Photon energies between which there is light, J.
    cycle : float
        Of the dressing field, s.
    sizes : tuple of int
        Numbers for the amplitudes, for the phase, and in a cycle of the potential.
    dipole : PhotoDipole or None
    resolution : float
        Of the spectrometer, J.
    cosine : float
        Of the angle of detection.
    """

    def __init__(
        self,
        energy: Floats,
        delay: Floats,
        *,
        ionisation_energy: float,
        window: float,
        band: tuple[float, float],
        cycle: float,
        sizes: tuple[int, int, int],
        dipole: PhotoDipole | None,
        resolution: float,
        cosine: float,
        swing: float,
        threads: int | None,
    ) -> None:
        self.energy, self.delay, self.cycle = energy, delay, cycle
        self.dipole, self.resolution, self.cosine = dipole, resolution, cosine
        self.n_amplitudes, self.n_phases, per_cycle = sizes
        self.team = Team(threads)
        self.table = (np.ones((2, 1)), np.ones(2))
        if dipole is not None:
            self.table, self.slope_table = dipole.table(), dipole.table(slope=True)
        carrier = (0.5 * (energy[0] + energy[-1]) + ionisation_energy) / HBAR
        self.electron = volkov.electrons(energy, ionisation_energy, carrier)
        self.grid = _grid(self.electron, carrier, window, swing)
        self.order = np.argsort(self.grid.detuning)
        self.photon = HBAR * self.grid.omega
        self.form = LightForm(
            self.photon,
            band=band,
            ends=(energy[0] + ionisation_energy, energy[-1] + ionisation_energy),
            n_amplitudes=self.n_amplitudes,
            n_phases=self.n_phases,
        )
        self._prepare_potential(per_cycle, cycle)

    def _prepare_potential(self, per_cycle: int, cycle: float) -> None:
        """Lay the knots of the potential over all times that electrons are born at."""
        from scipy.interpolate import BSpline

        time = self.grid.time
        low, high = self.delay[0] + time[0], self.delay[-1] + time[-1]
        count = max(4, math.ceil((high - low) / cycle * per_cycle))
        apart = (high - low) / count
        knots = low + apart * np.arange(-3, count + 4)
        self.centres = 0.5 * (knots[:-4] + knots[4:])
        self.n_potential = count + 3
        identity = BSpline(knots, np.eye(self.n_potential), 3)
        whole = identity.antiderivative()
        at = self.delay[:, None] + time
        self.potential_basis = identity(at)
        left = (whole(high) - whole(at)) / ATOMIC_TIME
        self.position_basis = np.ascontiguousarray(left)
        # The integral of the square, by Gauss points between even times.
        self.fine = np.linspace(low, high, 8 * count + 1)
        self.fine_basis = identity(self.fine)

    @property
    def n_numbers(self) -> int:
        """Numbers that are fitted: amplitudes, phases, potential, background."""
        return int(self.n_amplitudes + self.n_phases + self.n_potential + 1)

    def _potential(self, x: Floats) -> Floats:
        """Return the potential's numbers, atomic units."""
        return x[self.n_amplitudes + self.n_phases : -1]

    def spectrum(self, x: Floats) -> Complex:
        """Return the spectrum on the grid, FFT order."""
        return self.form.spectrum(x)

    def potential(self, x: Floats) -> tuple[Floats, Floats]:
        """Return times (s) and vector potential (V s/m) within the trace's delays."""
        inside = (self.fine >= self.delay[0]) & (self.fine <= self.delay[-1])
        values = self.fine_basis[inside] @ self._potential(x)
        return self.fine[inside], values * volkov.ATOMIC_POTENTIAL

    def pulse(self, x: Floats) -> tuple[SampledPulse, float]:
        """Return the light, centred, of one joule, and its mean time before, s."""
        return centred(self.grid, self.spectrum(x))

    def spectra(self, x: Floats) -> Floats:
        """Return the fitted trace, ``(n_delays, n_energies)``."""
        found = self._amplitudes(self._samples(self.spectrum(x)), self._paths(x))
        return np.asarray(self._seen(found[0] ** 2 + found[1] ** 2) + x[-1])

    def slopes(self, x: Floats) -> tuple[Floats, Floats]:
        """Return the fitted trace and its slopes, ``(n_delays n_energies, numbers)``.

        Amplitudes are sums over the pulse's times of a turn (and the dipole) times the
        samples: all slopes of a delay are one product of matrices.
        """
        spectrum, paths = self.spectrum(x), self._paths(x)
        envelope = self.grid.to_time(spectrum) * self.grid.step
        of_pulse = self._pulse_columns(spectrum)
        value = np.empty((self.delay.size, self.energy.size))
        jacobian = np.zeros((*value.shape, self.n_numbers))
        jacobian[:, :, -1] = 1.0
        quiver_basis = self._quiver_basis(x)

        def work(member: int, d: int) -> None:  # noqa: ARG001
            path = np.ascontiguousarray(paths[:, d : d + 1])
            near = np.flatnonzero(np.any(self.potential_basis[d] != 0.0, axis=0))
            columns = np.hstack(
                [
                    envelope[:, None],
                    of_pulse,
                    envelope[:, None] * self.position_basis[d][:, near],
                    envelope[:, None] * quiver_basis[d][:, near],
                ]
            )
            found = self._turns(path, None) @ columns
            base, moved = found[:, 0], found[:, 1 : 1 + of_pulse.shape[1]]
            along, square = np.split(found[:, 1 + of_pulse.shape[1] :], 2, axis=1)
            momentum = self.electron[0][:, None]
            bent = -1j * (self.cosine * momentum * along + square)
            if self.dipole is not None:
                bent += self._dipole_slopes(path, envelope, d, near)
            value[d] = np.abs(base) ** 2
            doubled = 2.0 * base.conj()[:, None]
            jacobian[d, :, : moved.shape[1]] = (doubled * moved).real
            at = self.n_amplitudes + self.n_phases + near
            jacobian[d][:, at] = (doubled * bent).real

        self.team.run(work, range(self.delay.size))
        if self.resolution > 0.0:
            value = self._seen(value)
            flat = jacobian[:, :, :-1].transpose(0, 2, 1)
            jacobian[:, :, :-1] = self._seen(flat).transpose(0, 2, 1)
        return value + x[-1], jacobian.reshape(value.size, -1)

    def _pulse_columns(self, spectrum: Complex) -> Complex:
        """Return the pulse's slopes with amplitudes and phases, ``(n_t, numbers)``."""
        rows = self.form.slopes(spectrum)
        return np.array([self.grid.to_time(row) * self.grid.step for row in rows]).T

    def _quiver_basis(self, x: Floats) -> Floats:
        """Return slopes of the integral of half the squared potential."""
        from scipy.interpolate import CubicSpline

        potential = self.fine_basis @ self._potential(x)
        time = self.fine / ATOMIC_TIME
        whole = CubicSpline(time, self.fine_basis * potential[:, None]).antiderivative()
        at = (self.delay[:, None] + self.grid.time) / ATOMIC_TIME
        return np.asarray(whole(time[-1]) - whole(at))

    def _turns(self, path: Floats, table: tuple[Floats, Floats] | None) -> Complex:
        """Return what samples count at one delay, ``(n_energies, n_t)``."""
        from qleap.laser._kernels import streaking

        if table is None:
            table = self.table
        pairs = np.empty((self.energy.size, 2 * self.grid.n_points))
        time = self.grid.time / ATOMIC_TIME
        streaking.volkov_turns_into(time, path, self.electron, *table, pairs)
        return pairs.view(np.complex128)

    def _dipole_slopes(
        self, path: Floats, envelope: Complex, d: int, near: NDArray[np.int64]
    ) -> Complex:
        """Return what the potential changes through the energy at birth."""
        turns = self._turns(path, self.slope_table)
        basis = envelope[:, None] * self.potential_basis[d][:, near]
        potential = path[0, 0] / self.cosine
        momentum = self.electron[0][:, None]
        direct = turns @ basis * (self.cosine * momentum)
        return np.asarray(direct + turns @ (basis * potential[:, None]))

    def _samples(self, spectrum: Complex) -> Floats:
        envelope = self.grid.to_time(spectrum) * self.grid.step
        return np.array([self.grid.time / ATOMIC_TIME, envelope.real, envelope.imag])

    def _paths(self, x: Floats) -> Floats:
        from scipy.interpolate import CubicSpline

        potential = self._potential(x)
        value = self.potential_basis @ potential
        time = self.fine / ATOMIC_TIME
        square = 0.5 * (self.fine_basis @ potential) ** 2
        whole = CubicSpline(time, square).antiderivative()
        quiver = whole(time[-1]) - whole(
            (self.delay[:, None] + self.grid.time) / ATOMIC_TIME
        )
        position = self.cosine * (self.position_basis @ potential)
        paths = (self.cosine * value, 0.5 * value**2, position, quiver)
        return np.ascontiguousarray(np.stack(paths))

    def _amplitudes(self, samples: Floats, paths: Floats) -> Floats:
        return volkov.amplitudes(samples, paths, self.electron, self.dipole, self.team)

    def _seen(self, values: Floats) -> Floats:
        return blurred(self.energy, values, self.resolution)


def _grid(electron: Floats, carrier: float, window: float, swing: float) -> Grid:
    """Return a grid whose band holds the electrons, shifted by the field, twice."""
    reach = 2.1 * np.abs(electron[1]).max() / ATOMIC_TIME + swing / ATOMIC_TIME
    n = 1 << max(6, math.ceil(math.log2(window * reach / (2.0 * math.pi))))
    width = 2.0 * math.pi * n / reach
    if math.pi * n / width >= carrier:
        raise InvalidValue(
            "the energies reach as far as the photon energy; cut empty ones off the "
            f"trace (the carrier is {carrier * HBAR / HARTREE:.3g} hartree)."
        )
    return Grid(
        n_points=n, window=width, wavelength=2.0 * math.pi * SPEED_OF_LIGHT / carrier
    )
