"""Populations of the levels under light: the classical rate model."""

import math
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.nv.centre import NVCentre
from qleap.sensing.nv.excited import excited_state
from qleap.sensing.nv.photophysics.levels import (
    CHARGE_PARTS,
    EXCITED,
    GROUND,
    LEVELS,
    OPTICAL_PARTS,
    ROBLEDO_2011,
    ChargeRates,
    OpticalRates,
    jump_parts,
)
from qleap.sensing.nv.photophysics.liouville import not_unique
from qleap.sensing.nv.photophysics.mixing import mixed, overlaps

__all__ = ["RateModel"]

Array = NDArray[np.float64]
NO_FIELD: Final = (0.0, 0.0, 0.0)
_SPINS: Final = {1: 0, 0: 1, -1: 2}
_NEUTRAL_EXCITED: Final = 8


@dataclass(frozen=True, kw_only=True)
class RateModel:
    r"""Seven levels of NV-, or ten with NV0, and the rates between them.

    Populations obey :math:`\dot p = G p`, where the rates at a field are those
    without one, spread by the overlaps of the eigenstates (see `mixed`).

    Parameters
    ----------
    optics : OpticalRates
    charge : ChargeRates or None
        With NV0, or without.
    relaxation_time : float
        T_1 of the ground triplet in the dark, s: the rate between each two of its
        levels is 1/(3 T_1).
    ground, excited : NVCentre
        The triplets; their nitrogen is left out.
    """

    optics: OpticalRates = ROBLEDO_2011
    charge: ChargeRates | None = None
    relaxation_time: float = math.inf
    ground: NVCentre = field(default_factory=NVCentre)
    excited: NVCentre = field(default_factory=excited_state)

    def __post_init__(self) -> None:
        if not self.relaxation_time > 0.0:
            raise InvalidValue(
                f"relaxation_time must be > 0 s, got {self.relaxation_time}; use "
                "math.inf for a spin that does not relax."
            )

    @property
    def n_levels(self) -> int:
        """7, or 10 with NV0."""
        return 7 if self.charge is None else 10

    def weights(self, pump_rate: float) -> Array:
        """Return the rates of the groups of jumps (see `jump_parts`), 1/s."""
        checks.non_negative("pump_rate", pump_rate, "1/s")
        o = self.optics
        own = np.array([
            o.radiative,
            o.crossing_0,
            o.crossing_1,
            o.singlet_0,
            o.singlet_1,
            pump_rate,
            1.0 / (3.0 * self.relaxation_time),
        ])  # fmt: skip
        if self.charge is None:
            return own
        return np.concatenate([own, self.charge.weights(pump_rate)])

    def jumps(self, pump_rate: float, field: ArrayLike = NO_FIELD) -> Array:
        """Return the rates ``[..., from, to]`` at ``field``, 1/s.

        Parameters
        ----------
        pump_rate : float
            From the ground to the excited triplet, 1/s; the light's power.
        field : array_like, shape (..., 3)
            In the frame of the axis, T.
        """
        share = overlaps(self.ground, self.excited, field, self.n_levels)
        parts = jump_parts(charge=self.charge is not None)
        weighted = np.einsum("k,kij->ij", self.weights(pump_rate), parts)
        return np.asarray(mixed(weighted[None], share)[..., 0, :, :])

    def generator(
        self,
        pump_rate: float,
        field: ArrayLike = NO_FIELD,
        *,
        microwave: tuple[float, float] = (0.0, 0.0),
    ) -> Array:
        """Return G, shape ``(..., n, n)``, 1/s.

        ``microwave`` are the rates, 1/s, at which a microwave mixes the ground level
        0 with +1 and with -1; a coherent drive is the `CwOdmrModel`'s.
        """
        rates = self.jumps(pump_rate, field)
        for level, rate in zip((0, 2), microwave, strict=True):
            checks.non_negative("microwave", rate, "1/s")
            rates[..., 1, level] += rate
            rates[..., level, 1] += rate
        loss = np.eye(self.n_levels) * rates.sum(axis=-1)[..., None, :]
        return np.asarray(np.swapaxes(rates, -1, -2) - loss)

    def steady_state(
        self,
        pump_rate: float,
        field: ArrayLike = NO_FIELD,
        *,
        microwave: tuple[float, float] = (0.0, 0.0),
    ) -> Array:
        """Return the populations under steady light, shape ``(..., n)``."""
        checks.positive("pump_rate", pump_rate, "1/s")
        matrix = self.generator(pump_rate, field, microwave=microwave)
        scale = np.abs(matrix).max()
        matrix[..., 0, :] = scale
        right = np.zeros((*matrix.shape[:-1], 1))
        right[..., 0, 0] = scale
        try:
            return np.asarray(np.linalg.solve(matrix, right)[..., 0])
        except np.linalg.LinAlgError as error:
            raise not_unique() from error

    def emission_rates(self) -> Array:
        """Return how many photons a level emits, 1/s, shape ``(n,)``.

        Those of NV0 count by what of them is collected.
        """
        emitted = np.zeros(self.n_levels)
        emitted[EXCITED] = self.optics.radiative
        if self.charge is not None:
            seen = self.charge.collected * self.charge.radiative
            emitted[_NEUTRAL_EXCITED] = seen
        return emitted

    def luminescence(
        self,
        pump_rate: float,
        field: ArrayLike = NO_FIELD,
        *,
        microwave: tuple[float, float] = (0.0, 0.0),
    ) -> Array:
        """Return the photons per second under steady light, shape of the fields."""
        at = self.steady_state(pump_rate, field, microwave=microwave)
        return np.asarray(at @ self.emission_rates())

    def saturation(
        self,
        pump_rates: ArrayLike,
        field: ArrayLike = NO_FIELD,
        *,
        microwave: tuple[float, float] = (0.0, 1e9),
    ) -> tuple[Array, Array]:
        """Return light, photons per second, and contrast over the laser's power.

        Both have the shape of ``pump_rates``, 1/s. The contrast is what the rates of
        ``microwave`` (as in `generator`) take of the light; by default the line to -1
        is saturated.
        """
        pumps, at = checks.vector("pump_rates", pump_rates, "1/s"), _one(field)
        light = np.array([self.luminescence(float(p), at) for p in pumps])
        driven = [self.luminescence(float(p), at, microwave=microwave) for p in pumps]
        return light, 1.0 - np.array(driven) / light

    def evolve(
        self,
        populations: ArrayLike,
        times: ArrayLike,
        pump_rate: float,
        field: ArrayLike = NO_FIELD,
    ) -> Array:
        """Return the populations at ``times``, s, shape ``(n_t, n)``; exact.

        ``populations`` are those at time zero, shape ``(n,)``; one field.
        """
        from scipy.linalg import expm

        start = self._populations(populations)
        at = checks.vector("times", times, "s")
        if np.any(at < 0.0):
            raise InvalidValue(f"times must be >= 0 s, got {at.min()}.")
        matrix = self.generator(pump_rate, _one(field))
        return np.asarray(expm(at[:, None, None] * matrix) @ start)

    def spin_state(self, projection: int) -> Array:
        """Return the populations of a pure ground level, ``projection`` +1, 0, -1."""
        populations = np.zeros(self.n_levels)
        populations[_level(projection)] = 1.0
        return populations

    def polarised(
        self, pump_rate: float, field: ArrayLike = NO_FIELD, *, wait: float = 2e-6
    ) -> Array:
        """Return the populations some time after a long pulse of light.

        ``wait`` is that time in the dark, s: about ten lifetimes of the singlet.
        """
        lit = self.steady_state(pump_rate, _one(field))
        after = self.evolve(lit, [checks.non_negative("wait", wait, "s")], 0.0, field)
        return np.asarray(after[0])

    def flipped(self, populations: ArrayLike, projection: int = -1) -> Array:
        """Return the populations after an ideal pi pulse from 0 to ``projection``."""
        after = self._populations(populations).copy()
        level = _level(projection)
        after[[1, level]] = after[[level, 1]]
        return after

    def polarisation(
        self, pump_rate: float, field: ArrayLike = NO_FIELD, *, wait: float = 2e-6
    ) -> float:
        """Return the share of the ground level 0 in the ground triplet."""
        ground = self.polarised(pump_rate, field, wait=wait)[GROUND]
        return float(ground[1] / ground.sum())

    def initialisation_time(
        self, pump_rate: float, field: ArrayLike = NO_FIELD
    ) -> float:
        """Return the slowest time constant under light, s, that of polarisation.

        With NV0 it is that of the charge.
        """
        checks.positive("pump_rate", pump_rate, "1/s")
        rates = np.linalg.eigvals(self.generator(pump_rate, _one(field)))
        return float(1.0 / np.sort(-rates.real)[1])

    def photons(
        self, durations: ArrayLike, pump_rate: float, field: ArrayLike = NO_FIELD
    ) -> Array:
        """Return how many photons each level at time zero is worth, ``(n_t, n)``.

        Expected numbers of emitted photons in windows of ``durations``, s, that
        begin with the light; exact, by the exponential of the generator with one
        more row that counts.
        """
        from scipy.linalg import expm

        n = self.n_levels
        windows = checks.vector("durations", durations, "s")
        if np.any(windows < 0.0):
            raise InvalidValue(f"durations must be >= 0 s, got {windows.min()}.")
        counting = np.zeros((n + 1, n + 1))
        counting[:n, :n] = self.generator(pump_rate, _one(field))
        counting[n, :n] = self.emission_rates()
        return np.asarray(expm(windows[:, None, None] * counting)[:, n, :n])

    def photon_jumps(
        self, field: ArrayLike = NO_FIELD, *, efficiency: float = 1.0
    ) -> Array:
        """Return the rates of jumps that are counted, ``[to, from]``, 1/s.

        For `photon_distribution`; ``efficiency`` is the share of emitted photons that
        are counted.
        """
        share = overlaps(self.ground, self.excited, _one(field), self.n_levels)
        parts = jump_parts(charge=self.charge is not None)
        weights = np.zeros(len(parts))
        weights[0] = (
            checks.probability("efficiency", efficiency) * self.optics.radiative
        )
        if self.charge is not None:
            place = len(OPTICAL_PARTS) + CHARGE_PARTS.index("neutral_radiative")
            seen = self.charge.collected * self.charge.radiative
            weights[place] = efficiency * seen
        return np.asarray(
            mixed(np.einsum("k,kij->ij", weights, parts)[None], share)[0].T
        )

    def to_qutip(
        self, pump_rate: float, field: ArrayLike = NO_FIELD
    ) -> tuple[Any, list[Any]]:
        """Return Hamiltonian (zero) and collapse operators for QuTiP's solvers.

        One operator for each jump, in 1/sqrt(s); the basis are the levels at the
        field, in the order of `qleap.sensing.nv.photophysics.LEVELS`.
        """
        import qutip

        jumps = self.jumps(pump_rate, _one(field))
        basis = [qutip.basis(self.n_levels, k) for k in range(self.n_levels)]
        collapse = [
            np.sqrt(jumps[i, j]) * basis[j] * basis[i].dag()
            for i, j in np.argwhere(jumps > 0.0)
        ]
        return 0.0 * basis[0].proj(), collapse

    def _populations(self, populations: ArrayLike) -> Array:
        given = checks.vector("populations", populations)
        if given.size != self.n_levels:
            names = ", ".join(LEVELS[: self.n_levels])
            raise InvalidValue(
                f"populations must have {self.n_levels} values ({names}), got "
                f"{given.size}."
            )
        return given


def _level(projection: int) -> int:
    """Return the ground level of a projection."""
    if projection not in _SPINS:
        raise InvalidValue(f"projection must be +1, 0 or -1, got {projection!r}.")
    return _SPINS[projection]


def _one(at: ArrayLike) -> Array:
    return checks.triple("field", at, "T")
