r"""An electron as waves of many angular momenta, and how a field along z moves it.

Atomic units throughout. The wave function is
:math:`\psi = \sum_l u_l(r)Y_{lm}/r`; a field along z keeps ``m``.

Notes
-----
A step is a Crank-Nicolson step of the atom between two kicks
:math:`e^{-iKz}`, whose momentum :math:`K` is the integral of the field between the
middles of two steps. Kicks of different times commute, so that those of two steps are
one; it turns pairs of neighbouring angular momenta. Norms are kept to
rounding, errors are of second order in the time and of fourth in the radius.

References
----------
H. G. Muller, Laser Phys. 9, 138 (1999); D. Bauer and P. Koval, Comput. Phys. Commun.
174, 396 (2006): radial scheme and turns. S. Patchkovskii and H. G. Muller, Comput.
Phys. Commun. 199, 153 (2016): the same on uneven radii.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.buffers import aligned_array
from qleap.core.errors import InvalidValue
from qleap.core.simd import host_lanes
from qleap.laser.propagation.team import Team
from qleap.laser.tdse.absorbers import absorbing_potential
from qleap.laser.tdse.potentials import CentralPotential
from qleap.laser.tdse.radii import SIDE, RadialGrid, RadialOperator

__all__ = ["PartialWaves", "coupling"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

MOST: Final = 2**26
"""Numbers of a wave function, a gigabyte; pivots take twice as much."""

FASTEST: Final = 5.0
"""Momentum of electrons that high angular momenta must not miss near the nucleus."""

FAINTEST: Final = 1e-20
"""Amplitude of these below which a high angular momentum is left out."""

CONTAINED: Final = 1e-30
"""Weight beyond which the first window goes."""


def coupling(l: ArrayLike, m: int) -> Floats:  # noqa: E741
    r"""Return :math:`\langle l+1,m|\cos\theta|l,m\rangle`."""
    low = np.asarray(l, np.float64)
    square = ((low + 1.0) ** 2 - m**2) / ((2.0 * low + 1.0) * (2.0 * low + 3.0))
    return np.asarray(np.sqrt(square))


class PartialWaves:
    r"""Radial waves of one ``m``, in a potential, under a field along z.

    Parameters
    ----------
    grid : RadialGrid
    potential : CentralPotential
    m : int
    n_l : int
        Angular momenta from ``abs(m)`` on; rounded up to whole blocks of twice a vector
        register (16 with AVX-512).
    step : float
        Of the time.
    absorb_from : float, optional
        Radius at which absorption begins; by default nothing is absorbed.
    slowest : float
        Momentum of the slowest electrons that are absorbed well.
    core_radius : float
        Radius within which the electron counts as bound.
    threads : int
        That share the steps of `advance`; more than two find nothing to do. Bits do
        not depend on them.
    """

    def __init__(
        self,
        grid: RadialGrid,
        potential: CentralPotential,
        *,
        m: int = 0,
        n_l: int,
        step: float,
        absorb_from: float | None = None,
        slowest: float = 0.2,
        core_radius: float = 20.0,
        threads: int = 1,
    ) -> None:
        self._team = Team(min(checks.count("threads", threads), 2))
        self.operator = RadialOperator(grid, potential)
        self.m = abs(m)
        self.step = checks.positive("step", step, "atomic units")
        self.lanes = host_lanes(8)
        self._width = 1 << len(self.lanes)
        blocks = -(-checks.count("n_l", n_l, 2, 4096) // (2 * self._width))
        self.l = self.m + np.arange(2 * self._width * blocks)
        self.up = coupling(self.l, self.m)
        if self.l.size * grid.n_points > MOST:
            raise InvalidValue(
                f"n_l times the radii must be at most {MOST}, got {self.l.size} times "
                f"{grid.n_points}; take a smaller radius or larger steps."
            )
        self._shape = (blocks, grid.n_points, 4, self._width)
        self._waves, self._pivots = aligned_array(self._shape), self._made_pivots()
        row = (blocks, 4 * self._width)
        self._meeting, self._borders = (
            aligned_array((*n, *row)) for n in ((2,), (2, 2))
        )
        self._radii = self._made_radii(potential, absorb_from, slowest, core_radius)
        self._columns = self._made_columns()
        self._pairs = self._made_pairs()
        self._starts = self._made_starts()
        self._window = np.array([grid.n_points, blocks, grid.n_points // 2])
        self._seen = np.zeros(3)

    def put(self, waves: ArrayLike) -> None:
        """Set the radial functions ``u_l``, ``(n, n_points)`` for the lowest ``n``."""
        given = np.atleast_2d(np.asarray(waves, np.complex128))
        if given.shape[0] > self.l.size or given.shape[1] != self._shape[1]:
            raise InvalidValue(
                f"waves must have the shape (<= {self.l.size}, {self._shape[1]}), got "
                f"{given.shape}."
            )
        self._pack_into(self._waves, given / np.sqrt(self.operator.stretch))
        for block, first in zip(self._waves, self._starts, strict=True):
            block[:first] = 0.0
        size = np.einsum("ij,ij->j", given.real, given.real)
        size += np.einsum("ij,ij->j", given.imag, given.imag)
        weight = np.cumsum(size[::-1])[::-1]
        reach = int(np.count_nonzero(weight > CONTAINED))
        self._window[0] = min(self._shape[1], max(reach + 64, 128))
        self._window[1] = -(-given.shape[0] // (2 * self._width))
        self._window[2] = self._window[0] // 2

    def advance(self, kicks: ArrayLike) -> Floats:
        r"""Make a step before each kick, and return what is seen before the last.

        Parameters
        ----------
        kicks : array_like, shape (n,)
            Momenta, force times time with the opposite sign: :math:`\int E\,dt`.

        Returns
        -------
        ndarray, shape (3,)
            :math:`\langle\partial V/\partial z\rangle`, :math:`\langle z\rangle`, and
            the weight within ``core_radius``.
        """
        given = np.ascontiguousarray(kicks, np.float64)
        return np.asarray(self.advance_seen(given, np.array([given.size]))[0][0])

    def advance_seen(
        self, kicks: Floats, ends: NDArray[np.int64], part: slice = slice(0)
    ) -> tuple[Floats, Complex]:
        """Make a step before each kick, and return what is seen on the way.

        Parameters
        ----------
        kicks : ndarray, shape (n,)
            As of `advance`.
        ends : ndarray, shape (times,)
            After how many kicks something is seen; rising, up to ``n``.
        part : slice
            Radii at which waves are seen; none by default.

        Returns
        -------
        seen : ndarray, shape (times, 3)
            What `advance` returns.
        waves : ndarray, shape (n_l, times, radii)
            Radial functions ``u_l`` after these kicks.
        """
        from qleap.laser._kernels.partial_waves import advance_into
        from qleap.laser._kernels.team import LINE

        place, stop, _ = part.indices(self._shape[1])
        sums = np.zeros((ends.size, 2, LINE))
        row = (self._shape[0], 4 * self._width)
        # Zero beyond the window, which the kernel does not look at.
        near = np.zeros((ends.size, max(0, stop - place), *row))
        split = self._window[2]
        rows = self._waves[:, split - 1 : split + 1].reshape(self._shape[0], 2, -1)
        self._borders[0] = rows.swapaxes(0, 1)
        shared = (
            self._meeting,
            self._borders,
            np.empty((kicks.size, 2, LINE)),
            np.zeros((2 * kicks.size, LINE * self._team.size), np.int64),
            np.zeros((2 * kicks.size, LINE), np.int64),
        )

        def work(member: int) -> None:
            advance_into(
                3.0 * self.step, kicks, ends, self._radii.ravel(),
                self._columns.ravel(), self._starts, self._pivots.ravel(),
                self._waves.reshape(-1), self._window, sums, near, place, shared,
                member, self.lanes,
            )  # fmt: skip

        self._team.share(work)
        there = near.reshape(*near.shape[:3], 4, self._width)
        waves = self._unpacked(np.moveaxis(there, 2, 0))
        return sums[:, :, :3].sum(axis=1), waves * np.sqrt(self.operator.stretch[part])

    def shift_along(self, shifts: ArrayLike) -> Floats:
        r"""Shift the waves along z, with a step between each two shifts.

        Parameters
        ----------
        shifts : array_like, shape (n,)
            Bohr: :math:`\int A\,dt`, for ``n - 1`` steps of the atom. This is the
            velocity gauge, ``advance`` the length gauge.

        Returns
        -------
        ndarray, shape (3,)
            What `advance` returns, after the last shift.
        """
        from qleap.laser._kernels import radial_shifts as kernels

        radii, columns = self._radii.ravel(), self._columns.ravel()
        waves = self._waves.reshape(-1)
        for i, shift in enumerate(np.asarray(shifts, np.float64)):
            if i > 0:
                self.advance([0.0])
            kernels.shift_into(
                shift, radii, self.operator.stretch, self._pairs.ravel(), self._starts,
                waves, self._window, self.lanes,
            )  # fmt: skip
        kernels.see_into(
            radii, columns, self._starts, waves, self._window, self._seen, self.lanes
        )
        return self._seen.copy()

    def waves(self, radius: slice | int = slice(None)) -> Complex:
        """Return the radial functions ``u_l``, ``(n_l, n_points)``."""
        root = np.sqrt(self.operator.stretch[radius])
        return np.asarray(self._unpacked(self._waves[:, radius]) * root)

    def _unpacked(self, part: Floats) -> Complex:
        """Return waves over ``l`` and more from ``(blocks, ..., 4, width)``."""
        pairs = np.stack([part[..., 0::2, :], part[..., 1::2, :]])
        packed = pairs[0] + 1j * pairs[1]  # (blocks, ..., parity, lanes)
        ordered = np.moveaxis(packed, 0, -3)  # (..., blocks, parity, lanes)
        flat = (*ordered.shape[:-3], self.l.size)
        l_last = np.swapaxes(ordered, -1, -2).reshape(flat)
        return np.asarray(np.moveaxis(l_last, -1, 0))

    def state(self) -> dict[str, NDArray[Any]]:
        """Return what the next steps depend on, to the bit."""
        return {"packed": self._waves, "window": self._window}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state of waves that were made alike.

        Raises
        ------
        ValueError
            Where these had other radii, angular momenta or vector registers.
        """
        if state["packed"].shape != self._shape:
            raise ValueError(
                f"waves of the shape {state['packed'].shape} for {self._shape}, radii "
                "times vector registers"
            )
        self._waves[...], self._window[:] = state["packed"], state["window"]

    def populations(self) -> Floats:
        """Return the weight of each angular momentum, ``(n_l,)``."""
        return np.asarray((np.abs(self.waves()) ** 2) @ self.operator.stretch)

    def angles(self) -> tuple[Floats, Floats]:
        """Return cosines at which the angular momenta are complete, and waves there.

        The matrix ``(n_l, n_l)`` turns waves over ``l`` (transposed) into values at
        these cosines times the roots of their weights, and back.
        """
        cosines, matrix = np.linalg.eigh(np.diag(self.up[:-1], 1), UPLO="U")
        return cosines, matrix

    @property
    def window(self) -> tuple[int, int]:
        """Radii and angular momenta that waves have reached."""
        return int(self._window[0]), int(self._window[1]) * 2 * self._width

    def _pack_into(self, out: Floats, values: Complex) -> None:
        """Write ``(n, n_points)`` values of the lowest places in the kernel's order."""
        out[...] = 0.0
        per_block = 2 * self._width
        for block in range(-(-values.shape[0] // per_block)):
            for parity in (0, 1):
                first = block * per_block + parity
                part = values[first : (block + 1) * per_block : 2].T
                out[block, :, 2 * parity, : part.shape[1]] = part.real
                out[block, :, 2 * parity + 1, : part.shape[1]] = part.imag

    def _joints(self) -> tuple[Floats, Floats, Floats]:
        """Return mass, and the two parts of what joins neighbours, of all radii."""
        operator, half = self.operator, 0.5 * self.step
        mass = SIDE * operator.stretch**2
        static = half * (mass * operator.static - 0.5)
        return mass, static, half * mass / operator.radii**2

    def _middles(self) -> Floats:
        """Return the middles of the mass matrix at the first radius, over its sides."""
        return np.array([10.0 + 2.0 * self.operator.cusp(int(k)) for k in self.l])

    def _made_pivots(self) -> Floats:
        """Return the inverse pivots of all angular momenta, outwards and inwards."""
        mass, static, slope = self._joints()
        barrier = 0.5 * self.l * (self.l + 1.0)
        starts = np.repeat(self._made_starts(), 2 * self._width)
        middles = self._middles()
        out = aligned_array((2, *self._shape))
        pivots = np.zeros((self._shape[1], self.l.size), np.complex128)
        for way, numbers in enumerate((range(len(mass)), range(len(mass))[::-1])):
            before, past = np.zeros_like(pivots[0]), np.zeros_like(pivots[0])
            for i in numbers:
                joint = mass[i] + 1j * (static[i] + slope[i] * barrier)
                middle = middles if i == 0 else 10.0
                inverse = middle * joint + 3j * self.step - past * joint * before
                before = np.where(starts <= i, 1.0 / inverse, 0.0)
                pivots[i], past = before, joint
            self._pack_into(out[way], pivots.T)
        return out

    def _made_starts(self) -> NDArray[np.int64]:
        """Return the first radius of each block: behind the barrier nothing is."""
        from scipy.special import gammaln

        lowest = self.m + 2.0 * self._width * np.arange(self._shape[0])
        logs = (lowest[:, None] + 1.0) * np.log(FASTEST * self.operator.radii)
        logs -= gammaln(2 * lowest + 2)[:, None] - gammaln(lowest + 1)[:, None]
        logs += (lowest * np.log(2.0))[:, None]
        found = (logs < np.log(FAINTEST)).sum(axis=1)
        return np.where(lowest > self.m, found, 0)

    def _made_radii(
        self,
        potential: CentralPotential,
        absorb_from: float | None,
        slowest: float,
        core_radius: float,
    ) -> Floats:
        """Return the numbers of each radius, in the order of the kernel."""
        operator = self.operator
        r, weight = operator.radii, operator.stretch**2
        mass, static, slope = self._joints()
        loss = np.zeros_like(r)
        if absorb_from is not None:
            loss = absorbing_potential(r, absorb_from, slowest)
        force = 2.0 * weight * potential.gradient_au(r)
        # u_0 u_1/r^2 rises in a straight line from the nucleus: the trapezoidal rule
        # lacks a twelfth of the first value there.
        force[0] *= 13.0 / 12.0
        core = weight * (r <= core_radius)
        keep = np.exp(-self.step * loss)
        return np.stack(
            [mass, static, slope, r, keep, force, 2.0 * weight * r, core], axis=1
        )

    def _made_columns(self) -> Floats:
        """Return the numbers of each angular momentum, in the order of the kernel."""
        l, up = self.l.astype(np.float64), self.up.copy()  # noqa: E741
        up[-1] = 0.0

        def parts(values: Floats) -> Floats:
            return values.reshape(self._shape[0], self._width, 2).swapaxes(1, 2)

        turns = parts(up)
        top = turns[:, 1].copy()
        top[:, -1] = 0.0
        out = aligned_array((self._shape[0], 7, self._width))
        out[:, 0:2], out[:, 2:4] = parts(0.5 * l * (l + 1.0)), turns
        out[:, 4], out[:, 5:7] = top, parts(self._middles())
        return out

    def _made_pairs(self) -> Floats:
        """Return couplings of pairs, and these times the upper angular momentum."""
        turns = self._columns[:, 2:5]
        upper = (self.l + 1.0).reshape(self._shape[0], self._width, 2).swapaxes(1, 2)
        times = turns * upper[:, [0, 1, 1]]
        out = aligned_array((self._shape[0], 3, 2, self._width))
        out[:, :, 0], out[:, :, 1] = turns, times
        return out
