"""Vectors of numbers inside kernels: explicit SIMD that reads like arithmetic.

LLVM turns a loop into vector code only where it can prove much; a kernel that must
be fast names its vectors instead. A vector holds ``2**len(lanes)`` numbers of the
array it was loaded from. ``lanes`` is a tuple of zeros: numba compiles one version of
a kernel for every length, so the same source serves wide and narrow machines and both
precisions. Take it from `host_lanes`.

Every function here is for use inside kernels alone; `qleap.processing._kernels.shears`
shows how. Unaligned addresses are allowed, aligned ones (64 bytes) are faster.
"""

from functools import cache
from typing import Any, Final

import llvmlite.binding
from llvmlite import ir

from qleap.core.jit import PrimitiveModel, Type, intrinsic, register_model, types

__all__ = [
    "NARROW",
    "Vector",
    "add",
    "copy_sign",
    "count_at_most",
    "divide",
    "exchange",
    "fma",
    "fnma",
    "host_bits",
    "host_lanes",
    "load",
    "load_pairs",
    "mirror",
    "mirror_both",
    "multiply",
    "odd",
    "splat",
    "square_root",
    "store",
    "store_pairs",
    "subtract",
    "total",
]

NARROW: Final = 128
"""Bits of a vector register on the plainest 64-bit machines."""

_INT32: Final = ir.IntType(32)
_LIKE: Final = {64: ir.DoubleType(), 32: ir.FloatType()}


@cache
def host_bits() -> int:
    """Return the width of this machine's vector registers in bits."""
    features = llvmlite.binding.get_host_cpu_features()
    if features.get("avx512f"):
        return 512
    return 256 if features.get("avx") else NARROW


def host_lanes(itemsize: int, bits: int | None = None) -> tuple[int, ...]:
    """Return the ``lanes`` of vectors of numbers of ``itemsize`` bytes.

    Parameters
    ----------
    itemsize : int
        8 for double precision, 4 for single.
    bits : int, optional
        Width of the vectors; that of this machine's registers by default.
    """
    count = (host_bits() if bits is None else bits) // (8 * itemsize)
    return (0,) * (count.bit_length() - 1)


class Vector(Type):  # type: ignore[misc]  # numba is untyped
    """The type of a vector, for numba.

    Parameters
    ----------
    dtype : numba type
        Of one number.
    count : int
        How many numbers.
    """

    def __init__(self, dtype: Any, count: int) -> None:
        self.dtype = dtype
        self.count = count
        super().__init__(name=f"vector({count} x {dtype})")


@register_model(Vector)
class _VectorModel(PrimitiveModel):  # type: ignore[misc]  # numba is untyped
    """A vector is what LLVM calls one and stays in a register."""

    def __init__(self, manager: Any, kind: Vector) -> None:
        element = _LIKE[kind.dtype.bitwidth]
        super().__init__(manager, kind, ir.VectorType(element, kind.count))


def _pointer(context: Any, builder: Any, array: Any, value: Any, index: Any) -> Any:
    """Return the address of an element of an array as that of a vector's first."""
    data = context.make_array(array)(context, builder, value).data
    return builder.gep(data, [index])


def _read(builder: Any, address: Any, vector: Any, align: int) -> Any:
    found = builder.load(builder.bitcast(address, vector.as_pointer()))
    found.align = align
    return found


def _write(builder: Any, address: Any, value: Any, align: int) -> None:
    place = builder.bitcast(address, value.type.as_pointer())
    builder.store(value, place).align = align


def _shuffle(builder: Any, a: Any, b: Any, order: list[int]) -> Any:
    mask = ir.Constant(ir.VectorType(_INT32, len(order)), order)
    return builder.shuffle_vector(a, b, mask)


@intrinsic
def load(typing: Any, array: Any, index: Any, lanes: Any) -> Any:  # noqa: ARG001
    """Return the vector that begins at ``array[index]``."""
    kind = Vector(array.dtype, 1 << len(lanes))

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        address = _pointer(context, builder, array, arguments[0], arguments[1])
        size = array.dtype.bitwidth // 8
        return _read(builder, address, context.get_value_type(kind), size)

    return kind(array, types.int64, lanes), generate


@intrinsic
def store(typing: Any, array: Any, index: Any, vector: Any) -> Any:  # noqa: ARG001
    """Write ``vector`` from ``array[index]`` on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        address = _pointer(context, builder, array, arguments[0], arguments[1])
        _write(builder, address, arguments[2], array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(array, types.int64, vector), generate


@intrinsic
def load_pairs(typing: Any, array: Any, index: Any, lanes: Any) -> Any:  # noqa: ARG001
    """Return the even and the odd numbers from ``array[index]`` on as two vectors."""
    count = 1 << len(lanes)
    kind = Vector(array.dtype, count)
    pair = types.UniTuple(kind, 2)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        size = array.dtype.bitwidth // 8
        vector = context.get_value_type(kind)
        start = _pointer(context, builder, array, arguments[0], arguments[1])
        first = _read(builder, start, vector, size)
        middle = builder.gep(start, [ir.Constant(ir.IntType(64), count)])
        second = _read(builder, middle, vector, size)
        even = _shuffle(builder, first, second, [2 * k for k in range(count)])
        odd = _shuffle(builder, first, second, [2 * k + 1 for k in range(count)])
        return context.make_tuple(builder, pair, [even, odd])

    return pair(array, types.int64, lanes), generate


@intrinsic
def store_pairs(typing: Any, array: Any, index: Any, even: Any, odd: Any) -> Any:  # noqa: ARG001
    """Write two vectors alternately from ``array[index]`` on."""
    count = even.count

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        size = array.dtype.bitwidth // 8
        start = _pointer(context, builder, array, arguments[0], arguments[1])
        order = [k // 2 + count * (k % 2) for k in range(2 * count)]
        first = _shuffle(builder, arguments[2], arguments[3], order[:count])
        second = _shuffle(builder, arguments[2], arguments[3], order[count:])
        _write(builder, start, first, size)
        middle = builder.gep(start, [ir.Constant(ir.IntType(64), count)])
        _write(builder, middle, second, size)
        return context.get_dummy_value()

    return types.void(array, types.int64, even, odd), generate


@intrinsic
def splat(typing: Any, number: Any, lanes: Any) -> Any:  # noqa: ARG001
    """Return a vector of which every element is ``number``."""
    kind = Vector(number, 1 << len(lanes))

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        nothing = ir.Constant(context.get_value_type(kind), ir.Undefined)
        first = builder.insert_element(nothing, arguments[0], _INT32(0))
        return _shuffle(builder, first, nothing, [0] * kind.count)

    return kind(number, lanes), generate


@intrinsic
def mirror(typing: Any, vector: Any, place: Any) -> Any:  # noqa: ARG001
    """Return the elements in the order of their index with one bit flipped.

    ``place`` is a tuple of as many zeros as the number of that bit.
    """
    flipped = 1 << len(place)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        order = [(k ^ flipped) % vector.count for k in range(vector.count)]
        return _shuffle(builder, arguments[0], arguments[0], order)

    return vector(vector, place), generate


@intrinsic
def exchange(typing: Any, a: Any, b: Any, place: Any) -> Any:  # noqa: ARG001
    """Return two vectors with a bit of the element's index and the vector's exchanged.

    An element of ``a`` where the bit is 1 changes places with that of ``b`` where it is
    0. ``place`` is a tuple of as many zeros as the number of that bit.
    """
    pair = types.UniTuple(a, 2)
    count, bit = a.count, (1 << len(place)) % a.count

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        first, second = arguments[:2]
        low = [count + (k ^ bit) if k & bit else k for k in range(count)]
        high = [count + k if k & bit else k ^ bit for k in range(count)]
        orders = (low, high)
        found = [_shuffle(builder, first, second, order) for order in orders]
        return context.make_tuple(builder, pair, found)

    return pair(a, b, place), generate


@intrinsic
def mirror_both(typing: Any, a: Any, b: Any, bits: Any) -> Any:  # noqa: ARG001
    """Return the elements of two vectors in the order of their index ^ ``bits``.

    ``bits`` may be computed, unlike that of `mirror`. A loop in which it does not
    change is compiled once for each of its values.
    """
    pair = types.UniTuple(a, 2)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        vectors, orders = arguments[:2], range(1, a.count)
        kind = ir.IntType(64)
        found = builder.append_basic_block("mirrored")
        begin = builder.block
        switch = builder.switch(arguments[2], found)
        ways = [(begin, vectors)]
        for flipped in orders:
            block = builder.append_basic_block(f"mirror{flipped}")
            switch.add_case(ir.Constant(kind, flipped), block)
            builder.position_at_end(block)
            order = [k ^ flipped for k in range(a.count)]
            ways.append((block, [_shuffle(builder, v, v, order) for v in vectors]))
            builder.branch(found)
        builder.position_at_end(found)
        joined = [builder.phi(vectors[0].type) for _ in vectors]
        for block, made in ways:
            for phi, value in zip(joined, made, strict=True):
                phi.add_incoming(value, block)
        return context.make_tuple(builder, pair, joined)

    return pair(a, b, types.int64), generate


def _call(builder: Any, name: str, *arguments: Any) -> Any:
    """Call LLVM's own function of ``name`` for vectors of one type."""
    kind = arguments[0].type
    bits = 64 if isinstance(kind.element, ir.DoubleType) else 32
    full = f"llvm.{name}.v{kind.count}f{bits}"
    function = builder.module.globals.get(full)
    if function is None:
        shape = ir.FunctionType(kind, [kind] * len(arguments))
        function = ir.Function(builder.module, shape, full)
    return builder.call(function, arguments)


@intrinsic
def fma(typing: Any, a: Any, b: Any, c: Any) -> Any:  # noqa: ARG001
    """Return ``a * b + c``, rounded once."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return _call(builder, "fma", *arguments)

    return a(a, a, a), generate


@intrinsic
def fnma(typing: Any, a: Any, b: Any, c: Any) -> Any:  # noqa: ARG001
    """Return ``c - a * b``, rounded once."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return _call(builder, "fma", builder.fneg(arguments[0]), *arguments[1:])

    return a(a, a, a), generate


def _elementwise(operation: str) -> Any:
    """Return what generates one instruction of two vectors."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return getattr(builder, operation)(*arguments)

    return generate


@intrinsic
def add(typing: Any, a: Any, b: Any) -> Any:  # noqa: ARG001
    """Return ``a + b``."""
    return a(a, a), _elementwise("fadd")


@intrinsic
def subtract(typing: Any, a: Any, b: Any) -> Any:  # noqa: ARG001
    """Return ``a - b``."""
    return a(a, a), _elementwise("fsub")


@intrinsic
def multiply(typing: Any, a: Any, b: Any) -> Any:  # noqa: ARG001
    """Return ``a * b``."""
    return a(a, a), _elementwise("fmul")


@intrinsic
def divide(typing: Any, a: Any, b: Any) -> Any:  # noqa: ARG001
    """Return ``a / b``."""
    return a(a, a), _elementwise("fdiv")


@intrinsic
def square_root(typing: Any, a: Any) -> Any:  # noqa: ARG001
    """Return the square roots; NaN for negative numbers."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return _call(builder, "sqrt", *arguments)

    return a(a), generate


@intrinsic
def copy_sign(typing: Any, size: Any, sign: Any) -> Any:  # noqa: ARG001
    """Return the sizes of ``size`` with the signs of ``sign``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return _call(builder, "copysign", *arguments)

    return size(size, size), generate


@intrinsic
def total(typing: Any, vector: Any) -> Any:  # noqa: ARG001
    """Return the sum of the elements in double precision, pairwise."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        parts = [
            builder.extract_element(arguments[0], _INT32(k))
            for k in range(vector.count)
        ]
        if vector.dtype.bitwidth == 32:
            parts = [builder.fpext(part, ir.DoubleType()) for part in parts]
        while len(parts) > 1:
            half = len(parts) // 2
            parts = [builder.fadd(parts[k], parts[k + half]) for k in range(half)]
        return parts[0]

    return types.float64(vector), generate


@intrinsic
def odd(typing: Any, bits: Any) -> Any:  # noqa: ARG001
    """Return 1 where an odd number of the bits of an integer is set, else 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return builder.and_(builder.ctpop(arguments[0]), ir.Constant(ir.IntType(64), 1))

    return types.int64(types.int64), generate


@intrinsic
def count_at_most(typing: Any, array: Any, index: Any, limit: Any) -> Any:  # noqa: ARG001
    """Return how many of eight integers, from ``array[index]`` on, are <= ``limit``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        kind = ir.VectorType(ir.IntType(64), 8)
        address = _pointer(context, builder, array, arguments[0], arguments[1])
        found = _read(builder, address, kind, 8)
        first = builder.insert_element(found, arguments[2], _INT32(0))
        limits = _shuffle(builder, first, found, [0] * 8)
        passed = builder.icmp_signed("<=", found, limits)
        count = builder.ctpop(builder.bitcast(passed, ir.IntType(8)))
        return builder.zext(count, ir.IntType(64))

    return types.int64(array, types.int64, types.int64), generate
