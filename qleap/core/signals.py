"""Numbers by which threads tell each other something while they hold no lock.

Every function here is for use inside kernels alone. A number that is read over and
over would be read once: the compiler knows of no other thread.
"""

from typing import Any, Final

import llvmlite.binding
from llvmlite import ir

from qleap.core.jit import intrinsic, types

__all__ = ["give_way", "relax", "seen", "take"]

_HINTS: Final[dict[str, tuple[str, tuple[int, ...]]]] = {
    "x86_64": ("llvm.x86.sse2.pause", ()),
    "aarch64": ("llvm.aarch64.hint", (1,)),
    "arm64": ("llvm.aarch64.hint", (1,)),
}
"""By machine, what tells a processor that it waits for another one."""


def _address(context: Any, builder: Any, array: Any, value: Any, index: Any) -> Any:
    data = context.make_array(array)(context, builder, value).data
    return builder.gep(data, [index])


@intrinsic
def seen(typing: Any, flags: Any, index: Any) -> Any:  # noqa: ARG001
    """Return ``flags[index]`` as it is now, and what was written before it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        address = _address(context, builder, flags, *arguments)
        return builder.load_atomic(address, "acquire", 8)

    return types.int64(flags, types.int64), generate


@intrinsic
def take(typing: Any, flags: Any, index: Any) -> Any:  # noqa: ARG001
    """Add one to ``flags[index]`` and return what it was: no other thread gets that."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        address = _address(context, builder, flags, *arguments)
        one = ir.Constant(ir.IntType(64), 1)
        return builder.atomic_rmw("add", address, one, "acq_rel")

    return types.int64(flags, types.int64), generate


@intrinsic
def relax(typing: Any) -> Any:  # noqa: ARG001
    """Let the processor rest for some tens of cycles."""
    machine = llvmlite.binding.get_default_triple().split("-", 1)[0]

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        if machine in _HINTS:
            name, numbers = _HINTS[machine]
            given = [ir.Constant(ir.IntType(32), number) for number in numbers]
            kind = ir.FunctionType(ir.VoidType(), [each.type for each in given])
            hint = builder.module.globals.get(name)
            if hint is None:
                hint = ir.Function(builder.module, kind, name)
            builder.call(hint, given)
        return context.get_dummy_value()

    return types.void(), generate


@intrinsic
def give_way(typing: Any) -> Any:  # noqa: ARG001
    """Let the system run another thread, if one waits for this processor."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        name, kind = "sched_yield", ir.FunctionType(ir.IntType(32), [])
        call = builder.module.globals.get(name)
        builder.call(
            ir.Function(builder.module, kind, name) if call is None else call, []
        )
        return context.get_dummy_value()

    return types.void(), generate
