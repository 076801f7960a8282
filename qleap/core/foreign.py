"""Calls of C functions by address, and reads of memory by address, inside kernels.

What numba offers for this cannot be cached on disk. The caller answers for every
address: nothing is checked here, and a wrong one ends the process.
"""

from typing import Any, Final

from llvmlite import ir

from qleap.core.jit import intrinsic, types

__all__ = ["call_double", "call_integer", "read_byte", "read_half"]

_WORD: Final = ir.IntType(64)


def _call(builder: Any, result: Any, address: Any, arguments: Any) -> Any:
    """Return what the C function at ``address`` returns for 64-bit integers."""
    kind = ir.FunctionType(result, [_WORD] * len(arguments))
    function = builder.inttoptr(address, kind.as_pointer())
    return builder.call(function, arguments)


@intrinsic
def call_integer(typing: Any, address: Any, a: Any, b: Any, c: Any) -> Any:  # noqa: ARG001
    """Return the integer of ``function(a, b, c)``; spare arguments do no harm."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return _call(builder, _WORD, arguments[0], arguments[1:])

    return types.int64(*[types.int64] * 4), generate


@intrinsic
def call_double(typing: Any, address: Any, a: Any) -> Any:  # noqa: ARG001
    """Return the double of ``function(a)``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return _call(builder, ir.DoubleType(), arguments[0], arguments[1:])

    return types.float64(types.int64, types.int64), generate


def _read(builder: Any, address: Any, bits: int) -> Any:
    """Return the unsigned integer of ``bits`` at ``address``."""
    kind = ir.IntType(bits)
    value = builder.load(builder.inttoptr(address, kind.as_pointer()))
    return builder.zext(value, _WORD)


@intrinsic
def read_byte(typing: Any, address: Any) -> Any:  # noqa: ARG001
    """Return the byte at ``address``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return _read(builder, arguments[0], 8)

    return types.int64(types.int64), generate


@intrinsic
def read_half(typing: Any, address: Any) -> Any:  # noqa: ARG001
    """Return the 32-bit unsigned integer at ``address``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return _read(builder, arguments[0], 32)

    return types.int64(types.int64), generate
