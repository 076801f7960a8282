"""When the instructions of a circuit happen."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, ControlFlowOp, Delay, ForLoopOp

from qleap.core.errors import InvalidValue
from qleap.processing.noise.model import NoiseModel

__all__ = ["Slot", "body_seconds", "delay_seconds", "slots"]

_UNITS: Final = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "ps": 1e-12}


@dataclass(frozen=True, slots=True)
class Slot:
    """An instruction and its time."""

    instruction: CircuitInstruction
    qubits: tuple[int, ...]
    start: float
    end: float

    @property
    def centre(self) -> float:
        """Return the middle of the slot, s."""
        return 0.5 * (self.start + self.end)


def slots(
    model: NoiseModel,
    instructions: Sequence[tuple[CircuitInstruction, tuple[int, ...]]],
) -> list[Slot]:
    """Return the instructions (with their qubits) in the order of their middles.

    There they act, so that of two gates that overlap the one whose middle is earlier
    comes first. Without a schedule all happen at time zero, in the order of the
    circuit. What has no duration takes no time.
    """
    if model.schedule == "none":
        return [Slot(step, qubits, 0.0, 0.0) for step, qubits in instructions]
    lengths = [_length(model, step, qubits) for step, qubits in instructions]
    if model.schedule == "asap":
        starts = _starts(instructions, lengths)
    else:
        backwards = _starts(instructions[::-1], lengths[::-1])[::-1]
        whole = max(
            (start + length for start, length in zip(backwards, lengths, strict=True)),
            default=0.0,
        )
        ends = [whole - start for start in backwards]
        starts = [end - length for end, length in zip(ends, lengths, strict=True)]
    found = [
        Slot(step, qubits, start, start + length)
        for (step, qubits), start, length in zip(
            instructions, starts, lengths, strict=True
        )
    ]
    order = sorted(range(len(found)), key=lambda k: (found[k].centre, k))
    return [found[k] for k in order]


def delay_seconds(model: NoiseModel, delay: Delay) -> float:
    """Return the length of a delay, s."""
    duration: Any = delay.duration
    if not isinstance(duration, int | float) or not math.isfinite(duration):
        raise InvalidValue(
            f"a delay must have a number as its duration, got {duration!r:.60}; bind "
            "parameters and stretches first."
        )
    if delay.unit == "dt":
        if model.dt is None:
            raise InvalidValue(
                "a delay is given in dt, but the noise model does not say how long dt "
                "is; give it: model.with_durations({}, dt=seconds)."
            )
        return float(duration) * model.dt
    return float(duration) * _UNITS[delay.unit]


def body_seconds(
    model: NoiseModel, operation: ControlFlowOp, qubits: tuple[int, ...]
) -> float:
    """Return how long the longest body of a control flow instruction takes, s.

    Parameters
    ----------
    model : NoiseModel
        Knows the durations.
    operation : ControlFlowOp
        Of a loop that is one turn; how many a ``while`` loop takes nobody knows.
    qubits : tuple of int
        On which it acts.
    """
    lengths = [_seconds(model, body, qubits) for body in operation.blocks]
    return max(lengths, default=0.0)


def _length(
    model: NoiseModel, step: CircuitInstruction, qubits: tuple[int, ...]
) -> float:
    if step.name == "delay":
        return delay_seconds(model, step.operation)
    known = model.duration(step.name, qubits)
    if known is not None or step.is_standard_gate():
        return known or 0.0
    operation = step.operation
    if isinstance(operation, ForLoopOp):
        return len(operation.params[0]) * body_seconds(model, operation, qubits)
    if isinstance(operation, ControlFlowOp):
        return body_seconds(model, operation, qubits)
    body = getattr(operation, "definition", None)
    return _seconds(model, body, qubits) if isinstance(body, QuantumCircuit) else 0.0


def _seconds(model: NoiseModel, body: QuantumCircuit, qubits: tuple[int, ...]) -> float:
    place = dict(zip(body.qubits, qubits, strict=True))
    steps = [(step, tuple(place[bit] for bit in step.qubits)) for step in body.data]
    return max((slot.end for slot in slots(model, steps)), default=0.0)


def _starts(
    instructions: Sequence[tuple[CircuitInstruction, tuple[int, ...]]],
    lengths: Sequence[float],
) -> list[float]:
    """Return the earliest starts when each waits for its qubits and bits."""
    free: dict[Any, float] = {}
    starts = []
    for (step, qubits), length in zip(instructions, lengths, strict=True):
        wires = [*qubits, *step.clbits]
        start = max((free.get(wire, 0.0) for wire in wires), default=0.0)
        free.update(dict.fromkeys(wires, start + length))
        starts.append(start)
    return starts
