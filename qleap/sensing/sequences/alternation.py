"""Both projections of a sequence, and their difference."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue
from qleap.sensing.sequences.elements import Pulse, Sequence, listed
from qleap.sensing.sequences.evolution import signal
from qleap.sensing.sequences.spins import ControlledSpins

__all__ = ["difference", "flipped"]


def flipped(sequence: Sequence) -> Sequence:
    """Return a sequence with the phase of its last pulse turned by pi.

    After a pi/2 pulse this reads out the opposite projection.
    """
    elements = list(sequence.flat())
    for place in range(len(elements) - 1, -1, -1):
        last = elements[place]
        if isinstance(last, Pulse):
            elements[place] = replace(last, phase=last.phase + np.pi)
            return Sequence(tuple(elements))
    raise InvalidValue(
        "sequence must have a pulse whose phase can be turned, got none of its "
        f"{len(elements)} elements."
    )


def difference(
    spins: ControlledSpins, sequences: Iterable[Sequence]
) -> NDArray[np.float64]:
    """Return the signals of sequences minus those of their `flipped` twins.

    Drifts and backgrounds that both share cancel. For a resonant two-level spin and
    ``final_phase`` 0, an echo gives plus its coherence; Ramsey, CPMG and XY sequences
    give minus it.
    """
    all_ = listed(sequences)
    return signal(spins, all_) - signal(spins, [flipped(one) for one in all_])
