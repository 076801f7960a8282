"""The solver behind the doors: from a spectrum at one place to the next.

The equation, in the frame of the carrier's group velocity and with fields that go as
``exp(-i omega t)``, is

``dA/dz = i beta(Omega) A - alpha/2 A + i gamma (1 + i/omega0 d/dt) [A (R * |A|^2)]``

(J. M. Dudley, G. Genty, S. Coen, Rev. Mod. Phys. 78, 1135 (2006), eq. (3), written for
our sign of time). Raman response and dispersion act in the frequency domain, where
they are exact on the periodic grid.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import NotConverged
from qleap.laser.grid import Grid
from qleap.laser.guides.fibre import Fibre

__all__ = ["Equation", "Snapshot", "march"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]

STEPS_A_CALL = 50
"""Steps between two looks at the keyboard."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """The light at one place.

    Parameters
    ----------
    position : float
        m.
    amplitudes : ndarray of complex, shape (n,)
        ``A(t_j) = sum_k a_k exp(-i Omega_k (t_j - t_0))``, sqrt(W), FFT order.
    step : float
        Step that the solver would try next, m.
    error : float
        Sum of the estimated local errors so far, relative to the light's norm.
    steps, rejected : int
        Steps taken and steps tried again, so far.
    """

    position: float
    amplitudes: Complex
    step: float
    error: float = 0.0
    steps: int = 0
    rejected: int = 0

    @property
    def envelope(self) -> Complex:
        """The field on the time grid, sqrt(W)."""
        return np.fft.fft(self.amplitudes)


@dataclass(frozen=True, kw_only=True, slots=True)
class Equation:
    """The coefficients of the equation on one grid, as the kernels want them.

    Parameters
    ----------
    linear : ndarray, shape (2, n)
        Gain and phase per length, 1/m.
    coefficient : ndarray, shape (n,)
        gamma with the shock term, over n, 1/(W m).
    response : ndarray, shape (2, n/2 + 1) or (2, 0)
        Response of the medium over n/2; of no column where it is instantaneous.
    """

    linear: Floats
    coefficient: Floats
    response: Floats

    @classmethod
    def of(cls, fibre: Fibre, grid: Grid) -> "Equation":
        """Return the equation of light in ``fibre`` on ``grid``."""
        n = grid.n_points
        beta = fibre.propagation_constant(grid.omega, grid.omega0)
        shock = grid.omega / grid.omega0 if fibre.self_steepening else np.ones(n)
        return cls(
            linear=np.stack([np.full(n, -0.5 * fibre.loss), beta]),
            coefficient=fibre.gamma * shock / n,
            response=_response(fibre, grid),
        )


def _response(fibre: Fibre, grid: Grid) -> Floats:
    raman = fibre.raman_response
    if raman is None:
        return np.empty((2, 0))
    half = grid.n_points // 2
    detuning = np.arange(half + 1, dtype=np.float64) * (2.0 * np.pi / grid.window)
    values = raman.response(detuning)
    values[-1] = values[-1].real  # the highest frequency of a real signal is real
    return np.stack([values.real, values.imag]) / half


def march(
    start: Snapshot,
    equation: Equation,
    positions: Sequence[float],
    *,
    tolerance: float = 1e-6,
) -> Iterator[Snapshot | None]:
    """Yield the light at each of ``positions``, and None while it is under way.

    Parameters
    ----------
    start : Snapshot
        Where to begin, with the step to try first.
    equation : Equation
        From `Equation.of`.
    positions : sequence of float
        Increasing, beyond the start, m.
    tolerance : float
        Largest relative local error of a step; zero keeps the first step.

    Raises
    ------
    NotConverged
        Where the field stops being finite or the step becomes too small.
    """
    from qleap.laser._kernels import gnlse
    from qleap.laser._reference.gnlse import tables

    checks.between("tolerance", tolerance, 0.0, 0.1)
    spectrum = np.stack([start.amplitudes.real, start.amplitudes.imag])
    control = np.array([start.position, 0.0, start.step, tolerance, start.error])
    counts = np.array([start.steps, start.rejected, STEPS_A_CALL])
    lookup = tables(spectrum.shape[1])
    for position in positions:
        control[1] = position
        status = gnlse.PAUSED
        while status == gnlse.PAUSED:
            status = gnlse.advance_into(
                equation.linear,
                equation.coefficient,
                equation.response,
                lookup,
                control,
                counts,
                spectrum,
            )
            if status == gnlse.PAUSED:
                yield None
        if status != gnlse.REACHED:
            raise _failure(status == gnlse.STEP_UNDERFLOW, control)
        yield Snapshot(
            position=position,
            amplitudes=spectrum[0] + 1j * spectrum[1],
            step=float(control[2]),
            error=float(control[4]),
            steps=int(counts[0]),
            rejected=int(counts[1]),
        )


def _failure(too_small: bool, control: Floats) -> NotConverged:
    """Return the error of a propagation that ended before its end."""
    position, _, step, tolerance, _ = control
    cause = "the step is too small to go on" if too_small else "the field is not finite"
    return NotConverged(
        f"propagation must reach the fibre's end, but at {position:.6g} m with a step "
        f"of {step:.3g} m {cause} (tolerance {tolerance:g}); check power, gamma and "
        "betas, or widen the grid."
    )
