"""Quantum volume: how wide a square random circuit still gives heavy outcomes."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from qleap.core import checks, style
from qleap.core.errors import InvalidValue
from qleap.processing.protocols import intervals
from qleap.processing.protocols.outcomes import (
    MOST_IDEAL,
    ideal_of,
    measured,
    packed_ideal,
    shares_of,
)
from qleap.processing.protocols.protocol import (
    CONFIDENCE,
    Coordinates,
    Counts,
    DeviceProtocol,
    Estimate,
    ProtocolResult,
    Variables,
    check_counts,
    check_qubits,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["HEAVY_LIMIT", "QuantumVolume", "QuantumVolumeResult"]

HEAVY_LIMIT: Final = (1.0 + math.log(2.0)) / 2.0
"""Heavy share of an ideal device with many qubits: outcomes are then Porter-Thomas."""

BAR: Final = 2.0 / 3.0

FEWEST_CIRCUITS: Final = 100
"""The test asks for them, so that the normal bound of a binomial mean holds."""

RESAMPLES: Final = 1000

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class QuantumVolume(DeviceProtocol):
    """Square circuits of random gates on random pairs, and their heavy outcomes.

    Parameters
    ----------
    qubits : tuple of int
        Physical qubits, best first: a circuit of width m begins on the first m.
    widths : tuple of int
        Numbers of qubits m, ascending; each circuit has m layers. By default 2 to all.
    n_circuits : int
        Of each width. With fewer than 100 nothing passes the test.

    Notes
    -----
    Circuits are Qiskit's ``quantum_volume``; a backend compiles them as well as it can,
    as the test allows. Source: Cross et al., Phys. Rev. A 100, 032328 (2019),
    algorithm 1 and its confidence bound.

    Examples
    --------
    >>> from qleap.processing.protocols import QuantumVolume, run_protocol
    >>> found = run_protocol(QuantumVolume(qubits=(0, 1, 2)), "local", seed=1)
    >>> found["log2_volume"].value
    3.0
    """

    optimization_level: ClassVar[int] = 3
    may_route: ClassVar[bool] = True

    qubits: tuple[int, ...]
    widths: tuple[int, ...] = ()
    n_circuits: int = FEWEST_CIRCUITS

    def __post_init__(self) -> None:
        found = check_qubits("qubits", self.qubits, low=2, high=MOST_IDEAL)
        object.__setattr__(self, "qubits", found)
        widths = check_widths(self.widths, len(found), low=2)
        object.__setattr__(self, "widths", widths)
        checks.count("n_circuits", self.n_circuits, 2)

    def circuits(self, rng: np.random.Generator) -> list[QuantumCircuit]:
        """Return the circuits, width by width."""
        from qiskit.circuit.library import quantum_volume

        found = []
        for width in self.widths:
            for _ in range(self.n_circuits):
                seed = int(rng.integers(2**31))
                model = quantum_volume(width, width, seed=seed)
                circuit = measured(model, len(self.qubits), width)
                circuit.metadata = {"width": width, "ideal": packed_ideal(model)}
                found.append(circuit)
        return found

    def analyse(
        self, circuits: Sequence[QuantumCircuit], counts: Sequence[Counts]
    ) -> "QuantumVolumeResult":
        """Return the heavy shares of every circuit, and what passes."""
        check_counts(circuits, counts, "width", "ideal")
        heavy: dict[int, list[float]] = {width: [] for width in self.widths}
        ideal: dict[int, list[float]] = {width: [] for width in self.widths}
        shots = min(sum(found.values()) for found in counts)
        for circuit, found in zip(circuits, counts, strict=True):
            width = circuit.metadata["width"]
            chances = ideal_of(circuit)
            is_heavy = chances > np.median(chances)
            heavy[width].append(float(shares_of(found, width)[is_heavy].sum()))
            ideal[width].append(float(chances[is_heavy].sum()))
        shares, best = np.array(list(heavy.values())), np.array(list(ideal.values()))
        return QuantumVolumeResult(
            estimates=_estimates(self.widths, shares, best, shots),
            parameters=asdict(self),
            widths=self.widths,
            heavy=shares,
            ideal=best,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class QuantumVolumeResult(ProtocolResult):
    """Heavy shares by width, and what they amount to.

    Estimates are ``log2_volume``, the largest width that passes; and for each width m
    ``heavy_m``, the mean heavy share, and ``polarisation_m``, the weight f of the ideal
    distribution if all else is noise over all outcomes: h - 1/2 = f (h_ideal - 1/2).

    Parameters
    ----------
    widths : tuple of int
        Numbers of qubits.
    heavy : ndarray, shape (widths, circuits)
        Share of shots with a heavy outcome.
    ideal : ndarray, shape (widths, circuits)
        The same of a device without errors, exact.
    """

    kind: ClassVar[str] = "quantum_volume"

    widths: tuple[int, ...]
    heavy: Array
    ideal: Array

    @property
    def bounds(self) -> Array:
        """Return the mean heavy share less two standard errors, by width."""
        return _bounds(self.heavy)

    @property
    def passed(self) -> NDArray[np.bool_]:
        """Return which widths pass: bound above 2/3, of 100 circuits or more."""
        return _passed(self.heavy)

    def arrays(self) -> tuple[Coordinates, Variables]:
        """Return heavy shares, measured and ideal, and the bound of the test."""
        coords = {
            "width": (np.array(self.widths), "1"),
            "circuit": (np.arange(self.heavy.shape[1]), "1"),
        }
        return coords, {
            "heavy": (("width", "circuit"), self.heavy, "1"),
            "ideal_heavy": (("width", "circuit"), self.ideal, "1"),
            "lower_bound": (("width",), self.bounds, "1"),
            "passed": (("width",), self.passed, "1"),
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw heavy shares of circuits, their means, and the bound of the test."""
        axes = style.axes(ax)
        n_circuits = self.heavy.shape[1]
        scatter = np.linspace(-0.25, 0.25, n_circuits)
        for k, width in enumerate(self.widths):
            first = "one circuit" if k == 0 else None
            axes.plot(
                width + scatter,
                self.heavy[k],
                ".",
                color=style.COLOURS[5],
                alpha=0.4,
                markersize=3,
                label=first,
            )
        found = [self[f"heavy_{width}"] for width in self.widths]
        middle = np.array([one.value for one in found])
        reach = np.array([[one.value - one.low, one.high - one.value] for one in found])
        axes.errorbar(
            self.widths,
            middle,
            yerr=reach.T,
            fmt="o",
            color=style.COLOURS[0],
            capsize=3,
            label="mean, 99 %",
        )
        axes.plot(
            self.widths,
            self.bounds,
            "v",
            color=style.COLOURS[1],
            label="mean less two standard errors",
        )
        axes.axhline(BAR, color=style.COLOURS[1], linestyle="--", label="2/3")
        axes.axhline(0.5, color=style.COLOURS[5], linestyle=":", label="noise alone")
        axes.set_xticks(self.widths)
        axes.set_xlabel("width and depth")
        axes.set_ylabel("share of heavy outcomes")
        axes.set_title(f"log2 of the quantum volume: {self['log2_volume'].value:.0f}")
        axes.legend(fontsize=8)
        return axes


def check_widths(widths: Sequence[int], largest: int, *, low: int) -> tuple[int, ...]:
    """Return ascending numbers of qubits; all from ``low`` where none are given."""
    if not widths:
        return tuple(range(low, largest + 1))
    found = tuple(checks.count("widths", width, low, largest) for width in widths)
    if list(found) != sorted(set(found)):
        raise InvalidValue(f"widths must ascend, got {list(found)}.")
    return found


def _bounds(heavy: Array) -> Array:
    """Return the mean less two standard errors, as the test has them.

    The variance h (1 - h) / n is that of circuits each all heavy or all light, the
    largest that goes with this mean.
    """
    middle = heavy.mean(axis=-1)
    spread = np.sqrt(middle * (1.0 - middle) / heavy.shape[-1])
    bounds: Array = middle - 2.0 * spread
    return bounds


def _passed(heavy: Array) -> NDArray[np.bool_]:
    enough = heavy.shape[-1] >= FEWEST_CIRCUITS
    passed: NDArray[np.bool_] = (_bounds(heavy) > BAR) & enough
    return passed


def _estimates(
    widths: Sequence[int], heavy: Array, ideal: Array, shots: int
) -> dict[str, Estimate]:
    found = {"log2_volume": _volume(np.array(widths), heavy)}
    least = intervals.resolution(shots * heavy.shape[1])
    for width, own, best in zip(widths, heavy, ideal, strict=True):
        both = np.stack([own, best], axis=1)
        estimates = intervals.jackknifed(_polarisation, [both], least)
        found[f"heavy_{width}"], found[f"polarisation_{width}"] = estimates
    return found


def _polarisation(both: Array) -> Array:
    """Return mean heavy share and polarisation, (n, 2), of (n, circuits, 2)."""
    own, best = np.moveaxis(both.mean(axis=1), -1, 0)
    return np.stack([own, (own - 0.5) / (best - 0.5)], axis=-1)


def _volume(widths: NDArray[np.int64], heavy: Array) -> Estimate:
    """Return the largest width that passes; resampled circuits bound it."""
    n_circuits = heavy.shape[1]
    rng = np.random.default_rng(0)
    drawn = rng.integers(n_circuits, size=(RESAMPLES, n_circuits))
    again = np.moveaxis(heavy[:, drawn], 1, 0)
    value = int(np.where(_passed(heavy), widths, 0).max())
    others = np.where(_passed(again), widths, 0).max(axis=-1)
    tail = (1.0 - CONFIDENCE) / 2.0
    low, high = np.quantile(others, [tail, 1.0 - tail], method="nearest")
    return Estimate(
        value=float(value), low=float(min(low, value)), high=float(max(high, value))
    )
