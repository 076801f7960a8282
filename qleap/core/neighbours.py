"""Elements of vectors moved to the next place inside kernels; see `qleap.core.simd`."""

from typing import Any

from qleap.core.jit import intrinsic
from qleap.core.simd import _shuffle

__all__ = ["after", "before"]


@intrinsic
def after(typing: Any, a: Any, b: Any) -> Any:  # noqa: ARG001
    """Return all elements of ``a`` but the first, then the first of ``b``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        order = [k + 1 for k in range(a.count)]
        return _shuffle(builder, arguments[0], arguments[1], order)

    return a(a, b), generate


@intrinsic
def before(typing: Any, a: Any, b: Any) -> Any:  # noqa: ARG001
    """Return the last element of ``a``, then all of ``b`` but the last."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        order = [k + a.count - 1 for k in range(a.count)]
        return _shuffle(builder, arguments[0], arguments[1], order)

    return a(a, b), generate
