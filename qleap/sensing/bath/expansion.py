"""Cluster-correlation expansion of the coherence of a central spin."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.blas import one_blas_thread
from qleap.core.errors import InvalidValue
from qleap.sensing.bath.clusters import Clusters, find_clusters
from qleap.sensing.bath.conditional import (
    Conditional,
    dipolar_rows,
    groups,
    product_states,
)
from qleap.sensing.bath.levels import CentralLevels
from qleap.sensing.bath.spins import BathSpins

__all__ = ["ClusterExpansion", "coherence", "pulse_shares"]

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Indices = NDArray[np.int64]
Compute = Callable[[Floats, Complexes, Complexes], None]
"""From Hamiltonians and initial states to coherences."""

Levels = CentralLevels | tuple[float, float]

_CHUNK = 512
"""Clusters that a thread takes at a time."""

_EFFORT = 2_000_000
"""Clusters times moments times 4^size that are worth another thread."""


def coherence(
    bath: BathSpins,
    times: ArrayLike,
    *,
    field: ArrayLike,
    pulses: int | ArrayLike = 1,
    order: int | None = None,
    distance: float | None = None,
    clusters: Clusters | None = None,
    levels: Levels = (0.0, -1.0),
    state: ArrayLike | None = None,
    threads: int | None = None,
) -> Complexes:
    r"""Return the coherence of a central spin in a bath, by CCE.

    .. math::
        L(t) = \frac{\langle 0|\rho(t)|1\rangle}{\rho_{01}(0)}
             = \operatorname{Tr} U_0 \rho_B U_1^\dagger

    with U_a the history of the bath that ends with the central spin in level a. After
    an odd number of pulses, :math:`\rho_{10}(0)` stands below the line. The phase that
    the central spin gathers by itself is left out.

    Parameters
    ----------
    bath : BathSpins
    times : array_like, shape (m,), s
        Whole times of free evolution.
    field : array_like, shape (3,) or (n, 3), T
        Static field, in the frame of the bath; one for all spins or one for each.
    pulses : int or array_like
        Number of pi pulses of CPMG (0 is Ramsey, 1 Hahn echo), or the moments of
        ideal pi pulses as shares of the whole time, ascending between 0 and 1.
    order : int, optional
        Largest size of clusters; by default 2, or that of ``clusters``.
    distance : float, m
        Farthest that spins of a cluster are connected over; see `find_clusters`.
    clusters : Clusters, optional
        Instead of ``distance``, found before.
    levels : CentralLevels or tuple of float
        Projections of the central spin on z in level 0 and 1, or both levels in full.
    state : array_like, shape (n,), optional
        Projections of the bath spins on z in a pure product state; then spins outside
        a cluster act by their mean field along z. By default, the bath is unpolarised.
    threads : int, optional
        By default as many as compiled loops use.

    Returns
    -------
    ndarray, shape (m,)

    References
    ----------
    Yang and Liu, Phys. Rev. B 78, 085315 (2008).
    """
    if (distance is None) == (clusters is None):
        raise InvalidValue(
            "distance or clusters must be given, one of them, got "
            f"{'neither' if distance is None else 'both'}."
        )
    if clusters is None:
        assert distance is not None
        clusters = find_clusters(
            bath, order=2 if order is None else order, distance=distance
        )
    expansion = ClusterExpansion(
        bath=bath,
        clusters=clusters if order is None else clusters.up_to(order),
        field=np.asarray(field, dtype=np.float64),
        levels=levels,
    )
    found = expansion.by_order(times, pulses=pulses, state=state, threads=threads)
    return np.asarray(found[-1])


def pulse_shares(pulses: int | ArrayLike) -> Floats:
    """Return the shares of the whole time before, between and after pi pulses.

    Parameters
    ----------
    pulses : int or array_like
        See `coherence`.
    """
    if np.ndim(pulses) == 0:
        n = checks.count("pulses", pulses, low=0)
        moments = (np.arange(n) + 0.5) / n if n else np.empty(0)
    else:
        moments = checks.vector("pulses", pulses)
        inside = np.all((moments > 0.0) & (moments < 1.0))
        if not inside or np.any(np.diff(moments) <= 0.0):
            raise InvalidValue(
                "pulses must ascend between 0 and 1, as shares of the whole time, got "
                f"{np.array2string(moments, threshold=6)}."
            )
    return np.diff(moments, prepend=0.0, append=1.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class ClusterExpansion:
    """A bath, its clusters, a field and two levels, for many coherences.

    Parameters
    ----------
    bath : BathSpins
    clusters : Clusters
    field : ndarray, shape (3,) or (n, 3), T
    levels : CentralLevels or tuple of float
        As in `coherence`.
    """

    bath: BathSpins
    clusters: Clusters
    field: NDArray[np.float64]
    levels: Levels = (0.0, -1.0)

    def __post_init__(self) -> None:
        field = checks.vectors("field", self.field, "T")
        if field.shape not in ((3,), (len(self.bath), 3)):
            raise InvalidValue(
                f"field must have the shape (3,) or ({len(self.bath)}, 3), T, got "
                f"{field.shape}."
            )
        object.__setattr__(self, "field", field)
        if not isinstance(self.levels, CentralLevels):
            object.__setattr__(self, "levels", CentralLevels.along_z(*self.levels))
        for rows in self.clusters.members:
            if rows.max(initial=-1) >= len(self.bath):
                raise InvalidValue(
                    f"clusters must be of spins below {len(self.bath)}, got "
                    f"{rows.max()}; find them in this bath."
                )

    @cached_property
    def _conditional(self) -> Conditional:
        assert isinstance(self.levels, CentralLevels)
        return Conditional.of(self.bath, self.field, self.levels)

    @cached_property
    def _couplings(self) -> Floats:
        """Return the zz couplings of all spins, ``(n, n)``, Hz."""
        n = len(self.bath)
        found = np.zeros((n, n))
        for k in range(n - 1):
            others = np.arange(k + 1, n)
            found[k, k + 1 :] = dipolar_rows(self.bath, np.full(n - 1 - k, k), others)[
                8
            ]
        return found + found.T

    def by_order(
        self,
        times: ArrayLike,
        *,
        pulses: int | ArrayLike = 1,
        state: ArrayLike | None = None,
        threads: int | None = None,
    ) -> Complexes:
        """Return the coherence in CCE-1, CCE-2, ..., shape ``(order, m)``.

        Parameters
        ----------
        times, pulses, state, threads
            As in `coherence`.
        """
        moments = checks.vector("times", times, "s")
        shares = pulse_shares(pulses)
        projections = None if state is None else self._with_field(state)
        members = self.clusters.members
        effort = sum(len(rows) << 2 * size for size, rows in enumerate(members, 1))
        workers = min(_threads(threads), 1 + effort * len(moments) // _EFFORT)
        compute = _method(shares, moments, projections is None)
        below = sum(len(rows) for rows in members[:-1])
        kept = np.empty((below, len(moments)), dtype=np.complex128)
        found = np.ones((len(members), len(moments)), dtype=np.complex128)
        offset = 0
        with one_blas_thread(), ThreadPoolExecutor(workers) as pool:
            spread = pool.map if workers > 1 else map
            for size, rows in enumerate(members, 1):
                lower = kept[:offset]
                own = kept[offset : offset + len(rows)] if size < len(members) else None

                def work(
                    chosen: Indices,
                    size: int = size,
                    lower: Complexes = lower,
                    own: Complexes | None = own,
                ) -> Complexes:
                    values, product = self._contributions(
                        size, chosen, lower, compute, projections
                    )
                    if own is not None:
                        own[chosen] = values
                    return product

                if size > 1:
                    found[size - 1] = found[size - 2]
                for product in spread(work, _pieces(self.bath, rows, workers)):
                    found[size - 1] *= product
                offset += len(rows)
        return found

    def _contributions(
        self,
        size: int,
        chosen: Indices,
        lower: Complexes,
        compute: Compute,
        state: tuple[Floats, Floats] | None,
    ) -> tuple[Complexes, Complexes]:
        """Return what the ``chosen`` clusters of a size contribute, and its product."""
        from qleap.sensing._kernels import cce

        rows = self.clusters.members[size - 1][chosen]
        matrices = self._conditional.hamiltonians(rows, 8, state)
        d = matrices.shape[2]
        if state is None:
            initial = np.eye(d, dtype=np.complex128)[None]
        else:
            initial = product_states(self.bath, rows, state[0])
        values = np.empty((len(rows), lower.shape[1]), dtype=np.complex128)
        compute(matrices, initial, values)
        product = np.ones(lower.shape[1], dtype=np.complex128)
        parts = self.clusters.parts[size - 1][chosen]
        cce.divide_out_parts(values, parts, lower, product)
        return values, product

    def _with_field(self, state: ArrayLike) -> tuple[Floats, Floats]:
        """Return the projections and the field that they make at each spin, Hz."""
        m = checks.vector("state", state)
        spin = self.bath.spin
        if m.shape != spin.shape:
            raise InvalidValue(
                f"state must name the projection of each of {len(spin)} spins, got "
                f"{len(m)} values."
            )
        steps = spin - m
        wrong = (np.abs(m) > spin) | (np.abs(steps - np.rint(steps)) > 1e-9)
        if np.any(wrong):
            k = int(np.argmax(wrong))
            raise InvalidValue(
                f"state must hold projections -I, ..., I, got {m[k]} for spin {k} with "
                f"I = {spin[k]}."
            )
        return m, self._couplings @ m


def _method(shares: Floats, times: Floats, unpolarised: bool) -> Compute:
    """Return what fills the coherences of clusters for a sequence."""
    from qleap.core import simd
    from qleap.sensing._kernels import cce, echo

    lanes = simd.host_lanes(8)
    if unpolarised and len(shares) == 2 and shares[0] == shares[1]:
        waits, step = _padded(0.5 * times)

        def compute(matrices: Floats, initial: Complexes, out: Complexes) -> None:
            del initial
            echo.echo_coherences(matrices, waits, step, out, lanes)

        return compute
    whole, _ = _padded(times)

    def compute_any(matrices: Floats, initial: Complexes, out: Complexes) -> None:
        cce.sequence_coherences(matrices, initial, shares, whole, out, lanes)

    return compute_any


def _padded(times: Floats) -> tuple[Floats, float]:
    """Return the times up to a multiple of 8, and their distance if it is constant."""
    n = len(times)
    more = -n % 8
    if n < 3:
        return np.pad(times, (0, more)), 0.0
    step = (times[-1] - times[0]) / (n - 1)
    even = times[0] + step * np.arange(n + more)
    apart = np.max(np.abs(even[:n] - times))
    if step > 0.0 and apart <= 1e-15 * np.max(np.abs(times)):
        return np.concatenate([times, even[n:]]), float(step)
    return np.pad(times, (0, more)), 0.0


def _pieces(bath: BathSpins, rows: Indices, workers: int) -> list[Indices]:
    """Return the numbers of the rows in pieces of like clusters, for the threads."""
    found: list[Indices] = []
    for chosen in groups(bath, rows):
        number = max(workers if len(chosen) > 64 else 1, -(-len(chosen) // _CHUNK))
        found.extend(np.array_split(chosen, number))
    return found


def _threads(threads: int | None) -> int:
    if threads is not None:
        return checks.count("threads", threads)
    from qleap.core import jit

    return jit.threads()
