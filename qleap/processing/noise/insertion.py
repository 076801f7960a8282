"""From a circuit and a noise model to a circuit with noise instructions."""

import cmath
import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import Bit, CircuitInstruction, ControlFlowOp, Gate
from qiskit.circuit.library import DiagonalGate, Initialize, UnitaryGate

from qleap.core.errors import InvalidValue
from qleap.processing.noise.channels import Channel, coherent
from qleap.processing.noise.instructions import ChannelInstruction, ReadoutInstruction
from qleap.processing.noise.model import NoiseModel
from qleap.processing.noise.readout import ReadoutError
from qleap.processing.noise.timing import (
    Slot,
    body_seconds,
    delay_seconds,
    slots,
)

__all__ = ["insert"]

_KEPT: Final = (UnitaryGate, DiagonalGate, Initialize, ControlFlowOp)
"""What is not replaced by its definition, although it may have one."""

_NO_GATES: Final = {"measure", "reset", "delay", "barrier", "channel", "readout_error"}

_SHORTEST: Final = 1e-15
"""Idle time (s) below which nothing happens."""

Step = tuple[CircuitInstruction, tuple[int, ...]]
Around = tuple[list[CircuitInstruction], list[CircuitInstruction]]


def insert(model: NoiseModel, circuit: QuantumCircuit) -> QuantumCircuit:
    """Return ``circuit`` with the noise of ``model`` as instructions.

    Gates that Qiskit does not know and no rule names are replaced by their definition,
    so that what they consist of gets its noise.
    """
    if model.crosstalk and model.schedule == "none":
        raise InvalidValue(
            "crosstalk needs the times of gates; give them with "
            "model.with_durations({...}, schedule='alap') or 'asap'."
        )
    place = {bit: k for k, bit in enumerate(circuit.qubits)}
    return _Insertion(model, place, nested=False).circuit(circuit)


class _Insertion:
    """Walk through one circuit, or one body of a control flow instruction."""

    def __init__(
        self, model: NoiseModel, place: Mapping[Bit, int], *, nested: bool
    ) -> None:
        self.model = model
        self.place = place
        self.nested = nested
        self.bits = {k: bit for bit, k in place.items()}
        self.named = frozenset(
            name
            for rule in model.rules
            if not isinstance(rule.gates, int)
            for name in rule.gates
        )
        # A qubit on which nothing happened yet is in its ground state and stays there.
        self.last: dict[int, float] = dict.fromkeys(self.bits, 0.0) if nested else {}
        self.flushed: dict[tuple[int, int], float] = {}
        self.read: dict[int, Bit] = {}
        self.reading = (0.0, 0.0)  # from when until when
        self.gone: set[int] = set()  # measured, and nothing since
        self.channels: dict[Any, Channel] = {}
        self.made: dict[tuple[Channel, tuple[int, ...]], CircuitInstruction] = {}
        self.known: dict[tuple[str, tuple[int, ...]], Around] = {}

    def circuit(self, circuit: QuantumCircuit, until: float = 0.0) -> QuantumCircuit:
        self.out = circuit.copy_empty_like()
        steps = self.steps(circuit)
        self.neighbours = self.coupled(steps)
        if self.model.schedule == "none":
            self.untimed(steps)
            return self.out
        found = slots(self.model, steps)
        for slot in found:
            self.step(slot)
        self.end(max(until, *(slot.end for slot in found)) if found else until)
        return self.out

    def untimed(self, steps: list[Step]) -> None:
        """Append all steps and their noise where nobody asks for times."""
        append, known = self.out._append, self.known
        for instruction, qubits in steps:
            around = known.get((instruction.name, qubits))
            if around is None or not instruction.is_standard_gate():
                self.step(Slot(instruction, qubits, 0.0, 0.0))
                continue
            if not self.read.keys().isdisjoint(qubits):
                self.misread()
            for noise in around[0]:
                append(noise)
            append(instruction)
            for noise in around[1]:
                append(noise)
        self.end(0.0)

    def steps(self, circuit: QuantumCircuit) -> list[Step]:
        """Return the instructions with definitions in place of unknown gates."""
        found: list[Step] = []
        for instruction in circuit._data:
            known = (
                instruction.is_standard_gate()
                or instruction.name in self.named
                or instruction.name in _NO_GATES
            )
            operation = None if known else instruction.operation
            body = None if isinstance(operation, _KEPT) else _definition(operation)
            if body is None:
                places = tuple(self.place[bit] for bit in instruction.qubits)
                found.append((instruction, places))
                continue
            if body.global_phase:
                self.out.global_phase += body.global_phase
            outer = dict(zip(body.qubits, instruction.qubits, strict=True))
            outer |= dict(zip(body.clbits, instruction.clbits, strict=True))
            renamed = self.out.copy_empty_like()
            for inner in body._data:
                qubits = [outer[bit] for bit in inner.qubits]
                clbits = [outer[bit] for bit in inner.clbits]
                renamed._append(CircuitInstruction(inner.operation, qubits, clbits))
            found += self.steps(renamed)
        return found

    def coupled(self, steps: list[Step]) -> dict[int, list[tuple[int, int]]]:
        """Return the pairs with crosstalk that each used qubit belongs to."""
        used = {qubit for _, qubits in steps for qubit in qubits}
        if self.nested:
            used = set(self.bits)
        found: dict[int, list[tuple[int, int]]] = {}
        for pair in self.model.crosstalk:
            if used.issuperset(pair):
                if self.nested:
                    self.flushed[pair] = 0.0
                for qubit in pair:
                    found.setdefault(qubit, []).append(pair)
        return found

    def step(self, slot: Slot) -> None:
        step, qubits = slot.instruction, slot.qubits
        if step.name == "barrier":
            self.out._append(step)
            return
        if step.name == "delay":
            self.delay(slot)
            return
        is_reading = step.name == "measure"
        if is_reading:  # what is overwritten has been read by nobody
            self.read = {q: c for q, c in self.read.items() if c != step.clbits[0]}
        if self.must_misread(slot):
            self.misread()
        self.idle(slot)
        before, after = self.around(step, qubits)
        for noise in before:
            self.out._append(noise)
        self.out._append(self.inside(step, qubits))
        for noise in after:
            self.out._append(noise)
        self.last.update(dict.fromkeys(qubits, slot.end))
        self.gone.difference_update(qubits)
        if is_reading:
            if not self.read:
                self.reading = slot.start, slot.end
            self.reading = self.reading[0], max(self.reading[1], slot.end)
            self.read[qubits[0]] = step.clbits[0]
            self.gone.add(qubits[0])

    def must_misread(self, slot: Slot) -> bool:
        """Tell whether the readout errors so far come ahead of an instruction.

        They do where it uses a qubit or a bit that was read, and ahead of measurements
        that begin when these are over. All others are read together.
        """
        if not self.read:
            return False
        step = slot.instruction
        if not self.read.keys().isdisjoint(slot.qubits):
            return True
        if not set(self.read.values()).isdisjoint(step.clbits):
            return True
        begin, end = self.reading
        return step.name == "measure" and slot.start >= end and slot.start > begin

    def around(self, step: CircuitInstruction, qubits: tuple[int, ...]) -> Around:
        """Return the noise ahead of an instruction and behind it."""
        before = [
            self.noise(rule.channel, places)
            for rule in self.matching(step, qubits, before=True)
            for places in rule.places(qubits)
        ]
        after = [self.noise(*one) for one in self.calibrated(step, qubits)]
        after += [
            self.noise(rule.channel, places)
            for rule in self.matching(step, qubits, before=False)
            for places in rule.places(qubits)
        ]
        if step.is_standard_gate():
            self.known[step.name, qubits] = before, after
        return before, after

    def calibrated(self, step: CircuitInstruction, qubits: tuple[int, ...]) -> Any:
        """Return what follows a native gate of the device; refuse any other gate."""
        known = self.model.calibrated
        key = (step.name, qubits)
        if key in known:
            return known[key]
        if known and _is_gate(step):
            raise InvalidValue(
                f"the device has no gate {step.name!r} on qubits {list(qubits)}, or it "
                "is broken; transpile the circuit to the device first, for example "
                "with qleap.processing.snapshots.to_target(snapshot)."
            )
        return ()

    def matching(
        self, step: CircuitInstruction, qubits: tuple[int, ...], *, before: bool
    ) -> list[Any]:
        is_gate = _is_gate(step)
        return [
            rule
            for rule in self.model.rules
            if rule.before == before
            and rule.matches(step.name, qubits, is_gate=is_gate)
        ]

    def inside(self, step: CircuitInstruction, qubits: tuple[int, ...]) -> Any:
        """Return a control flow instruction with noise in its bodies."""
        if step.is_standard_gate() or not isinstance(step.operation, ControlFlowOp):
            return step
        blocks = []
        until = 0.0
        if self.model.schedule != "none":  # shorter bodies wait for the longest
            until = body_seconds(self.model, step.operation, qubits)
        for body in step.operation.blocks:
            place = dict(zip(body.qubits, qubits, strict=True))
            inner = _Insertion(self.model, place, nested=True)
            blocks.append(inner.circuit(body, until))
        if not blocks:
            return step
        return step.replace(operation=step.operation.replace_blocks(blocks))

    def delay(self, slot: Slot) -> None:
        """Let a qubit relax; with a schedule the wait counts at the next gate."""
        (qubit,) = slot.qubits
        step = slot.instruction
        before, after = self.around(step, slot.qubits)
        for noise in before:
            self.out._append(noise)
        if self.model.schedule == "none" and qubit in self.last:
            self.relax(qubit, delay_seconds(self.model, step.operation))
        for noise in after:
            self.out._append(noise)
        if before or after:
            self.last.setdefault(qubit, slot.end)

    def idle(self, slot: Slot) -> None:
        """Append what happened to the qubits of a gate since their last one."""
        if self.model.schedule == "none":
            return
        for qubit in slot.qubits:
            for pair in self.neighbours.get(qubit, ()):
                both = set(pair) <= set(slot.qubits)
                self.couple(pair, slot.start if both else slot.centre)
                if both:
                    self.flushed[pair] = slot.end
            if qubit in self.last:
                self.relax(qubit, slot.start - self.last[qubit])

    def couple(self, pair: tuple[int, int], until: float) -> None:
        """Append the phase of a pair since it was looked at last."""
        since = self.flushed.get(pair)
        self.flushed[pair] = until if since is None else max(until, since)
        if since is None or until - since < _SHORTEST:
            return
        angle = -2.0 * math.pi * self.model.crosstalk[pair] * (until - since)
        phase = np.diag([1.0, 1.0, 1.0, cmath.exp(1j * angle)])
        self.act(coherent(phase, f"crosstalk({until - since:.3g} s)"), pair)

    def relax(self, qubit: int, duration: float) -> None:
        relaxation = self.model.relaxation(qubit)
        if relaxation is None or duration < _SHORTEST:
            return
        key = (relaxation, round(duration, 15))
        if key not in self.channels:
            self.channels[key] = relaxation.channel(duration)
        self.act(self.channels[key], (qubit,))

    def end(self, time: float) -> None:
        """Append what happens to unread qubits until the circuit ends."""
        self.misread()
        if self.model.schedule == "none":
            return
        gone: set[int] = set() if self.nested else self.gone
        for pair in self.model.crosstalk:
            if pair in self.flushed and gone.isdisjoint(pair):
                self.couple(pair, time)
        for qubit, since in list(self.last.items()):
            if qubit not in gone:
                self.relax(qubit, time - since)

    def act(self, channel: Channel, qubits: tuple[int, ...]) -> None:
        self.out._append(self.noise(channel, qubits))

    def noise(self, channel: Channel, qubits: tuple[int, ...]) -> CircuitInstruction:
        """Return the instruction of a channel on some qubits."""
        step = self.made.get((channel, qubits))
        if step is None:
            if self.model.twirl and channel.pauli is None:
                key = ("twirled", channel)
                if key not in self.channels:
                    self.channels[key] = channel.twirled()
                acting = self.channels[key]
            else:
                acting = channel
            missing = [qubit for qubit in qubits if qubit not in self.bits]
            if missing:
                raise InvalidValue(
                    f"{channel.name} is to act on qubit {missing[0]}, which is not "
                    "among those of the circuit (or of the body of a condition or "
                    "loop); change the argument 'on' of its rule."
                )
            wires = [self.bits[qubit] for qubit in qubits]
            step = CircuitInstruction(ChannelInstruction(acting), wires)
            self.made[channel, qubits] = step
        return step

    def misread(self) -> None:
        """Append the readout errors of the measurements since they were last."""
        read, self.read = self.read, {}
        if not read:
            return
        left = dict(read)
        for error, qubits in self.model.readouts:
            kept = [k for k, qubit in enumerate(qubits or ()) if qubit in left]
            if qubits is not None and kept:
                part = error if len(kept) == len(qubits) else error.of_bits(kept)
                self.assign(part, [left.pop(qubits[k]) for k in kept])
        for error, qubits in self.model.readouts:
            if qubits is None:
                for bit in left.values():
                    self.assign(error, [bit])

    def assign(self, error: ReadoutError, bits: list[Bit]) -> None:
        self.out._append(CircuitInstruction(ReadoutInstruction(error), (), bits))


def _is_gate(step: CircuitInstruction) -> bool:
    """Tell whether an instruction is a gate on qubits."""
    if step.is_standard_gate():
        return bool(step.qubits)
    return step.name not in _NO_GATES and isinstance(step.operation, Gate)


def _definition(operation: Any) -> QuantumCircuit | None:
    """Return what an unknown instruction consists of, where it says so."""
    body = getattr(operation, "definition", None)
    return body if isinstance(body, QuantumCircuit) and len(body.data) else None
