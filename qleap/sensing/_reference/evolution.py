"""What a sequence does to spins, element after element: the definition."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["evolve", "liouvillian"]

Matrix = NDArray[np.complex128]


def evolve(spins: Any, sequence: Any, state: Matrix, steps: int = 2000) -> Matrix:
    """Return the density matrix at the end of a sequence in a rotating frame.

    Parameters
    ----------
    spins : ControlledSpins
    sequence : Sequence
    state : ndarray, shape (d, d)
    steps : int
        Parts of a shaped pulse, each with the amplitude in its middle.
    """
    for element in sequence.flat():
        if hasattr(element, "power"):
            collapse = [*spins.collapse, *(np.sqrt(element.power) * spins.light)]
            state = _relax(spins.static, collapse, element.duration, state)
        elif hasattr(element, "rabi_frequency"):
            state = _pulse(spins, element, state, steps)
        else:
            state = _relax(spins.static, [*spins.collapse], element.duration, state)
    return state


def _pulse(spins: Any, pulse: Any, state: Matrix, steps: int) -> Matrix:
    from scipy.linalg import expm

    channel = spins.channels[pulse.channel]
    direction = np.cos(pulse.phase) * channel.in_phase
    direction = direction + np.sin(pulse.phase) * channel.quadrature
    if pulse.duration == 0.0:
        turn = expm(-1j * pulse.angle * direction)
        return np.asarray(turn @ state @ turn.conj().T)
    steps = 1 if pulse.is_rectangular else steps
    middle = (np.arange(steps) + 0.5) / steps
    for amplitude in pulse.rabi_frequency * pulse.envelope(middle):
        turned = spins.static - pulse.detuning * np.diag(channel.number)
        turned = turned + amplitude * direction
        state = _relax(turned, [*spins.collapse], pulse.duration / steps, state)
    angle = 2.0 * np.pi * pulse.detuning * pulse.duration * channel.number
    phase = np.exp(-1j * angle)
    return np.asarray(phase[:, None] * state * phase.conj()[None, :])


def _relax(
    hamiltonian: Matrix, collapse: list[Matrix], duration: float, state: Matrix
) -> Matrix:
    from scipy.linalg import expm

    if not collapse:
        turn = expm(-2j * np.pi * duration * hamiltonian)
        return np.asarray(turn @ state @ turn.conj().T)
    moved = expm(duration * liouvillian(hamiltonian, collapse)) @ state.ravel()
    return np.asarray(moved.reshape(state.shape))


def liouvillian(hamiltonian: Matrix, collapse: list[Matrix]) -> Matrix:
    """Return L of d rho / dt = L rho, the rows of rho one after another."""
    one = np.eye(len(hamiltonian))
    found = -2j * np.pi * (np.kron(hamiltonian, one) - np.kron(one, hamiltonian.T))
    for c in collapse:
        loss = c.conj().T @ c
        found += np.kron(c, c.conj())
        found -= 0.5 * (np.kron(loss, one) + np.kron(one, loss.T))
    return found
