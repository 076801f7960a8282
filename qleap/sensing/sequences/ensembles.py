"""Signals of ensembles: detuning, amplitude and orientation that differ."""

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as default
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.sensing.sequences.elements import Sequence, listed
from qleap.sensing.sequences.engine import Members
from qleap.sensing.sequences.evolution import TOLERANCE, member_signals
from qleap.sensing.sequences.programs import Field
from qleap.sensing.sequences.spins import ControlledSpins

__all__ = ["Spread", "detuning_scan", "ensemble_signal"]

FEWEST_SCANNED = 32
"""Detunings from which on it may pay to compute others and interpolate."""


@dataclass(frozen=True, eq=False)
class Spread:
    """A distribution as values with weights; ``+`` adds independent ones.

    Parameters
    ----------
    values : array_like, shape (n,)
    weights : array_like, shape (n,), optional
        Their sum is taken as one; equal by default.
    """

    values: NDArray[np.float64]
    weights: NDArray[np.float64] = default(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        values = checks.vector("values", self.values, min_size=1)
        weights = checks.vector("weights", self.weights)
        weights = weights if weights.size else np.ones_like(values)
        if weights.shape != values.shape or weights.sum() == 0.0:
            raise InvalidValue(
                f"weights must be {len(values)} numbers with a sum that is not zero, "
                f"got {len(weights)} with the sum {weights.sum():g}."
            )
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "weights", weights / weights.sum())

    @classmethod
    def gaussian(cls, sigma: float, *, mean: float = 0.0, n: int = 21) -> "Spread":
        """Return the normal distribution at the ``n`` points of Gauss and Hermite.

        Averages of cos(2 pi f t) are right up to about ``2 pi sigma t = sqrt(n)``.
        """
        checks.non_negative("sigma", sigma)
        from scipy.special import roots_hermitenorm

        nodes, weights = roots_hermitenorm(checks.count("n", n))
        return cls(mean + sigma * nodes, weights)

    @classmethod
    def lorentzian(cls, fwhm: float, *, mean: float = 0.0, n: int = 201) -> "Spread":
        """Return the Cauchy distribution at the middles of ``n`` equal shares.

        Its tails end at about ``n / 3`` widths; averages of signals are right to
        about 10 / n.
        """
        checks.non_negative("fwhm", fwhm)
        share = (np.arange(checks.count("n", n)) + 0.5) / n
        return cls(mean + 0.5 * fwhm * np.tan(np.pi * (share - 0.5)))

    @classmethod
    def uniform(cls, low: float, high: float, *, n: int = 21) -> "Spread":
        """Return equal shares from low to high at Gauss and Legendre's points."""
        nodes, weights = np.polynomial.legendre.leggauss(checks.count("n", n))
        return cls(0.5 * (low + high) + 0.5 * (high - low) * nodes, weights)

    def __add__(self, other: "Spread") -> "Spread":
        values = np.add.outer(self.values, other.values).ravel()
        return Spread(values, np.outer(self.weights, other.weights).ravel())


def ensemble_signal(
    spins: ControlledSpins | Iterable[tuple[float, ControlledSpins]],
    sequences: Iterable[Sequence],
    *,
    detuning: Spread | None = None,
    amplitude: Spread | None = None,
    channel: str = "microwave",
    field: Field | None = None,
    tolerance: float = TOLERANCE,
) -> NDArray[np.float64]:
    """Return the averaged readout after each sequence, shape ``(n,)``.

    The sum runs over all combinations in a fixed order, so that the numbers do not
    depend on the threads. Random members are values drawn by the caller:
    ``Spread(rng.normal(size=1000, scale=1e5))``.

    Parameters
    ----------
    spins : ControlledSpins, or pairs of a weight and ControlledSpins
        Several for orientations, or nitrogen that is not in the Hamiltonian; the sum
        of the weights is taken as one.
    sequences : iterable of Sequence
    detuning : Spread, optional
        By how much the carrier of ``channel`` lies above that of the spins, Hz. The
        triplet of a 14N that is not in the spins is
        ``Spread([-2.16e6, 0, 2.16e6])``.
    amplitude : Spread, optional
        Factor of the Rabi frequency and the angle of every pulse; 1 is right.
    channel : str
    field, tolerance
        As in `evolve`.
    """
    pairs = _pairs(spins)
    shares = checks.vector("weights", [weight for weight, _ in pairs], min_size=1)
    if shares.sum() == 0.0:
        raise InvalidValue("weights of the spins must not add up to 0.")
    moved = _spread("detuning", detuning, 0.0)
    scaled = _spread("amplitude", amplitude, 1.0)
    offset, factor = np.meshgrid(moved.values, scaled.values, indexing="ij")
    members = Members(
        offset=offset.ravel(),
        drive=-1,
        amplitude=factor.ravel(),
        tolerance=tolerance,
    )
    weights = np.outer(moved.weights, scaled.weights).ravel()
    sequences = listed(sequences)
    total = np.zeros(len(sequences))
    for share, (_, member) in zip(shares / shares.sum(), pairs, strict=True):
        found = member_signals(
            member,
            sequences,
            members,
            field=field,
            channel=None if detuning is None else channel,
        )
        total += share * (weights @ found)
    return total


def _pairs(
    spins: ControlledSpins | Iterable[tuple[float, ControlledSpins]],
) -> list[tuple[float, ControlledSpins]]:
    if isinstance(spins, ControlledSpins):
        return [(1.0, spins)]
    pairs = list(spins)
    for pair in pairs:
        if isinstance(pair, ControlledSpins):
            raise InvalidKind(
                "spins must be ControlledSpins or pairs of a weight and ControlledSpins"
                f", got {pair!r:.60}; write [(1.0, spins), ...]."
            )
    return pairs


def _spread(name: str, given: Spread | None, alone: float) -> Spread:
    if given is None:
        return Spread(np.array([alone]))
    if not isinstance(given, Spread):
        raise InvalidKind(
            f"{name} must be a Spread, got {given!r:.60}; write Spread.gaussian(...) "
            "or Spread(values)."
        )
    return given


def detuning_scan(
    spins: ControlledSpins,
    sequence: Sequence,
    detunings: ArrayLike,
    *,
    channel: str = "microwave",
    field: Field | None = None,
    tolerance: float = TOLERANCE,
) -> NDArray[np.float64]:
    """Return the readout for many carrier frequencies, shape ``(n,)``.

    Pulsed ODMR: the whole sequence with the carrier of ``channel`` moved by each of
    the ``detunings``, Hz, as by `ControlledSpins.detuned`. A fine scan is computed at
    Chebyshev points, as many as the length of the sequence asks for, and interpolated
    to rounding.
    """
    asked = checks.vector("detunings", detunings, "Hz")
    checks.one_of("channel", channel, tuple(spins.channels))
    turns = np.ptp(spins.channels[channel].number) * sequence.duration
    offset, matrix = _points(asked.tobytes(), float(turns))
    members = Members(
        offset=offset, drive=-1, amplitude=np.ones_like(offset), tolerance=tolerance
    )
    found = member_signals(spins, [sequence], members, field=field, channel=channel)
    return found[:, 0] if matrix is None else matrix @ found[:, 0]


@lru_cache(maxsize=8)
def _points(
    detunings: bytes, turns: float
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """Return detunings to compute, and the matrix from there to those asked for.

    As a function of the detuning a signal is a sum of exp(i 2 pi t detuning) with
    abs(t) at most ``turns``. Its Chebyshev series, whose coefficients are Bessel
    functions, ends soon after the order reaches the largest phase: from there on they
    fall like Airy's function, below 1e-12 at the order that is taken.
    """
    asked = np.frombuffer(detunings)
    if len(asked) < FEWEST_SCANNED:
        return asked, None
    middle, half = 0.5 * (asked.min() + asked.max()), 0.5 * np.ptp(asked)
    phase = 2.0 * np.pi * turns * half
    count = int(np.ceil(phase + 10.0 * np.cbrt(phase) + 12.0))
    if count >= len(asked):
        return asked, None
    angle = (np.arange(count) + 0.5) * np.pi / count
    nodes = middle + half * np.cos(angle)
    apart = asked[:, None] - nodes
    hit = apart == 0.0
    weights = np.where(np.arange(count) % 2, -1.0, 1.0) * np.sin(angle)
    shares = weights / np.where(hit, 1.0, apart)
    shares = np.where(hit.any(axis=1)[:, None], hit, shares)
    return nodes, shares / shares.sum(axis=1, keepdims=True)
