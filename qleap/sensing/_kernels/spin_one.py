"""Energies of a spin one in closed form, batched over fields."""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import kernel
from qleap.core.vmath import atan2, sincos

__all__ = ["spin_one_energies"]


@kernel
def spin_one_energies(
    zeeman: NDArray[np.float64], zero_field: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the ascending energies, shape ``(n, 3)``, Hz; see the reference.

    The traceless matrix obeys ``x^3 - p x - q = 0``. The angle of its three real
    roots comes from ``atan2(sqrt(discriminant / 27), q)``, and the discriminant
    from the Gram determinant of 1, H and H^2, a product of squares: near a level
    crossing the textbook ``acos`` would lose half of the digits.
    """
    n = zeeman.shape[0]
    energies = np.empty((n, 3))
    d, m_x, m_y = zero_field[0], zero_field[1], zero_field[2]
    n_x, n_y = zero_field[3], zero_field[4]
    half, root3 = np.sqrt(0.5), np.sqrt(3.0)
    c2 = m_x * m_x + m_y * m_y
    # A stride that is known is what lets LLVM use vectors.
    flat = np.ascontiguousarray(zeeman).reshape(3 * n)
    for i in range(n):
        b_x, b_y, b_z = flat[3 * i], flat[3 * i + 1], flat[3 * i + 2]
        # Upper triangle in the order +1, 0, -1: a = <+|H|0>, b = <0|H|->,
        # c = <+|H|-> = -(m_x + i m_y); u, v, w are the diagonal.
        u, v, w = d / 3.0 + b_z, -2.0 * d / 3.0, d / 3.0 - b_z
        a_r, a_i = half * (b_x + n_x), -half * (b_y + n_y)
        b_r, b_i = half * (b_x - n_x), -half * (b_y - n_y)
        a2, b2 = a_r * a_r + a_i * a_i, b_r * b_r + b_i * b_i
        p = 0.5 * (u * u + v * v + w * w) + a2 + b2 + c2
        # Re(a b c*) with c* = -(m_x - i m_y)
        abc = -(a_r * b_r - a_i * b_i) * m_x - (a_r * b_i + a_i * b_r) * m_y
        q = u * v * w + 2.0 * abc - u * b2 - v * c2 - w * a2
        # R = H^2 - (2p/3) 1 - (3q/2p) H is what is left of H^2 after 1 and H.
        shift, slope = 2.0 * p / 3.0, 1.5 * q / p if p > 0.0 else 0.0
        r_u = u * u + a2 + c2 - shift - slope * u
        r_v = v * v + a2 + b2 - shift - slope * v
        r_w = w * w + b2 + c2 - shift - slope * w
        s_a, s_b, s_c = u + v - slope, v + w - slope, u + w - slope
        # off-diagonal parts: (H^2)_+0 = a (u + v) + c b*, and so on
        ra_r = a_r * s_a - m_x * b_r - m_y * b_i
        ra_i = a_i * s_a + m_x * b_i - m_y * b_r
        rb_r = b_r * s_b - a_r * m_x - a_i * m_y
        rb_i = b_i * s_b - a_r * m_y + a_i * m_x
        rc_r = -m_x * s_c + a_r * b_r - a_i * b_i
        rc_i = -m_y * s_c + a_r * b_i + a_i * b_r
        rest = r_u * r_u + r_v * r_v + r_w * r_w
        rest += 2.0 * (ra_r * ra_r + ra_i * ra_i + rb_r * rb_r + rb_i * rb_i)
        rest += 2.0 * (rc_r * rc_r + rc_i * rc_i)
        sine, cosine = sincos(atan2(np.sqrt(6.0 * p * rest / 27.0), q) / 3.0)
        radius = np.sqrt(p / 3.0)
        cosine, sine = radius * cosine, radius * root3 * sine
        energies[i, 0] = -cosine - sine
        energies[i, 1] = -cosine + sine
        energies[i, 2] = 2.0 * cosine
    return energies
