"""What a field drives in a gas, one transverse point after the other: Kerr and plasma.

A row stays in the cache from its amplitudes to those of its sources, and one without
light strong enough to ionise has no current to transform. Even samples of real rows are
worked on as real parts and odd ones as imaginary parts, as `rows` has them.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.core.simd import fma, load, multiply, splat, store, store_pairs, subtract
from qleap.laser._kernels.fft import LANES, join_into, split_into
from qleap.laser._kernels.ionisation import _plasma
from qleap.laser._kernels.rows import _forward, _inverse

Floats = NDArray[np.float64]


@inner_kernel
def _cube(coefficient: float, re: Floats, im: Floats, count: int) -> None:
    """Replace ``count`` samples ``2 x`` of both parts by ``coefficient x^3``."""
    factor = splat(0.125 * coefficient, LANES)
    for k in range(0, count, 8):
        a, b = load(re, k, LANES), load(im, k, LANES)
        store(re, k, multiply(multiply(factor, a), multiply(a, a)))
        store(im, k, multiply(multiply(factor, b), multiply(b, b)))


@inner_kernel
def _fade(window: Floats, current: Floats) -> None:
    for k in range(0, current.size, 8):
        faded = multiply(load(window, k, LANES), load(current, k, LANES))
        store(current, k, faded)


@inner_kernel
def _reaches(edge: float, re: Floats, im: Floats, count: int) -> bool:
    """Tell whether the square of any sample, given as ``2 x``, is not below an edge."""
    found = 0
    for k in range(count):
        found += (re[k] * re[k] >= 4.0 * edge) | (im[k] * im[k] >= 4.0 * edge)
    return found > 0


@inner_kernel
def _turn(scale: float, rise: Floats, re: Floats, im: Floats, out: Floats) -> None:
    """Write ``i scale rise`` times amplitudes as pairs of numbers."""
    n = rise.size
    whole = n - n % 8
    plus, minus = splat(scale, LANES), splat(-scale, LANES)
    for k in range(0, whole, 8):
        by = load(rise, k, LANES)
        a, b = multiply(by, load(re, k, LANES)), multiply(by, load(im, k, LANES))
        store_pairs(out, 2 * k, multiply(minus, b), multiply(plus, a))
    for k in range(whole, n):
        out[2 * k], out[2 * k + 1] = -scale * rise[k] * im[k], scale * rise[k] * re[k]


@inner_kernel
def _turn_and_draw(
    scale: float,
    rise: Floats,
    re: Floats,
    im: Floats,
    kept: Floats,
    drawn_re: Floats,
    drawn_im: Floats,
    out: Floats,
) -> None:
    """Write the same less ``scale kept`` times the amplitudes that are drawn."""
    n = rise.size
    whole = n - n % 8
    plus, minus = splat(scale, LANES), splat(-scale, LANES)
    for k in range(0, whole, 8):
        by, share = load(rise, k, LANES), load(kept, k, LANES)
        a, b = multiply(by, load(re, k, LANES)), multiply(by, load(im, k, LANES))
        c = fma(share, load(drawn_re, k, LANES), b)
        d = subtract(a, multiply(share, load(drawn_im, k, LANES)))
        store_pairs(out, 2 * k, multiply(minus, c), multiply(plus, d))
    for k in range(whole, n):
        out[2 * k] = -scale * (rise[k] * im[k] + kept[k] * drawn_re[k])
        out[2 * k + 1] = scale * (rise[k] * re[k] - kept[k] * drawn_im[k])


@inner_kernel
def _gas_row(
    tables: Floats,
    roots: Floats,
    x: Floats,
    rise: Floats,
    kept: Floats,
    window: Floats,
    kerr: float,
    plasma: tuple[Floats, Floats, float, float, float, float],
    y: Floats,
    room: Floats,
) -> None:
    """Write what `gas_sources_into` does for one row, of the first amplitudes."""
    samples, half = window.size, window.size // 2
    part = half + 8
    re, im, work = room[:part], room[part : 2 * part], room[2 * part : 4 * part - 16]
    at = 4 * part - 16
    current, field = room[at : at + samples], room[at + samples : at + 2 * samples]
    at += 2 * samples
    fraction = room[at : at + samples]
    drawn_re, drawn_im = room[at : at + part], room[at + part : at + 2 * part]
    scale = 0.5 / half
    cells, edges, step, number_density, energy, collision_rate = plasma
    _inverse(tables, roots, x, re, im, work)
    ionises = _reaches(edges[0], re, im, half)
    if ionises:
        join_into(0.5, re[:half], im[:half], field)
    _cube(kerr, re, im, half)
    _forward(tables, roots, re, im, work)
    if not ionises:
        _turn(scale, rise, re, im, y)
        return
    _plasma(
        cells,
        edges,
        field,
        step,
        number_density,
        energy,
        collision_rate,
        0.0,
        fraction,
        current,
    )
    _fade(window, current)
    split_into(current, drawn_re[:half], drawn_im[:half])
    _forward(tables, roots, drawn_re, drawn_im, work)
    _turn_and_draw(scale, rise, re, im, kept, drawn_re, drawn_im, y)


@kernel
def gas_sources_into(
    tables: Floats,
    roots: Floats,
    lit: NDArray[np.bool_],
    amplitudes: Floats,
    rise: Floats,
    kept: Floats,
    window: Floats,
    kerr: float,
    cells: Floats,
    edges: Floats,
    step: float,
    number_density: float,
    energy: float,
    collision_rate: float,
    out: Floats,
    room: Floats,
) -> None:
    """Write ``i rise P - kept J`` of fields of amplitudes into ``out``.

    ``P = kerr E^3``, and ``J`` is the current of `plasma_current_into` times
    ``window``. ``amplitudes`` and ``out`` are ``(rows, 2 n)``, pairs of numbers, and
    may be the same; ``rise`` and ``kept`` ``(n,)``; ``window`` ``(samples,)``. Of rows
    that are not ``lit`` zeros are written. ``tables`` and ``roots`` as for
    `real_to_time_into`; ``room`` is scratch of ``(5 samples + 32,)``.
    """
    plasma = cells, edges, step, number_density, energy, collision_rate
    for row in range(out.shape[0]):
        x, y = amplitudes[row], out[row]
        if lit[row]:
            _gas_row(tables, roots, x, rise, kept, window, kerr, plasma, y, room)
        else:
            y[:] = 0.0
