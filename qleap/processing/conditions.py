"""Classical conditions of a circuit as truth tables over its classical bits."""

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from qiskit.circuit import ClassicalRegister, Clbit
from qiskit.circuit.classical import expr, types

from qleap.core.errors import InvalidValue

__all__ = ["LARGEST_TABLE", "bits_of", "evaluate", "value_table"]

LARGEST_TABLE: Final = 16
"""Classical bits that one expression may read."""

_BINARY: Final[Mapping[str, Callable[[int, int], int]]] = {
    "BIT_AND": operator.and_,
    "BIT_OR": operator.or_,
    "BIT_XOR": operator.xor,
    "LOGIC_AND": lambda a, b: int(bool(a) and bool(b)),
    "LOGIC_OR": lambda a, b: int(bool(a) or bool(b)),
    "EQUAL": operator.eq,
    "NOT_EQUAL": operator.ne,
    "LESS": operator.lt,
    "LESS_EQUAL": operator.le,
    "GREATER": operator.gt,
    "GREATER_EQUAL": operator.ge,
    "SHIFT_LEFT": operator.lshift,
    "SHIFT_RIGHT": operator.rshift,
    "ADD": operator.add,
    "SUB": operator.sub,
    "MUL": operator.mul,
    "DIV": operator.floordiv,
}


def bits_of(target: Any) -> list[Clbit]:
    """Return the classical bits that a bit, register or expression reads, in order."""
    if isinstance(target, Clbit):
        return [target]
    if isinstance(target, ClassicalRegister):
        return list(target)
    bits: list[Clbit] = []
    for variable in expr.iter_vars(target):
        if variable.standalone:
            raise InvalidValue(
                f"the condition reads the variable {variable.name!r}, which the local "
                "backend does not simulate; use a classical register."
            )
        bits.extend(bit for bit in bits_of(variable.var) if bit not in bits)
    return bits


def value_table(target: Any) -> tuple[list[Clbit], list[int]]:
    """Return the bits that ``target`` reads and its value for each of their values."""
    bits = bits_of(target)
    if len(bits) > LARGEST_TABLE:
        raise InvalidValue(
            f"a classical expression may read at most {LARGEST_TABLE} bits, got "
            f"{len(bits)}; compare a smaller register."
        )
    values = []
    for index in range(1 << len(bits)):
        known = {bit: index >> k & 1 for k, bit in enumerate(bits)}
        values.append(evaluate(target, known))
    return bits, values


def evaluate(node: Any, known: Mapping[Clbit, int]) -> int:
    """Return the value of a bit, register or expression, given the bits."""
    if isinstance(node, Clbit):
        return known[node]
    if isinstance(node, ClassicalRegister):
        return sum(known[bit] << k for k, bit in enumerate(node))
    if isinstance(node, expr.Var):
        return evaluate(node.var, known)
    if isinstance(node, expr.Value):
        return int(node.value)
    if isinstance(node, expr.Cast):
        value = evaluate(node.operand, known)
        return int(bool(value)) if node.type.kind is types.Bool else _fit(value, node)
    if isinstance(node, expr.Index):
        return evaluate(node.target, known) >> evaluate(node.index, known) & 1
    if isinstance(node, expr.Unary):
        value = evaluate(node.operand, known)
        if node.op is expr.Unary.Op.LOGIC_NOT:
            return int(not value)
        return _fit(~value, node)
    if isinstance(node, expr.Binary) and node.op.name in _BINARY:
        left, right = evaluate(node.left, known), evaluate(node.right, known)
        return _fit(int(_BINARY[node.op.name](left, right)), node)
    raise InvalidValue(
        f"the local backend cannot evaluate the classical expression {node!r:.80}; "
        "use comparisons and bit operations on classical registers."
    )


def _fit(value: int, node: expr.Expr) -> int:
    """Return ``value`` with as many bits as the type of ``node`` has."""
    width = 1 if node.type.kind is types.Bool else node.type.width
    return int(value) & ((1 << width) - 1)
