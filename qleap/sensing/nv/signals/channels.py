"""A spin one with a microwave on each of its two transitions."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.sequences.spins import Channel, ControlledSpins
from qleap.sensing.spins.operators import embedded, spin_operators
from qleap.sensing.spins.spin import Spin
from qleap.sensing.spins.system import SpinSystem

__all__ = ["spin_one_channels"]

Matrix = NDArray[np.complex128]
ZERO, MINUS, PLUS = 0, 1, 2


def spin_one_channels(
    system: SpinSystem,
    field: ArrayLike,
    *,
    spin: str | None = None,
    carriers: tuple[float, float] | None = None,
    drive: ArrayLike = (1.0, 0.0, 0.0),
) -> ControlledSpins:
    r"""Return spins of which one, a spin one, is driven on both of its transitions.

    Parameters
    ----------
    system : SpinSystem
        For example `NVCentre.spin_system`.
    field : array_like, shape (3,)
        T, in the frame of the system.
    spin : str, optional
        The spin one that is driven, polarised and read out; the first by default.
    carriers : tuple of float, optional
        Frequencies of the channels ``"minus"`` and ``"plus"``, Hz; by default the
        centres of the two transitions. Keep those of a reference point to see what a
        change of temperature, field or strain does.
    drive : array_like, shape (3,)
        Direction of the driving fields.

    Returns
    -------
    ControlledSpins
        With three channels. ``"minus"`` and ``"plus"`` drive from the level that is
        mostly m = 0 to the lower and to the upper one of the others, each scaled to
        the Rabi frequency of its own transition. ``"both"`` drives the two with equal
        amplitudes between m = 0 and the bright state (minus + plus) / sqrt(2), and is
        scaled to the Rabi frequency of *that* transition. Start and readout are the
        level m = 0 with the other spins unpolarised.

    Notes
    -----
    The basis are the eigenstates of the whole Hamiltonian at the field, so that
    strain, transverse fields and nuclei are exact; each level turns with its own
    carrier. Drives are in the rotating-wave approximation and act on their own
    transition alone: their Rabi frequencies must be small against the splitting of
    the two lines, unless the two carriers are the same.
    """
    at = checks.triple("field", field, "T")
    name = system.names[0] if spin is None else spin
    place = system.names.index(checks.one_of("spin", name, system.names))
    own = system.spins[place]
    if own.multiplicity != 3:
        raise InvalidValue(f"spin must have S = 1, got S = {own.spin:g} of {name!r}.")
    energies, states = np.linalg.eigh(system.hamiltonian(at))
    projectors = embedded(_bare_levels(own, at), place, system.dimensions)
    label = _labels(states, projectors)
    middle = np.array([energies[label == k].mean() for k in range(3)])
    gaps = middle[1:] - middle[0]
    turning = np.abs(gaps)
    if carriers is not None:
        turning = checks.vector("carriers", carriers, "Hz")
        if turning.size != 2:
            raise InvalidValue(
                f"carriers must be two frequencies, Hz, got {turning.size}: those of "
                "the channels minus and plus."
            )
    steps = np.concatenate([[0.0], np.sign(gaps)])
    frame = (steps * np.concatenate([[0.0], turning]))[label]

    direction = checks.triple("drive", drive, "1")
    lift = np.einsum("a,aij->ij", direction, system.field_operators())
    lift = states.conj().T @ lift @ states
    ups = [_raising(lift, label, steps, k, direction) for k in (MINUS, PLUS)]
    numbers = [np.where(label == k, steps[k], 0.0) for k in (MINUS, PLUS)]
    together = np.abs(frame[:, None] - frame[None, :]) <= 1e-12 * turning.max()
    sensed = states.conj().T @ system.field_operators()[2] @ states
    zero = states.conj().T @ projectors[ZERO] @ states
    zero = np.where(together, zero, 0.0)
    return ControlledSpins(
        static=np.diag(energies - middle[ZERO] - frame).astype(complex),
        channels={
            "minus": _channel(ups[0], numbers[0]),
            "plus": _channel(ups[1], numbers[1]),
            "both": _channel((ups[0] + ups[1]) / np.sqrt(2.0), numbers[0] + numbers[1]),
        },
        initial=zero / np.trace(zero),
        readout=zero,
        sensitive=np.where(together, sensed, 0.0),
    )


def _channel(up: Matrix, number: NDArray[np.float64]) -> Channel:
    down = up.conj().T
    return Channel(in_phase=up + down, quadrature=-1j * (up - down), number=number)


def _raising(
    lift: Matrix,
    label: NDArray[np.int64],
    steps: NDArray[np.float64],
    level: int,
    direction: NDArray[np.float64],
) -> Matrix:
    """Return the part from m = 0 up to ``level``, with elements of one half on average.

    A level below m = 0 is where it starts: the phase of a drive goes with energy.
    """
    above, below = (level, ZERO) if steps[level] > 0.0 else (ZERO, level)
    block = (label[:, None] == above) & (label[None, :] == below)
    up = np.where(block, lift, 0.0)
    size = float(np.sqrt((np.abs(up) ** 2).sum() / np.sum(label == ZERO)))
    if size <= 1e-9 * float(np.max(np.abs(lift))):
        raise InvalidValue(
            "drive must connect m = 0 with both other levels, got the direction "
            f"{direction.tolist()}; turn it across the axis and off the strain."
        )
    return np.asarray(up / (2.0 * size))


def _bare_levels(own: Spin, field: NDArray[np.float64]) -> Matrix:
    """Return projectors on the spin's own levels: mostly m = 0, lower, upper."""
    _, alone = np.linalg.eigh(SpinSystem(spins=(own,)).hamiltonian(field))
    middle = np.diag(spin_operators(1.0)[2]).real == 0.0
    zero = int(np.argmax(np.abs(alone[middle, :]).ravel()))
    order = [zero, *(k for k in range(3) if k != zero)]
    kept = alone[:, order]
    return np.asarray(np.einsum("ik,jk->kij", kept, kept.conj()))


def _labels(states: Matrix, projectors: Matrix) -> NDArray[np.int64]:
    """Give every eigenstate the level with which it overlaps most, evenly."""
    from scipy.optimize import linear_sum_assignment

    share = np.einsum("in,kij,jn->nk", states.conj(), projectors, states).real
    each = len(states) // 3
    _, columns = linear_sum_assignment(-np.repeat(share, each, axis=1))
    return np.asarray(columns // each)
