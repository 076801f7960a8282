"""The strong-field dipole in array operations: what the compiled loops must reproduce.

M. Lewenstein et al., Phys. Rev. A 49, 2117 (1994).
"""

import numpy as np
from numpy.polynomial.chebyshev import chebval
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Lanes = tuple[int, ...]


def _running(values: Floats, step: float) -> Floats:
    """Return the running integral of the polynomials through neighbouring points."""
    n = values.size
    parts = np.empty(n - 1)
    six = np.array([11.0, -93.0, 802.0, 802.0, -93.0, 11.0]) / 1440.0
    four = np.array([-1.0, 13.0, 13.0, -1.0]) / 24.0
    end = np.array([9.0, 19.0, -5.0, 1.0]) / 24.0
    parts[2:-2] = np.convolve(values, six, "valid")
    parts[1], parts[-2] = four @ values[:4], four @ values[-4:]
    parts[0], parts[-1] = end @ values[:4], end @ values[:-5:-1]
    return np.concatenate([[0.0], step * np.cumsum(parts)])


def paths_into(
    field: Floats,
    amplitude: Floats,
    step: float,
    energy: float,
    first: int,
    rows: Floats,
) -> None:
    """Write phases, fields, vector potentials and integrals, from ``first`` on."""
    n = field.shape[1]
    inside = slice(first, first + n)
    square = np.zeros(n)
    for c, one in enumerate(field):
        a = -_running(one, step)
        rows[1 + 3 * c, inside] = one * amplitude
        rows[2 + 3 * c, inside] = a
        rows[3 + 3 * c, inside] = _running(a, step) / (4.0 * np.pi)
        square += a**2
    action = energy * step * np.arange(n) + 0.5 * _running(square, step)
    rows[0, inside] = action / (2.0 * np.pi)


def dipole_into(
    rows: Floats,
    delays: Floats,
    shortest: int,
    turn: float,
    scale: float,
    series: Floats,
    shell: int,
    start: int,
    out: Floats,
    lanes: Lanes,  # noqa: ARG001  (a matter of speed)
    plane: Lanes,  # noqa: ARG001
    closed: Lanes,
) -> None:
    """Write the dipole from ``start`` on, one delay after the other."""
    n, parts = out.shape[1], rows[1:].reshape(-1, 3, rows.shape[1])
    field, a, b = parts[:, 0], parts[:, 1], parts[:, 2]
    out[:] = 0.0
    t = slice(start, start + n)
    for k, (weight, rate) in enumerate(delays.T):
        birth = slice(start - shortest - k, start - shortest - k + n)
        moved = b[:, t] - b[:, birth]
        momentum = moved * rate
        turns = rows[0, t] - rows[0, birth] - (moved * momentum).sum(axis=0)
        now, then = momentum - a[:, t], momentum - a[:, birth]
        drive = field[:, birth] * np.cos(2.0 * np.pi * (turns + turn))
        if closed:
            squares = [scale + (p**2).sum(axis=0) for p in (now, then)]
            found = now * (then * drive).sum(axis=0) / (squares[0] * squares[1]) ** 3
        else:
            found = _element(now, scale, series, shell, drive, then)
        out += weight * found


def _element(
    now: Floats, scale: float, series: Floats, shell: int, drive: Floats, then: Floats
) -> Floats:
    """Return d(now) (d(then) . drive), summed over the states of a shell."""
    f, f_then, g, g_then = (
        chebval((scale - p2) / (scale + p2), one)
        for one in series
        for p2 in ((now**2).sum(axis=0), (then**2).sum(axis=0))
    )
    along = (then * drive).sum(axis=0)
    if shell == 0:
        return np.asarray(now * f * f_then * along)
    born = f_then * drive + g_then * along * then
    return np.asarray(f * born + g * (now * born).sum(axis=0) * now)
