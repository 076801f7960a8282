"""Powers of two of vectors inside kernels; see `qleap.core.simd`."""

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numpy.typing import NDArray

from qleap.core import simd
from qleap.core.choices import choose_less
from qleap.core.jit import inner_kernel, intrinsic

__all__ = ["halves", "power_of_two"]

Array = NDArray[np.float64] | NDArray[np.float32]
Lanes = tuple[int, ...]

_LN2 = math.log(2.0)


@intrinsic
def power_of_two(typing: Any, exponent: Any) -> Any:  # noqa: ARG001
    """Return two to whole exponents for which that is a normal number."""
    bits, digits, bias = (
        (64, 52, 1023) if exponent.dtype.bitwidth == 64 else (32, 23, 127)
    )

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        kind = ir.VectorType(ir.IntType(bits), exponent.count)
        whole = builder.fptosi(arguments[0], kind)
        raised = builder.add(whole, ir.Constant(kind, [bias] * exponent.count))
        shifted = builder.shl(raised, ir.Constant(kind, [digits] * exponent.count))
        return builder.bitcast(shifted, arguments[0].type)

    return exponent(exponent), generate


@inner_kernel
def halves(t: Any, lanes: Lanes, like: Array) -> Any:
    """Return 2^-t for t >= 0, zero where that is below 2^-120."""
    one = simd.splat(like.dtype.type(1.0), lanes)
    zero = simd.subtract(one, one)
    most = simd.splat(like.dtype.type(120.0), lanes)
    within = choose_less(t, most, t, most)
    # The sum's low bits are an integer.
    magic = simd.splat(like.dtype.type(1.5 / np.finfo(like.dtype).eps), lanes)
    whole = simd.subtract(simd.add(within, magic), magic)
    rest = simd.multiply(
        simd.subtract(whole, within), simd.splat(like.dtype.type(_LN2), lanes)
    )
    total = one
    for k in range(12, 0, -1):  # the series of exp
        part = simd.multiply(rest, simd.splat(like.dtype.type(1.0 / k), lanes))
        total = simd.fma(total, part, one)
    scale = power_of_two(simd.subtract(zero, whole))
    return choose_less(t, most, simd.multiply(total, scale), zero)
