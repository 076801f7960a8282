"""A spin one with a microwave on each of its two transitions."""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.sequences.frames import Drive, rotating_frame
from qleap.sensing.sequences.spins import Channel, ControlledSpins
from qleap.sensing.spins.operators import spin_operators
from qleap.sensing.spins.spin import Spin
from qleap.sensing.spins.system import SpinSystem

__all__ = ["spin_one_channels"]


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
    It is `rotating_frame` with a `Drive` for either line, where m = 0 is the level of
    the beginning whatever the order of the energies, and with the channel of both.
    Drives act on their own transition alone: their Rabi frequencies must be small
    against the splitting of the two lines, unless the two carriers are the same.
    """
    at = checks.triple("field", field, "T")
    name = system.names[0] if spin is None else spin
    own = system.spins[system.names.index(checks.one_of("spin", name, system.names))]
    if own.multiplicity != 3:
        raise InvalidValue(f"spin must have S = 1, got S = {own.spin:g} of {name!r}.")
    lower, upper = (None, None) if carriers is None else _pair(carriers)
    zero, minus, plus = _levels(own, at)
    spins = rotating_frame(
        system,
        at,
        spin=name,
        transition=(zero, minus),
        carrier=lower,
        drive=drive,
        channel="minus",
        others={"plus": Drive(transition=(zero, plus), carrier=upper, direction=drive)},
    )
    one, other = spins.channels["minus"], spins.channels["plus"]
    both = Channel(
        in_phase=(one.in_phase + other.in_phase) / np.sqrt(2.0),
        quadrature=(one.quadrature + other.quadrature) / np.sqrt(2.0),
        number=one.number + other.number,
    )
    return replace(spins, channels={**spins.channels, "both": both})


def _levels(own: Spin, field: np.ndarray) -> tuple[int, int, int]:
    """Return which of the spin's own levels, upwards, is m = 0, and the other two."""
    _, alone = np.linalg.eigh(SpinSystem(spins=(own,)).hamiltonian(field))
    middle = np.diag(spin_operators(1.0)[2]).real == 0.0
    zero = int(np.argmax(np.abs(alone[middle, :]).ravel()))
    minus, plus = (k for k in range(3) if k != zero)
    return zero, minus, plus


def _pair(carriers: ArrayLike) -> list[float]:
    """Return the two carriers, checked."""
    given = checks.vector("carriers", carriers, "Hz")
    if given.size != 2:
        raise InvalidValue(
            f"carriers must be two frequencies, Hz, got {given.size}: those of the "
            "transitions from m = 0 to minus and to plus."
        )
    return [float(one) for one in given]
