"""From a Qiskit circuit to the flat program that the kernels run.

A standard gate becomes one row by a look-up in `qleap.processing.recipes`, another
gate with a matrix one row with that matrix, without any transpilation; everything else
is replaced by its definition until only gates, measurements, resets and jumps are left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from qiskit import QuantumCircuit
from qiskit.circuit import (
    Barrier,
    Bit,
    BoxOp,
    BreakLoopOp,
    CircuitInstruction,
    ClassicalRegister,
    ContinueLoopOp,
    Delay,
    ForLoopOp,
    IfElseOp,
    Measure,
    Reset,
    SwitchCaseOp,
    WhileLoopOp,
)
from qiskit.circuit.classical import expr
from qiskit.circuit.controlflow import CASE_DEFAULT
from qiskit.transpiler.passes import HighLevelSynthesis

from qleap.core.errors import InvalidValue
from qleap.processing.conditions import value_table
from qleap.processing.gates import controlled_matrix, controlled_standard
from qleap.processing.noise.instructions import ChannelInstruction, ReadoutInstruction
from qleap.processing.program import Program, ProgramBuilder
from qleap.processing.reading import read_program
from qleap.processing.recipes import STANDARD

__all__ = ["check_bound", "compile_circuit", "used_qubits"]


def compile_circuit(
    circuit: QuantumCircuit,
    *,
    qubits: Sequence[int] | None = None,
    noisy: bool = False,
) -> Program:
    """Return the program of ``circuit``.

    Parameters
    ----------
    circuit : QuantumCircuit
        Its free parameters become those of the program.
    qubits : sequence of int, optional
        The qubits to keep, in the new order; the others must be idle.
    noisy : bool
        The caller can simulate noise instructions.

    Raises
    ------
    InvalidValue
        For an instruction that cannot be simulated.
    """
    kept = range(circuit.num_qubits) if qubits is None else qubits
    if not circuit.num_parameters and list(kept) == list(range(circuit.num_qubits)):
        read = read_program(circuit)
        if read is not None:
            return read
    scope = _Scope(
        qubits={circuit.qubits[q]: k for k, q in enumerate(kept)},
        clbits={bit: k for k, bit in enumerate(circuit.clbits)},
    )
    lowering = _Lowering(ProgramBuilder(len(kept), circuit.num_clbits))
    lowering.circuit(circuit, scope)
    program = lowering.builder.build(tuple(circuit.parameters))
    if program.is_noisy and not noisy:
        raise InvalidValue(
            "the circuit has noise instructions, which this simulator cannot take; "
            "run it on qleap.processing.NoisyBackend(NoiseModel())."
        )
    return program


def check_bound(circuit: QuantumCircuit) -> None:
    """Refuse a circuit that still has parameters."""
    if circuit.parameters:
        names = ", ".join(sorted(p.name for p in circuit.parameters))
        raise InvalidValue(
            f"every parameter of the circuit needs a value, but {names} "
            "has none; use circuit.assign_parameters."
        )


def used_qubits(circuit: QuantumCircuit) -> list[int]:
    """Return the qubits on which something happens, in ascending order."""
    idle = {"barrier", "delay"}
    used = {
        qubit
        for instruction in circuit._data  # ten times faster than circuit.data
        if instruction.name not in idle
        or not isinstance(instruction.operation, Barrier | Delay)
        for qubit in instruction.qubits
    }
    return [k for k, qubit in enumerate(circuit.qubits) if qubit in used]


@dataclass(frozen=True, kw_only=True)
class _Scope:
    """What the bits of a (nested) circuit are called in the program."""

    qubits: Mapping[Bit, int]
    clbits: Mapping[Bit, int]
    conditional: bool = False
    breaks: list[int] = field(default_factory=list)
    """Jumps to be aimed at the end of the loop around."""
    continues: list[int] = field(default_factory=list)

    def inside(self, body: QuantumCircuit, outer: CircuitInstruction) -> "_Scope":
        """Return the scope of ``body``, which runs on the bits of ``outer``."""
        qubits = [self.qubits[bit] for bit in outer.qubits]
        clbits = [self.clbits[bit] for bit in outer.clbits]
        return replace(
            self,
            qubits=dict(zip(body.qubits, qubits, strict=True)),
            clbits=dict(zip(body.clbits, clbits, strict=True)),
        )


class _Lowering:
    """Walk through a circuit and append to the builder."""

    def __init__(self, builder: ProgramBuilder) -> None:
        self.builder = builder

    def circuit(self, circuit: QuantumCircuit, scope: _Scope) -> None:
        self.builder.phase(circuit.global_phase)
        append, place = self.builder.standard, scope.qubits
        for instruction in circuit._data:  # ten times faster than circuit.data
            row = STANDARD.get(instruction.name)
            if row is None or not instruction.is_standard_gate():
                matrix = None  # two kinds of which there may be many come first
                if instruction.name == "channel":
                    self.channel(instruction, scope)
                    continue
                if instruction.name == "unitary" and len(instruction.qubits) == 2:
                    matrix = instruction.matrix
                if matrix is None:
                    self.instruction(instruction, scope)
                else:
                    self.builder.gate(matrix, [place[q] for q in instruction.qubits])
                continue
            qubits = [place[bit] for bit in instruction.qubits]
            append(row, qubits, instruction.params if row.n_angles else ())

    def instruction(self, instruction: CircuitInstruction, scope: _Scope) -> None:
        operation = instruction.operation
        match operation:
            case Barrier() | Delay():
                pass
            case Measure():
                (qubit,), (clbit,) = instruction.qubits, instruction.clbits
                self.builder.measure(scope.qubits[qubit], scope.clbits[clbit])
            case Reset():
                qubit = scope.qubits[instruction.qubits[0]]
                if scope.conditional or qubit in self.builder.touched:
                    self.builder.reset(qubit)
            case IfElseOp():
                self.if_else(instruction, scope)
            case SwitchCaseOp():
                self.switch(instruction, scope)
            case ForLoopOp():
                self.for_loop(instruction, scope)
            case WhileLoopOp():
                self.while_loop(instruction, scope)
            case BreakLoopOp():
                scope.breaks.append(self.builder.branch(()))
            case ContinueLoopOp():
                scope.continues.append(self.builder.branch(()))
            case ReadoutInstruction():
                clbits = [scope.clbits[bit] for bit in instruction.clbits]
                self.builder.readout(operation.error, clbits)
            case BoxOp():
                body = operation.blocks[0]
                self.circuit(body, scope.inside(body, instruction))
            case _:
                self.gate(instruction, scope)

    def channel(self, instruction: CircuitInstruction, scope: _Scope) -> None:
        operation = instruction.operation
        if isinstance(operation, ChannelInstruction):
            qubits = [scope.qubits[bit] for bit in instruction.qubits]
            self.builder.channel(operation.channel, qubits)
        else:  # somebody else's, of the same name
            self.instruction(instruction, scope)

    def gate(self, instruction: CircuitInstruction, scope: _Scope) -> None:
        found = controlled_standard(instruction.operation)
        if found is not None:
            row, angles = found
            qubits = [scope.qubits[bit] for bit in instruction.qubits]
            self.builder.standard(row, qubits, angles)
            return
        block = controlled_matrix(instruction.operation)
        if block is None:
            body = _definition(instruction)
            self.circuit(body, scope.inside(body, instruction))
            return
        matrix, n_controls, state = block
        qubits = [scope.qubits[bit] for bit in instruction.qubits]
        if not qubits:  # a global phase gate: 1 x 1
            matrix = matrix.ravel()
        self.builder.gate(matrix, qubits[n_controls:], qubits[:n_controls], state)

    def unless(self, condition: Any, scope: _Scope) -> list[tuple[int, int]]:
        """Append a test; return the jumps (branch, value) taken where it fails."""
        if not isinstance(condition, expr.Expr):
            target, wanted = condition
            return self._unless_equal(target, int(wanted), scope)
        return self._unless_in(value_table(condition), {1}, scope)

    def _unless_equal(
        self, target: Any, wanted: int, scope: _Scope
    ) -> list[tuple[int, int]]:
        """Test bit by bit, so that a register may have any size."""
        bits = list(target) if isinstance(target, ClassicalRegister) else [target]
        fails = []
        for k, bit in enumerate(bits):
            branch = self.builder.branch([scope.clbits[bit]])
            fails.append((branch, 1 - (wanted >> k & 1)))
        return fails

    def _unless_in(
        self, table: tuple[list[Bit], list[int]], wanted: set[int], scope: _Scope
    ) -> list[tuple[int, int]]:
        bits, values = table
        branch = self.builder.branch([scope.clbits[bit] for bit in bits])
        return [(branch, k) for k, value in enumerate(values) if value not in wanted]

    def land(self, jumps: Sequence[tuple[int, int]]) -> None:
        """Aim jumps at the next row."""
        for branch, value in jumps:
            self.builder.aim(branch, value, self.builder.here())

    def body(
        self, body: QuantumCircuit, outer: CircuitInstruction, scope: _Scope
    ) -> None:
        inner = replace(scope.inside(body, outer), conditional=True)
        self.circuit(body, inner)
        self.builder.here()

    def if_else(self, instruction: CircuitInstruction, scope: _Scope) -> None:
        operation = instruction.operation
        fails = self.unless(operation.condition, scope)
        then, *otherwise = operation.blocks
        self.body(then, instruction, scope)
        if otherwise:
            end = self.builder.branch(())
            self.land(fails)
            self.body(otherwise[0], instruction, scope)
            fails = [(end, 0)]
        self.land(fails)

    def switch(self, instruction: CircuitInstruction, scope: _Scope) -> None:
        operation = instruction.operation
        table = value_table(operation.target)
        ends = []
        for labels, body in operation.cases_specifier():
            wanted = set(table[1]) if CASE_DEFAULT in labels else set(labels)
            fails = self._unless_in(table, wanted, scope)
            self.body(body, instruction, scope)
            ends.append((self.builder.branch(()), 0))
            self.land(fails)
        self.land(ends)

    def for_loop(self, instruction: CircuitInstruction, scope: _Scope) -> None:
        indices, parameter, body = instruction.operation.params
        loop = replace(scope, breaks=[])
        for index in indices:
            bound = body
            if parameter is not None and parameter in body.parameters:
                bound = body.assign_parameters({parameter: index})
            turn = replace(loop, continues=[])
            self.body(bound, instruction, turn)
            self.land([(branch, 0) for branch in turn.continues])
        self.land([(branch, 0) for branch in loop.breaks])

    def while_loop(self, instruction: CircuitInstruction, scope: _Scope) -> None:
        loop = replace(scope, breaks=[], continues=[])
        begin = self.builder.here()
        fails = self.unless(instruction.operation.condition, scope)
        self.body(instruction.operation.blocks[0], instruction, loop)
        again = self.builder.branch(())
        for branch in (again, *loop.continues):
            self.builder.aim(branch, 0, begin)
        self.land([*fails, *((branch, 0) for branch in loop.breaks)])


def _definition(instruction: CircuitInstruction) -> QuantumCircuit:
    """Return what an instruction without a matrix consists of."""
    operation = instruction.operation
    body = getattr(operation, "definition", None)
    if body is None and not instruction.clbits:
        body = _synthesis(instruction)
    if body is None:
        raise InvalidValue(
            f"the local backend cannot simulate the instruction {operation.name!r} on "
            f"{len(instruction.qubits)} qubits: it has no matrix and no definition; "
            "remove it or decompose it into gates."
        )
    return body


def _synthesis(instruction: CircuitInstruction) -> QuantumCircuit | None:
    """Let Qiskit synthesise an abstract operation, such as a Clifford."""
    alone = QuantumCircuit(len(instruction.qubits))
    try:
        alone.append(instruction.operation, range(alone.num_qubits))
        found = HighLevelSynthesis()(alone)
    except Exception:  # whatever Qiskit raises means: cannot be synthesised
        return None
    names = {step.operation.name for step in found.data}
    return None if instruction.operation.name in names else found
