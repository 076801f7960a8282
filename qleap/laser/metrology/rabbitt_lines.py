"""Lines of harmonics and sidebands in a RABBITT trace, above a flat background."""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import HBAR
from qleap.core.errors import InvalidKind, InvalidValue

__all__ = ["BeatFit", "LineReading", "RabbittLines", "beating", "sign_flipped"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

BLIND: Final = 30.0
"""Condition of the fit over delays from which they hardly tell a phase."""

GAP: Final = 0.25
"""Of the dressing field's photon energy: what is dark midway between two orders."""

FAINTEST: Final = 0.02
"""Of the strongest line: what counts as a harmonic."""

SURE: Final = 4.0
"""Standard deviations above zero from which a line is no noise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BeatFit:
    """A constant, a cosine and a sine over the delay, and how to fit them.

    Parameters
    ----------
    design : ndarray, shape (n_delays, 3)
    solve : ndarray, shape (3, n_delays)
        Its pseudo-inverse.
    unfitted : ndarray, shape (n_delays,)
        Share of the noise at a delay that fits leave in its residual.
    """

    design: Floats
    solve: Floats
    unfitted: Floats

    def smooth(self, values: Floats) -> Floats:
        """Return the fit to ``values``, shape ``(n_delays, ...)``."""
        return np.asarray(self.design @ (self.solve @ values))

    def error_of_mean(self, values: Floats) -> Floats:
        """Return the standard deviation of the constant in each column."""
        free = max(self.design.shape[0] - 3, 1)
        variance = ((values - self.smooth(values)) ** 2).sum(axis=0) / free
        return np.asarray(np.sqrt(variance * np.sum(self.solve[0] ** 2)))


@dataclass(frozen=True, kw_only=True, slots=True)
class LineReading:
    """What lines tell: phases of beating and their errors, amplitudes, background."""

    phase: Floats
    error: Floats
    size: Floats
    background: float


def beating(delay: Floats, omega: float) -> BeatFit:
    """Return the fit of a beating at twice a frequency (rad/s) over delays (s)."""
    turn = 2.0 * omega * delay
    design = np.stack([np.ones(delay.size), np.cos(turn), np.sin(turn)], axis=1)
    if np.linalg.cond(design) > BLIND:
        cycle = math.pi / omega
        raise InvalidValue(
            "delays must lie at three places at least of the sidebands' period "
            f"({cycle:.3g} s), got {delay.size} that see one phase again and again; "
            f"take steps below {0.5 * cycle:.3g} s."
        )
    solve = np.linalg.pinv(design)
    leverage = np.einsum("di,id->d", design, solve)
    return BeatFit(
        design=design, solve=solve, unfitted=np.maximum(1.0 - leverage, 1e-3)
    )


def sign_flipped(
    measured: Floats, fitted: Floats, fit: BeatFit, rng: np.random.Generator
) -> Floats:
    """Return a trace whose residuals, delay by delay, have random signs.

    They grow by what the fit has taken of them, so that the spread of further fits is
    that of the first (the wild bootstrap: C. F. J. Wu, Ann. Stat. 14, 1261 (1986)).
    """
    sign = rng.choice([-1.0, 1.0], measured.shape[0]) / np.sqrt(fit.unfitted)
    return np.asarray(fitted + sign[:, None] * (measured - fitted))


class RabbittLines:
    """Where the lines of orders stand, and sums over them.

    Parameters
    ----------
    energy : ndarray
        Kinetic, increasing, J.
    ip : float
        Ionisation energy, J.
    omega : float
        Of the dressing field, rad/s.
    share : float
        Width over which a line is summed, in photons of that field.
    """

    def __init__(self, energy: Floats, ip: float, omega: float, share: float) -> None:
        self.energy, self.ip, self.photon = energy, ip, HBAR * omega
        self.half = 0.5 * share * self.photon
        if np.diff(energy).max() > self.half:
            raise InvalidValue(
                f"energies must be closer than {self.half:.3g} J to tell sidebands "
                "apart; take finer ones, or a larger share."
            )
        self.cell = np.gradient(energy)

    def place(self, order: float) -> float:
        """Return the kinetic energy at which an order's electrons arrive, J."""
        return order * self.photon - self.ip

    def weight(self, order: float, half: float | None = None) -> Floats:
        """Return how much of each energy's cell (J) belongs to an order's line."""
        away = np.abs(self.energy - self.place(order))
        half = self.half if half is None else half
        return np.asarray(self.cell * np.clip((half - away) / self.cell + 0.5, 0, 1))

    def dark(self, scaled: Floats) -> float:
        """Return the background: the median of what is midway between orders."""
        half = 0.5 * GAP * self.photon
        first = math.ceil((self.energy[0] + half + self.ip) / self.photon - 0.5)
        last = math.floor((self.energy[-1] - half + self.ip) / self.photon - 0.5)
        weights = [self.weight(q + 0.5, half) for q in range(first, last + 1)]
        mean = scaled.mean(axis=0)
        gaps = [float(mean @ one / one.sum()) for one in weights if one.any()]
        return float(np.median(gaps)) if gaps else 0.0

    def summed(
        self, scaled: Floats, orders: Floats | Integers, background: float
    ) -> Floats:
        """Return the electrons of orders at each delay, ``(n_delays, n_orders)``."""
        weights = np.array([self.weight(float(q)) for q in orders]).T
        return np.asarray((scaled - background) @ weights)

    def harmonics(
        self,
        scaled: Floats,
        fit: BeatFit,
        background: float | None,
        given: tuple[int, int] | None,
    ) -> Integers:
        """Return the odd orders, neighbours of each other."""
        low = math.ceil((self.energy[0] + self.half + self.ip) / self.photon)
        high = math.floor((self.energy[-1] - self.half + self.ip) / self.photon)
        if given is not None:
            least, most = _checked_orders(given)
            low, high = max(low, least), min(high, most)
        odd = np.arange(low + (low + 1) % 2, high + 1, 2)
        if given is None and odd.size:
            level = self.dark(scaled) if background is None else background
            lines = self.summed(scaled, odd, level)
            strength = fit.solve[0] @ lines
            floor = np.maximum(
                FAINTEST * strength.max(), SURE * fit.error_of_mean(lines)
            )
            seen = np.flatnonzero(strength > floor)
            odd = odd[seen[0] : seen[-1] + 1] if seen.size else odd[:0]
        if odd.size < 2:
            raise InvalidValue(
                f"the trace must show two neighbouring odd harmonics, got {odd.size} "
                f"between the orders {low} and {high}; give orders=, or more electrons."
            )
        return odd

    def read(
        self,
        scaled: Floats,
        fit: BeatFit,
        harmonics: Integers,
        background: float | None,
    ) -> LineReading:
        """Return what the lines of harmonics and of their sidebands tell."""
        level = self.dark(scaled) if background is None else background
        sidebands = harmonics[:-1] + 1
        signals = self.summed(scaled, sidebands, level)
        _, cosine, sine = fit.solve @ signals
        free = max(signals.shape[0] - 3, 1)
        variance = ((signals - fit.smooth(signals)) ** 2).sum(axis=0) / free
        depth2 = np.maximum(cosine**2 + sine**2, 1e-300)
        gradient = np.outer(fit.solve[1], sine) - np.outer(fit.solve[2], cosine)
        strength = fit.solve[0] @ self.summed(scaled, harmonics, level)
        return LineReading(
            phase=np.arctan2(-sine, cosine),
            error=np.sqrt(variance * np.sum((gradient / depth2) ** 2, axis=0)),
            size=np.sqrt(np.maximum(strength, 0.0)),
            background=level,
        )


def _checked_orders(given: Any) -> tuple[int, int]:
    """Return the lowest and highest order that were asked for."""
    if not isinstance(given, tuple | list | np.ndarray) or len(given) != 2:
        raise InvalidKind(
            "orders must be two whole numbers, the lowest and the highest harmonic, "
            f"got {given!r:.60}."
        )
    least = checks.count("orders[0]", given[0])
    return least, checks.count("orders[1]", given[1], least)
