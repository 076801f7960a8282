"""Ramsey measurements over a wide range: phase estimation with doubled times."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.fitting.estimate import Estimate

__all__ = ["PhaseEstimation", "PhaseEstimator"]

Array = NDArray[np.float64]

LONGEST = 14
"""Doublings; the distribution then has some hundred thousand coefficients."""


@dataclass(frozen=True, kw_only=True)
class PhaseEstimation:
    r"""Adaptive Ramsey sensing with free times :math:`2^K\tau, \dots, 2\tau, \tau`.

    The longest time comes first and gives the precision; the shorter ones tell its
    fringes apart. The shot at :math:`2^k\tau` is repeated
    :math:`M_k = G + F\,(K-k)` times, and each outcome decides the phase of the next
    readout. The range is :math:`\pm 1/(2\tau)`, whatever the precision.

    Parameters
    ----------
    shortest_time : float
        :math:`\tau`, s.
    doublings : int
        K.
    shots, more_shots : int
        G and F.
    visibility : float
        Of the fringes at time zero: fidelity of preparation and readout.
    t2_star : float
        Dephasing time, s; the visibility falls as exp(-(t/T2*)^exponent).
    exponent : float

    References
    ----------
    Said, Berry, Twamley, Phys. Rev. B 83, 125410 (2011); Cappellaro, Phys. Rev. A 85,
    030301 (2012); Bonato et al., Nature Nanotechnology 11, 247 (2016).
    """

    shortest_time: float
    doublings: int
    shots: int = 5
    more_shots: int = 2
    visibility: float = 1.0
    t2_star: float = math.inf
    exponent: float = 2.0

    def __post_init__(self) -> None:
        checks.positive("shortest_time", self.shortest_time, "s")
        checks.count("doublings", self.doublings, 0, LONGEST)
        checks.count("shots", self.shots)
        checks.count("more_shots", self.more_shots, 0)
        checks.probability("visibility", self.visibility)
        checks.positive("exponent", self.exponent)
        if not self.t2_star > 0.0:
            raise InvalidValue(f"t2_star must be > 0 s, got {self.t2_star} s.")

    @property
    def multiples(self) -> NDArray[np.int64]:
        """Free time of every shot in its order, in shortest times."""
        stages = range(self.doublings, -1, -1)
        repeated = [self.shots + self.more_shots * (self.doublings - k) for k in stages]
        return np.repeat([1 << k for k in stages], repeated)

    @property
    def times(self) -> Array:
        """Free time of every shot in its order, s."""
        return np.asarray(self.shortest_time * self.multiples, dtype=np.float64)

    @property
    def total_time(self) -> float:
        """Sum of all free times, s."""
        return float(self.times.sum())

    @property
    def half_range(self) -> float:
        """The largest frequency of either sign that is told apart, Hz."""
        return 0.5 / self.shortest_time

    @property
    def visibilities(self) -> Array:
        """Visibility of every shot."""
        decay = np.exp(-((self.times / self.t2_star) ** self.exponent))
        return np.asarray(self.visibility * decay)

    def simulate(
        self, frequency: ArrayLike, *, rng: np.random.Generator | None = None
    ) -> Array:
        """Return what complete runs find for true frequencies, Hz, shape ``(r,)``.

        Parameters
        ----------
        frequency : array_like, shape (r,), Hz
            One entry for each run.
        rng : numpy.random.Generator, optional
            Seed 0 by default.
        """
        from qleap.sensing._kernels.phase_estimation import estimate_phases

        rng = np.random.default_rng(0) if rng is None else rng
        truth = checks.vector("frequency", frequency, "Hz")
        multiples = self.multiples
        uniforms = rng.random((truth.size, multiples.size))
        scale = 2.0 * math.pi * self.shortest_time
        phases = estimate_phases(scale * truth, uniforms, multiples, self.visibilities)
        return phases / scale

    def wrapped(self, frequency: ArrayLike) -> Array:
        """Return frequencies, Hz, folded into the range."""
        width = 2.0 * self.half_range
        given = np.asarray(frequency, dtype=np.float64)
        return np.asarray(given - width * np.round(given / width))


class PhaseEstimator:
    """One run of a `PhaseEstimation`, shot by shot, beside an apparatus.

    Parameters
    ----------
    plan : PhaseEstimation
    """

    def __init__(self, plan: PhaseEstimation) -> None:
        self.plan = plan
        self._multiples, self._visibilities = plan.multiples, plan.visibilities
        self._coefficients = np.zeros(int(self._multiples.sum()) + 1, np.complex128)
        self._coefficients[0] = 1.0
        self._done = 0

    @property
    def is_done(self) -> bool:
        """Whether all shots are taken."""
        return self._done == self._multiples.size

    def choose(self) -> tuple[float, float]:
        """Return free time, s, and phase of the last pulse, rad, of the next shot.

        The probability of the bright outcome is then
        ``(1 + V cos(2 pi f t + phase))/2``.
        """
        from qleap.sensing._kernels.phase_estimation import control_phase

        multiple, visibility = self._shot()
        phase = control_phase(self._coefficients, multiple, visibility)
        return multiple * self.plan.shortest_time, phase

    def update(self, bright: bool) -> None:
        """Learn from the outcome of the shot that `choose` returns now.

        Parameters
        ----------
        bright : bool
            True or 1 for the bright outcome.
        """
        from qleap.sensing._kernels.phase_estimation import absorb_outcome

        if np.ndim(bright) > 0 or bright not in (0, 1):
            raise InvalidValue(
                f"bright must be True or False, got {bright!r}; compare the readout "
                "with a threshold first."
            )
        _, phase = self.choose()
        multiple, visibility = self._shot()
        contrast = visibility if bright else -visibility
        absorb_outcome(self._coefficients, multiple, phase, contrast, multiple)
        self._done += 1

    def estimate(self) -> Estimate:
        """Return the frequency, Hz, with the root of its Holevo variance."""
        scale = 2.0 * math.pi * self.plan.shortest_time
        mean = complex(self._coefficients[1])
        sharpness = max(abs(mean), 1e-150)
        variance = max(sharpness**-2 - 1.0, 0.0)
        return Estimate(-float(np.angle(mean)) / scale, math.sqrt(variance) / scale)

    def _shot(self) -> tuple[int, float]:
        if self.is_done:
            raise InvalidValue(
                f"all {self._multiples.size} shots are taken; start a new "
                "PhaseEstimator for the next run."
            )
        at = self._done
        return int(self._multiples[at]), float(self._visibilities[at])
