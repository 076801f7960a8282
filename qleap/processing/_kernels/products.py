"""Products of complex numbers whose real and imaginary parts are vectors."""

from qleap.core.jit import inner_kernel
from qleap.core.simd import Vector, fma, fnma, multiply

Complexes = tuple[Vector, Vector]


@inner_kernel
def _product(ar: Vector, ai: Vector, br: Vector, bi: Vector) -> Complexes:
    """Return the product of two complex vectors."""
    return fnma(ai, bi, multiply(ar, br)), fma(ai, br, multiply(ar, bi))


@inner_kernel
def _add_product(
    cr: Vector, ci: Vector, ar: Vector, ai: Vector, br: Vector, bi: Vector
) -> Complexes:
    """Return ``c + a * b`` for complex vectors."""
    return fnma(ai, bi, fma(ar, br, cr)), fma(ai, br, fma(ar, bi, ci))
