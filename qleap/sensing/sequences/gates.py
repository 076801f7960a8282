"""Matrices of the gates of programs, for every member of an ensemble."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue
from qleap.core.simd import host_lanes
from qleap.sensing.sequences.elements import envelope
from qleap.sensing.sequences.programs import Field, Gate, field_values
from qleap.sensing.sequences.shares import GROUP, in_shares
from qleap.sensing.sequences.spaces import Space, components

__all__ = ["Members", "Rates", "gate_matrices", "propagators"]

Matrix = NDArray[np.complex128]
Reals = NDArray[np.float64]

LARGEST, LARGEST_ALONE = 32, 12
"""Sizes up to which our exponentials beat SciPy's: of many matrices and of a few."""

PRODUCTS = 10
"""Of matrices, in one exponential, about."""

MOST_STEPS = 1 << 20
"""Steps in one round before a pulse is called too rough."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Members:
    """What differs within an ensemble, and how finely pulses are integrated.

    Parameters
    ----------
    offset : ndarray, shape (k,)
        By how much a carrier is moved, Hz.
    drive : int
        Whose carrier.
    amplitude : ndarray, shape (k,)
        Factor of all pulses.
    tolerance : float
        Error of a gate.
    """

    offset: Reals
    drive: int
    amplitude: Reals
    tolerance: float


def propagators(generators: Matrix) -> Matrix:
    """Return exp(-i G) of matrices G, shape ``(n, b, b)``."""
    if generators.shape[-1] > LARGEST_ALONE:
        return _by_blocks(generators)
    return _whole(generators)


def _by_blocks(generators: Matrix) -> Matrix:
    """Return the exponentials, each block of a matrix by itself.

    Free evolution has many more blocks than the pulses around it.
    """
    patterns: dict[bytes, list[int]] = {}
    for k, filled in enumerate(generators != 0.0):
        patterns.setdefault(filled.tobytes(), []).append(k)
    found = np.zeros_like(generators)
    for alike in patterns.values():
        label = components(generators[alike[0]] != 0.0)
        blocks: dict[int, list[NDArray[np.int64]]] = {}
        for one in np.unique(label):
            levels = np.flatnonzero(label == one)
            blocks.setdefault(len(levels), []).append(levels)
        for size, groups in blocks.items():
            levels = np.array(groups)
            place = levels[:, :, None], levels[:, None, :]
            parts = generators[np.array(alike)[:, None, None, None], *place]
            turned = _whole(parts.reshape(-1, size, size)).reshape(parts.shape)
            found[np.array(alike)[:, None, None, None], *place] = turned
    return found


def _whole(generators: Matrix) -> Matrix:
    count, size, _ = generators.shape
    if size > (LARGEST if count >= GROUP else LARGEST_ALONE):
        from scipy.linalg import expm

        return np.asarray(expm(-1j * generators))
    from qleap.sensing._kernels.exponentials import exponentials

    ready = np.ascontiguousarray(generators)
    found = in_shares(
        lambda share: exponentials(ready[share], host_lanes(8)),
        count,
        PRODUCTS * count * size**3,
    )
    return found[0] if len(found) == 1 else np.concatenate(found)


def gate_matrices(rates: "Rates", operators: Matrix) -> Matrix:
    """Return the matrices of gates for every member, ``(q, k, g, b, b)``.

    ``operators`` are those of blocks, shape ``(o, q, b, b)``.
    """
    terms, blocks, size, _ = operators.shape
    shape = len(rates.members.offset), len(rates.kind), size, size
    found = np.empty((blocks, *shape), dtype=np.complex128)
    if len(rates.still):
        flat = np.ascontiguousarray(operators).reshape(terms, -1)
        generators = (rates.factors @ flat.view(np.float64)).view(np.complex128)
        exact = propagators(generators.reshape(-1, size, size))
        exact = exact.reshape(shape[0], -1, blocks, size, size)
        for block in range(blocks):
            found[block][:, rates.still] = exact[:, :, block]
    if len(rates.moving):
        which = len(rates.moving)
        member, gate = np.divmod(np.arange(shape[0] * which), which)
        for block in range(blocks):
            own = np.ascontiguousarray(operators[:, block])
            ordered = _ordered(own, rates, rates.moving[gate], member)
            found[block][:, rates.moving] = ordered.reshape(-1, which, size, size)
    return found


def _is_constant(space: Space, gate: Gate, field: Field | None) -> bool:
    if gate.duration == 0.0:
        return True
    if field is not None:
        return False
    if gate.drive < 0:
        return True
    drive = space.drives[gate.drive]
    flat = isinstance(gate.shape, str) and gate.shape == "rectangular"
    return flat and drive.carrier == 0.0 and (drive.turns or gate.detuning == 0.0)


class Rates:
    """The factors of the operators in A, Hz, over the time within gates.

    Parameters
    ----------
    space : Space
    gates : sequence of Gate
    members : Members
    field : callable, optional
    """

    def __init__(
        self,
        space: Space,
        gates: Sequence[Gate],
        members: Members,
        field: Field | None,
    ) -> None:
        self.space = space
        self.field = field
        self.members = members
        self.shapes = list({gate.shape: None for gate in gates})
        self.kind = np.array([self.shapes.index(gate.shape) for gate in gates])
        table = np.array([gate[1:] for gate in gates]).T
        self.drive = table[0].astype(np.int64)
        self.amplitude, self.phase, self.detuning, self.duration = table[1:5]
        self.angle, self.begin, self.whole, self.start, self.power = table[5:]
        flat = np.array([_is_constant(space, gate, field) for gate in gates])
        self.still, self.moving = np.flatnonzero(flat), np.flatnonzero(~flat)
        member = np.repeat(np.arange(len(members.offset)), len(self.still))
        gate = np.tile(self.still, len(members.offset))
        self.factors = self._constant(gate, member)

    def _constant(self, gate: NDArray[np.int64], member: NDArray[np.int64]) -> Reals:
        """Return the factors of generators of gates that do not change, rad."""
        duration = self.duration[gate]
        factors = self(gate, member, np.zeros((len(gate), 1)))[:, 0]
        factors *= 2.0 * np.pi * duration[:, None]
        ideal = np.flatnonzero(duration == 0.0)
        if len(ideal):
            which = gate[ideal]
            angle = self.angle[which] * self.members.amplitude[member[ideal]]
            x = 1 + 3 * self.drive[which]
            factors[ideal, x] = angle * np.cos(self.phase[which])
            factors[ideal, x + 1] = angle * np.sin(self.phase[which])
        return factors

    def __call__(
        self, gate: NDArray[np.int64], member: NDArray[np.int64], time: Reals
    ) -> Reals:
        """Return the factors at ``time`` ``(n, s)`` from the beginning of gates."""
        factors = np.zeros((*time.shape, len(self.space.operators)))
        factors[..., 0] = 1.0
        if self.space.light >= 0:
            factors[..., self.space.light] = self.power[gate][:, None]
        for place in range(len(self.space.drives)):
            acts = np.flatnonzero(self.drive[gate] == place)
            if len(acts):
                self._pulse(factors, place, acts, gate[acts], member[acts], time[acts])
        if self.members.drive >= 0:
            offset = self.members.offset[member]
            factors[..., 3 + 3 * self.members.drive] -= offset[:, None]
        if self.field is not None:
            now = self.start[gate][:, None] + time
            factors[..., self.space.sensitive] = field_values(self.field, now)
        return factors

    def _pulse(
        self,
        factors: Reals,
        place: int,
        acts: NDArray[np.int64],
        gate: NDArray[np.int64],
        member: NDArray[np.int64],
        time: Reals,
    ) -> None:
        drive, x = self.space.drives[place], 1 + 3 * place
        passed = self.begin[gate][:, None] + time
        size = (self.amplitude[gate] * self.members.amplitude[member])[:, None]
        size = size * self._envelope(gate, passed)
        turned = 2.0 * np.pi * self.detuning[gate][:, None] * passed
        turned += self.phase[gate][:, None]
        if drive.carrier != 0.0:
            now = self.start[gate][:, None] + time
            turned += 2.0 * np.pi * drive.carrier * now
            factors[acts, :, x] = 2.0 * size * np.cos(turned)
        elif drive.turns:
            factors[acts, :, x] = size
            factors[acts, :, x + 2] = -self.detuning[gate][:, None]
        else:
            factors[acts, :, x] = size * np.cos(turned)
            factors[acts, :, x + 1] = size * np.sin(turned)

    def _envelope(self, gate: NDArray[np.int64], passed: Reals) -> Reals:
        found = np.ones_like(passed)
        shaped = np.flatnonzero(self.whole[gate] > 0.0)
        kinds = self.kind[gate[shaped]]
        for kind in np.unique(kinds):
            shape, mine = self.shapes[kind], shaped[kinds == kind]
            share = passed[mine] / self.whole[gate[mine]][:, None]
            values = envelope(shape, np.clip(share, 0.0, 1.0).ravel())
            if not np.all(np.isfinite(values)):
                raise InvalidValue(
                    f"shape must return finite numbers between 0 and 1, got {shape!r} "
                    "with others."
                )
            found[mine] = values.reshape(share.shape)
        return found

    def steps(self, operators: Matrix, gate: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return into how many steps gates are cut at first."""
        still = operators[0] - np.trace(operators[0]) / len(operators[0]) * np.eye(
            len(operators[0])
        )
        fastest = np.abs(still).sum(axis=1).max() + np.abs(self.amplitude[gate])
        carriers = [drive.carrier for drive in self.space.drives]
        if carriers:
            fastest = fastest + np.where(
                self.drive[gate] >= 0, np.array(carriers)[self.drive[gate]], 0.0
            )
        count = np.ceil(2.0 * fastest * self.duration[gate])
        whole = np.maximum(self.whole[gate], self.duration[gate])
        least = np.ceil(8.0 * self.duration[gate] / whole)
        cuts = np.maximum(np.minimum(count, MOST_STEPS // 4), least)
        return np.asarray(cuts.astype(np.int64))


def _ordered(
    operators: Matrix,
    rates: Rates,
    gate: NDArray[np.int64],
    member: NDArray[np.int64],
) -> Matrix:
    """Return the time-ordered exponentials of gates, shape ``(n, b, b)``.

    Steps of the sixth-order Magnus expansion, extrapolated from the step and its
    halves; where these disagree the halves are steps of their own. The tolerance is
    that of the halves, the extrapolated product is closer.
    """
    tolerance = rates.members.tolerance
    step = _magnus(operators, rates)
    cuts = rates.steps(operators, gate)
    owner = np.repeat(np.arange(len(gate)), cuts)
    size = rates.duration[gate[owner]] / cuts[owner]
    first = np.cumsum(cuts) - cuts
    start = (np.arange(len(owner)) - first[owner]) * size
    whole = step(gate[owner], member[owner], start, size)
    kept: list[tuple[NDArray[np.int64], Reals, Matrix]] = []
    while len(owner):
        if len(owner) > MOST_STEPS:
            raise InvalidValue(
                f"a pulse or field needs more than {MOST_STEPS} steps for the error "
                f"{tolerance:g}; give a smooth shape, shorter pieces or a larger "
                "tolerance."
            )
        half = 0.5 * size
        twice = np.tile(owner, 2)
        begins, sizes = np.concatenate([start, start + half]), np.tile(half, 2)
        both = step(gate[twice], member[twice], begins, sizes)
        early, late = both[: len(owner)], both[len(owner) :]
        fine = late @ early
        step_error = (fine - whole) / 63.0
        error = np.abs(step_error.view(np.float64)).max(axis=(1, 2))
        allowed = tolerance * size / rates.duration[gate[owner]]
        split = error > np.maximum(allowed, 1e-16)
        fine += step_error
        kept.append((owner[~split], start[~split], fine[~split]))
        owner = np.repeat(owner[split], 2)
        start = np.stack([start, start + half], axis=1)[split].ravel()
        size = np.repeat(half[split], 2)
        whole = np.stack([early, late], axis=1)[split].reshape(-1, *whole.shape[1:])
    owner, start, whole = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    order = np.lexsort((start, owner))
    return _products(owner[order], whole[order])


def _magnus(
    operators: Matrix, rates: Rates
) -> Callable[[NDArray[np.int64], NDArray[np.int64], Reals, Reals], Matrix]:
    from qleap.sensing._kernels.exponentials import magnus_generators

    nodes = 0.5 + np.array([-1.0, 0.0, 1.0]) * math.sqrt(0.15)

    def step(
        gate: NDArray[np.int64], member: NDArray[np.int64], start: Reals, size: Reals
    ) -> Matrix:
        factors = rates(gate, member, start[:, None] + size[:, None] * nodes)
        factors *= 2.0 * np.pi * size[:, None, None]
        found = in_shares(
            lambda share: magnus_generators(operators, factors[share], host_lanes(8)),
            len(factors),
            PRODUCTS * len(factors) * len(operators[0]) ** 3,
        )
        return propagators(np.concatenate(found))

    return step


def _products(owner: NDArray[np.int64], matrices: Matrix) -> Matrix:
    """Return the products of each owner's matrices, later ones from the left."""
    while len(owner) > 1 and np.any(owner[1:] == owner[:-1]):
        begins = np.flatnonzero(np.diff(owner, prepend=-1))
        place = np.arange(len(owner)) - np.repeat(
            begins, np.diff(np.append(begins, len(owner)))
        )
        left = np.flatnonzero(place % 2 == 0)
        paired = left[np.append(owner[1:] == owner[:-1], False)[left]]
        matrices[paired] = matrices[paired + 1] @ matrices[paired]
        owner, matrices = owner[left], matrices[left]
    return matrices
