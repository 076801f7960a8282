"""Choices between vectors inside kernels, element by element; see `qleap.core.simd`."""

from typing import Any

from llvmlite import ir

from qleap.core.jit import intrinsic, types

__all__ = ["any_less", "choose_less"]


@intrinsic
def choose_less(typing: Any, a: Any, b: Any, yes: Any, no: Any) -> Any:  # noqa: ARG001
    """Return the elements of ``yes`` where ``a < b``, those of ``no`` elsewhere."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        first, second, chosen, other = arguments
        return builder.select(builder.fcmp_ordered("<", first, second), chosen, other)

    return a(a, a, a, a), generate


@intrinsic
def any_less(typing: Any, a: Any, b: Any) -> Any:  # noqa: ARG001
    """Return whether an element of ``a`` is less than that of ``b``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        less = builder.fcmp_ordered("<", *arguments)
        bits = ir.IntType(a.count)
        return builder.icmp_unsigned("!=", builder.bitcast(less, bits), bits(0))

    return types.boolean(a, a), generate
