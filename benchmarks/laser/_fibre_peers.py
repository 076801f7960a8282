"""The same light by other programs, all on our grid and with our Raman response."""

import contextlib
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from qleap.bench import Skip
from qleap.core import jit
from qleap.laser import Fibre, Grid
from qleap.laser.propagation.run import DEFAULT_TOLERANCE

Density = NDArray[np.float64]
Complex = NDArray[np.complex128]


def _response(fibre: Fibre, grid: Grid) -> Complex:
    """Return the medium's response at the grid's frequencies (FFT order)."""
    raman = fibre.raman_response
    assert raman is not None
    return raman.response(grid.detuning)


def by_solve_ivp(fibre: Fibre, grid: Grid, envelope: Complex) -> Density:
    """Solve the same equation by SciPy's RK45 in the interaction picture."""
    beta = fibre.propagation_constant(grid.omega, grid.omega0)
    nonlinear = 1j * fibre.gamma * grid.omega / grid.omega0
    response = _response(fibre, grid)
    fft, ifft = scipy.fft.fft, scipy.fft.ifft

    def slope(z: float, turned: Complex) -> Complex:
        phase = np.exp(1j * beta * z)
        field = fft(turned * phase)
        power = ifft(field.real**2 + field.imag**2)
        field *= fft(power * response).real
        return np.asarray(nonlinear * ifft(field) * phase.conj())

    start = np.fft.ifft(envelope)
    # Tolerances that lead to about our error; see docs/laser/propagation.md.
    found = solve_ivp(slope, (0.0, fibre.length), start, rtol=3e-7, atol=3e-8)
    return np.fft.fftshift(np.abs(found.y[:, -1] * grid.window) ** 2)


def by_same_method(fibre: Fibre, grid: Grid, envelope: Complex) -> Density:
    """Solve by our own method and tolerance in NumPy and scipy.fft, step for step.

    What is left between the two is the kernel.
    """
    fft, ifft, n = scipy.fft.fft, scipy.fft.ifft, grid.n_points
    beta = fibre.propagation_constant(grid.omega, grid.omega0)
    nonlinear = 1j * fibre.gamma * grid.omega / grid.omega0
    response = _response(fibre, grid)[
        : n // 2 + 1
    ].conj()  # a real transform has exp(-i)

    def slope(x: Complex) -> Complex:
        field = fft(x)
        power = field.real**2 + field.imag**2
        field *= scipy.fft.irfft(scipy.fft.rfft(power) * response, n)
        return np.asarray(nonlinear * ifft(field))

    x = ifft(envelope)
    top = float((np.abs(envelope) ** 2).max())
    first, z, h, tabulated = slope(x), 0.0, 0.01 / (fibre.gamma * top), 0.0
    while z < fibre.length:
        step = min(h, fibre.length - z)
        if step != tabulated:
            half, tabulated = np.exp(0.5j * step * beta), step
        centre, k1 = half * x, half * first
        k2 = slope(centre + 0.5 * step * k1)
        k3 = slope(centre + 0.5 * step * k2)
        k4 = slope(half * (centre + step * k3))
        new = half * (centre + step / 6.0 * (k1 + 2.0 * (k2 + k3))) + step / 6.0 * k4
        last = slope(new)
        error = step / 10.0 * np.linalg.norm(k4 - last) / np.linalg.norm(new)
        if error <= DEFAULT_TOLERANCE:
            z = fibre.length if step == fibre.length - z else z + step
            x, first = new, last
        ratio = min(2.0, max(0.4, 0.9 * float(DEFAULT_TOLERANCE / error) ** 0.25))
        if ratio < 1.0 or (ratio > 1.2 and step == h):
            h = step * ratio
    return np.asarray(np.fft.fftshift(np.abs(x * grid.window) ** 2))


class _GnlseDispersion:
    """A fibre's dispersion as the package gnlse asks for it."""

    def __init__(self, fibre: Fibre, grid: Grid) -> None:
        self._fibre = fibre
        self._carrier = grid.omega0

    def D(self, detuning: Density) -> Complex:  # noqa: N802
        """Return i beta at ``detuning`` (rad/ps), 1/m."""
        omega = self._carrier + detuning * 1e12
        beta = self._fibre.propagation_constant(omega, self._carrier)
        return np.asarray(1j * beta, np.complex128)


def by_gnlse(
    fibre: Fibre, grid: Grid, envelope: Complex, rtol: float = 3e-7
) -> Callable[[], Density]:
    """Prepare the package gnlse on our grid, with our response for the same truth.

    Its own time axis counts the end point twice and samples the response half a step
    off (its issue 25), and its dispersion calls a function that numpy 2 has not; all
    three are handed to it, so that only its solver is timed.
    """
    import gnlse  # type: ignore[import-not-found,unused-ignore]

    setup = gnlse.GNLSESetup()
    setup.resolution = grid.n_points
    setup.time_window = (grid.window - grid.step) * 1e12
    setup.wavelength = grid.wavelength * 1e9
    setup.fiber_length = fibre.length
    setup.nonlinearity = fibre.gamma
    setup.pulse_model = envelope
    setup.dispersion_model = _GnlseDispersion(fibre, grid)
    setup.self_steepening = True
    setup.z_saves = 2
    setup.rtol, setup.atol = rtol, 0.1 * rtol
    raman = fibre.raman_response
    assert raman is not None
    delayed = np.fft.fft(raman.transform(grid.detuning)).real / grid.n_points
    shifted = np.fft.fftshift(delayed) / (grid.step * 1e12)
    setup.raman_model = lambda _time: (raman.fraction, shifted)

    def run() -> Density:
        with contextlib.redirect_stderr(io.StringIO()):  # its progress bar
            solution = gnlse.GNLSE(setup).run()
        return np.asarray(np.abs(solution.AW[-1] * 1e-12) ** 2)

    return run


class PyNLO:
    """PyNLO 0.2 and later (the UCBoulder fork), which uses our method, too.

    What the package index calls PyNLO, 0.1, is another program. The grid's carrier
    has to be a multiple of its spacing. One thread serves it best: transforms of 2^13
    points are too short for two.
    """

    TOLERANCE = 7e-8
    """Leads to our error (2e-4 in the spectrum) in the whole supercontinuum."""

    def __init__(
        self,
        fibre: Fibre,
        grid: Grid,
        threads: int = 1,
        tolerance: float = TOLERANCE,
    ) -> None:
        try:
            with contextlib.redirect_stdout(io.StringIO()):  # it greets
                import pyfftw
                from pynlo import light, medium, model
                from pynlo.utility import chi3
        except ImportError as error:
            raise Skip(f"PyNLO >= 0.2 with pyFFTW is not there ({error})") from error
        # It sets the FFT of the whole process.
        scipy.fft.set_global_backend("scipy")
        self._backend = pyfftw.interfaces.scipy_fft
        pyfftw.config.NUM_THREADS = self._threads = threads
        self._grid, self._length = grid, fibre.length
        self._tolerance = tolerance
        spacing, n = 1.0 / grid.window, grid.n_points
        carrier = grid.omega0 / (2.0 * np.pi)
        self._pulse: Any = light.Pulse(n, carrier, spacing, v0=carrier)
        omega = 2.0 * np.pi * self._pulse.v_grid
        self._mode: Any = medium.Mode(
            self._pulse.v_grid,
            fibre.propagation_constant(omega, grid.omega0),
            g3=chi3.gamma_to_g3(self._pulse.v_grid, fibre.gamma * omega / grid.omega0),
            rv_grid=np.arange(n // 2 + 1) * spacing,
            r3=_response(fibre, grid)[: n // 2 + 1].conj(),
        )
        self._solve = model.NLSE

    def field(self, envelope: Complex) -> Complex:
        """Return the amplitudes at the end as ours, frequencies ascending."""
        amplitudes = np.fft.ifft(envelope) * self._grid.window
        self._pulse.a_v = np.fft.fftshift(amplitudes.conj())
        before = jit.threads()
        jit.set_threads(self._threads)
        with scipy.fft.set_backend(self._backend):
            solver = self._solve(self._pulse, self._mode)
            found = solver.simulate(
                self._length, dz=1e-5, local_error=self._tolerance, n_records=2
            )
        jit.set_threads(before)
        return np.asarray(found.a_v[-1].conj(), np.complex128)

    def density(self, envelope: Complex) -> Density:
        """Return the spectral density at the end."""
        return np.abs(self.field(envelope)) ** 2
