"""Spins as a sequence sees them: a static part, drives, light, what is read out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue

__all__ = ["Channel", "ControlledSpins"]

Matrix = NDArray[np.complex128]


@dataclass(frozen=True, kw_only=True, eq=False)
class Channel:
    r"""One source of pulses.

    In a rotating frame (``carrier`` zero) a pulse adds
    :math:`H/h = f(t) [\cos\varphi\, X + \sin\varphi\, Y]`; in the laboratory frame
    :math:`H/h = 2 f(t) \cos(2\pi f_c t + \varphi)\, X` with t from the beginning
    of the sequence, so that f is the same Rabi frequency in both.

    Parameters
    ----------
    in_phase, quadrature : ndarray, shape (d, d)
        X and Y; Hermitian. Half of a Pauli matrix for the transition of a spin.
    number : ndarray, shape (d,)
        Whole numbers that say how often each basis state turns with the carrier in
        the rotating frame: a pulse detuned by delta has the static Hamiltonian
        minus ``delta * diag(number)`` in its own frame.
    carrier : float
        Hz; zero in the rotating frame.
    """

    in_phase: Matrix
    quadrature: Matrix
    number: NDArray[np.float64]
    carrier: float = 0.0


@dataclass(frozen=True, kw_only=True, eq=False)
class ControlledSpins:
    r"""What a sequence acts on.

    Parameters
    ----------
    static : ndarray, shape (d, d)
        Hamiltonian over h in the frame of the channels, Hz.
    channels : mapping of str to Channel
    initial : ndarray, shape (d, d)
        Density matrix at the beginning.
    readout : ndarray, shape (d, d)
        Hermitian; the signal is its expectation value at the end.
    collapse : ndarray, shape (n, d, d)
        Lindblad operators that always act, 1/sqrt(s).
    light : ndarray, shape (n, d, d)
        Lindblad operators that act under `Laser` of power 1, 1/sqrt(s).
    sensitive : ndarray, shape (d, d)
        What a signal field multiplies in the Hamiltonian: dH/dB over h along the
        sensor's axis, Hz/T, in the frame of the channels.
    """

    static: Matrix
    channels: Mapping[str, Channel]
    initial: Matrix
    readout: Matrix
    collapse: Matrix = field(default_factory=lambda: np.zeros((0, 1, 1), complex))
    light: Matrix = field(default_factory=lambda: np.zeros((0, 1, 1), complex))
    sensitive: Matrix | None = None

    def __post_init__(self) -> None:
        square = (self.dimension, self.dimension)
        for name in ("static", "initial", "readout"):
            matrix = np.asarray(getattr(self, name), dtype=np.complex128)
            largest = float(np.max(np.abs(matrix), initial=0.0))
            if matrix.shape != square or not np.allclose(
                matrix, matrix.conj().T, rtol=0.0, atol=1e-9 * largest
            ):
                raise InvalidValue(
                    f"{name} must be a Hermitian matrix of the shape {square}, got "
                    f"the shape {matrix.shape}."
                )
            object.__setattr__(self, name, matrix)

    @property
    def dimension(self) -> int:
        """Number of levels."""
        return int(np.shape(self.static)[0])

    @property
    def is_unitary(self) -> bool:
        """Whether nothing relaxes without light."""
        return len(self.collapse) == 0

    def detuned(self, channel: str, offset: float) -> "ControlledSpins":
        """Return the spins with the carrier of a channel moved by ``offset``, Hz."""
        number = np.diag(self.channels[channel].number)
        return replace(self, static=self.static - offset * number)

    def to_qutip(self) -> tuple[Any, list[Any]]:
        """Return static Hamiltonian (Hz) and collapse operators as Qobj.

        Multiply the Hamiltonian by 2 pi for QuTiP's solvers.
        """
        import qutip

        return qutip.Qobj(self.static), [qutip.Qobj(c) for c in self.collapse]
