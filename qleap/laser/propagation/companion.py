"""The global error of a propagation, from a second one with larger steps beside it."""

import threading
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import NotConverged
from qleap.laser.propagation.integrator import Equation, Snapshot, march

__all__ = ["Companion"]

Floats = NDArray[np.float64]

RATIO: Final = 16.0
"""Tolerance of the companion over that of the propagation: about twice the step."""

LARGEST: Final = 0.1
"""Largest tolerance of the companion."""

MANY: Final = 8
"""So many places may be what limits the steps."""

LEAST: Final = 1.5
"""Errors of the two propagations that differ by less tell nothing about either."""


class Companion:
    """The same light with a larger tolerance, computed on a thread of its own.

    Parameters
    ----------
    start : Snapshot
        The light that enters.
    equation : Equation
        Not the object that somebody else uses meanwhile.
    places : sequence of float
        Those of the propagation that is judged, beyond the start, m. As they limit the
        steps, too, the companion stops at every second of many, and at the last.
    tolerance : float
        Of the propagation that is judged.
    stops : sequence of float, optional
        More places at which a step has to end, m.

    Notes
    -----
    The error of the method is of fourth order in the step, and so is the tolerance:
    of the difference of the two spectra a fifteenth is left in the finer one (L. F.
    Richardson, Phil. Trans. R. Soc. A 210, 307 (1911)). Where places or the first steps
    bring the two nearer to each other, the sums of their local errors, of third order,
    tell by how much the global ones differ; where these are nearly the same, the sum
    itself is given. Where the light amplifies differences, the coarser one is off by
    more than that, and the estimate too large.
    """

    def __init__(
        self,
        start: Snapshot,
        equation: Equation,
        places: Sequence[float],
        tolerance: float,
        stops: Sequence[float] = (),
    ) -> None:
        self._start, self._equation = start, equation
        every = 2 if len(places) >= MANY else 1
        self._numbers = sorted({*range(every, len(places), every), len(places)})
        self._places = [places[i - 1] for i in self._numbers]
        self._goals = sorted({*self._places, *stops})
        self._ratio = min(RATIO, LARGEST / tolerance)
        self._tolerance = self._ratio * tolerance
        self._found: list[tuple[Floats, float]] = []
        self._failed: Exception | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._compute, daemon=True)

    def __enter__(self) -> "Companion":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def errors(self, kept: Sequence[Snapshot]) -> Floats:
        """Return the estimated relative error of the spectrum at every kept place.

        In the 2-norm over all amplitudes; waits for what is not there yet. Between two
        places of the companion the larger error of both holds. NaN from where it did
        not go on.
        """
        self._thread.join()
        if self._failed is not None:
            raise self._failed
        errors = np.full(len(kept), np.nan)
        before, errors[0] = 0, 0.0
        for number, (power, summed) in zip(self._numbers, self._found, strict=False):
            errors[number] = self._error(kept[number], power, summed)
            between = max(errors[before], errors[number])
            errors[before + 1 : number] = between
            before = number
        return errors

    def _error(self, ours: Snapshot, power: Floats, summed: float) -> float:
        """Return the error of a spectrum, from the companion's and its local errors."""
        finer = _power(ours)
        size = float(np.linalg.norm(finer))
        if size == 0.0:
            return 0.0
        apart = float(np.linalg.norm(finer - power)) / size
        ratio = self._ratio
        if ours.error > 0.0:
            ratio = min(ratio, float(summed / ours.error) ** (4.0 / 3.0))
        return apart / (ratio - 1.0) if ratio > LEAST else max(apart, ours.error)

    def _compute(self) -> None:
        ahead = march(
            self._start, self._equation, self._goals, tolerance=self._tolerance
        )
        try:
            for here in ahead:
                if self._stop.is_set():
                    return
                if here.position == self._places[len(self._found)]:
                    self._found.append((_power(here), here.error))
        except NotConverged:
            return
        except Exception as error:  # raised where it is waited for
            self._failed = error


def _power(light: Snapshot) -> Floats:
    amplitudes = light.amplitudes
    return np.asarray(amplitudes.real**2 + amplitudes.imag**2)
