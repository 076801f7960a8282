"""Density matrices and signals at the end of a sequence."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue
from qleap.sensing.sequences.elements import Free, Laser, Pulse, Sequence
from qleap.sensing.sequences.spins import Channel, ControlledSpins

__all__ = ["evolve", "signal"]

Matrix = NDArray[np.complex128]


def evolve(
    spins: ControlledSpins, sequence: Sequence, *, state: Matrix | None = None
) -> Matrix:
    """Return the density matrix at the end of ``sequence``, shape ``(d, d)``.

    ``state`` is the one at the beginning, that of the spins by default.
    """
    rho = np.asarray(spins.initial if state is None else state, dtype=np.complex128)
    for element in sequence.flat():
        if isinstance(element, Laser):
            strength = np.sqrt(element.power)
            collapse = [*spins.collapse, *(strength * spins.light)]
            rho = _relax(spins.static, collapse, element.duration, rho)
        elif isinstance(element, Free):
            rho = _relax(spins.static, [*spins.collapse], element.duration, rho)
        else:
            rho = _pulse(spins, element, rho)
    return rho


def signal(
    spins: ControlledSpins, sequences: Iterable[Sequence]
) -> NDArray[np.float64]:
    """Return the expectation value of the readout after each sequence."""
    return np.array([
        np.trace(spins.readout @ evolve(spins, sequence)).real
        for sequence in sequences
    ])  # fmt: skip


def _pulse(spins: ControlledSpins, pulse: Pulse, rho: Matrix) -> Matrix:
    from scipy.linalg import expm

    if pulse.channel not in spins.channels:
        raise InvalidValue(
            f"channel must be one of {', '.join(spins.channels)}, got "
            f"{pulse.channel!r}."
        )
    channel = spins.channels[pulse.channel]
    if pulse.duration == 0.0:
        turn = expm(-1j * pulse.angle * _direction(channel, pulse.phase))
        return np.asarray(turn @ rho @ turn.conj().T)
    number = channel.number
    steps = 1 if pulse.is_rectangular else 2000
    middle = (np.arange(steps) + 0.5) / steps
    for amplitude in pulse.rabi_frequency * pulse.envelope(middle):
        drive = amplitude * _direction(channel, pulse.phase)
        turned = spins.static + drive - pulse.detuning * np.diag(number)
        rho = _relax(turned, [*spins.collapse], pulse.duration / steps, rho)
    phase = np.exp(-2j * np.pi * pulse.detuning * number * pulse.duration)
    return np.asarray(phase[:, None] * rho * phase.conj()[None, :])


def _direction(channel: Channel, phase: float) -> Matrix:
    drive = np.cos(phase) * channel.in_phase + np.sin(phase) * channel.quadrature
    return np.asarray(drive)


def _relax(
    hamiltonian: Matrix, collapse: list[Matrix], duration: float, rho: Matrix
) -> Matrix:
    from scipy.linalg import expm

    if not collapse:
        turn = expm(-2j * np.pi * duration * hamiltonian)
        return np.asarray(turn @ rho @ turn.conj().T)
    one = np.eye(len(rho))
    liouvillian = (
        -2j * np.pi * (np.kron(hamiltonian, one) - np.kron(one, hamiltonian.T))
    )
    for c in collapse:
        loss = c.conj().T @ c
        liouvillian += np.kron(c, c.conj())
        liouvillian -= 0.5 * (np.kron(loss, one) + np.kron(one, loss.T))
    moved = expm(duration * liouvillian) @ rho.ravel()
    return np.asarray(moved.reshape(rho.shape))
