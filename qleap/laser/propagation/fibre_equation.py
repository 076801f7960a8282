"""The generalised nonlinear Schroedinger equation of a fibre.

In the frame of the carrier's group velocity and with fields that go as
``exp(-i omega t)``, it is

``dA/dz = i beta(Omega) A - alpha/2 A + i gamma (1 + i/omega0 d/dt) [A (R * |A|^2)]``

(J. M. Dudley, G. Genty, S. Coen, Rev. Mod. Phys. 78, 1135 (2006), eq. (3), written for
our sign of time). Raman response and dispersion act in the frequency domain, where
they are exact on the periodic grid.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.buffers import aligned_array, aligned_copy
from qleap.laser.grid import Grid
from qleap.laser.guides.fibre import Fibre
from qleap.laser.propagation.linear import UniformLinear

__all__ = ["FibreEquation"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]


class FibreEquation:
    """Light in ``fibre`` on ``grid``; amplitudes in sqrt(W), FFT order.

    Parameters
    ----------
    fibre : Fibre
        Dispersion, loss and nonlinearity.
    grid : Grid
        Of the envelope.
    """

    uniform = True

    def __init__(self, fibre: Fibre, grid: Grid) -> None:
        from qleap.laser._kernels import gnlse
        from qleap.laser._reference.fft import roots, tables

        n = grid.n_points
        beta = fibre.propagation_constant(grid.omega, grid.omega0)
        shock = grid.omega / grid.omega0 if fibre.self_steepening else np.ones(n)
        self.weights: Floats = aligned_copy(grid.omega0 / grid.omega)
        self._linear = UniformLinear(
            np.asarray(1j * beta - 0.5 * fibre.loss, np.complex128)
        )
        self._coefficient = aligned_copy(fibre.gamma * shock / n)
        self._response = aligned_copy(_response(fibre, grid))
        self._roots = aligned_copy(roots(n))
        self._tables = aligned_copy(tables(n))
        self._half_tables = aligned_copy(tables(n // 2))
        self._work, self._field = aligned_array(2 * n), aligned_array((2, n))
        self._packed = aligned_array((2, n // 2 + 8))
        self._sums = aligned_array((4, n))
        self._kernel, self._step = gnlse.nonlinear_into, gnlse.step_into

    def propagator_into(self, start: float, end: float, out: Complex) -> None:
        """Write the factor of dispersion and loss into ``out``."""
        self._linear.propagator_into(start, end, out)

    def nonlinear_into(
        self,
        position: float,  # noqa: ARG002
        amplitudes: Complex,
        out: Complex,
    ) -> None:
        """Write the nonlinear change per length into ``out``."""
        self._kernel(
            amplitudes,
            self._coefficient,
            self._response,
            self._roots,
            self._tables,
            self._half_tables,
            self._work,
            self._packed,
            self._field,
            out,
        )

    def step_into(
        self,
        factor: Complex,
        state: Complex,
        first: Complex,
        step: float,
        total: Complex,
        last: Complex,
    ) -> tuple[float, float]:
        """Do the integrator's whole step in one kernel; see `gnlse.step_into`."""
        return self._step(
            factor,
            state,
            first,
            step,
            self.weights,
            self._coefficient,
            self._response,
            self._roots,
            self._tables,
            self._half_tables,
            self._work,
            self._packed,
            self._field,
            self._sums,
            total,
            last,
        )


def _response(fibre: Fibre, grid: Grid) -> Floats:
    """Return the response over 2 n, shape (2, n/2 + 1); no column without one."""
    raman = fibre.raman_response
    if raman is None:
        return np.empty((2, 0))
    half = grid.n_points // 2
    detuning = np.arange(half + 1, dtype=np.float64) * (2.0 * np.pi / grid.window)
    values = raman.response(detuning)
    values[-1] = values[-1].real  # the highest frequency of a real signal is real
    return np.stack([values.real, values.imag]) / (2 * grid.n_points)
