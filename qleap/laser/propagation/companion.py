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

ALIKE: Final = 0.75
"""Share of the steps from which the companion's are no larger ones."""


class Companion:
    """The same light with a larger tolerance, computed on a thread of its own.

    Parameters
    ----------
    start : Snapshot
        The light that enters.
    equation : Equation
        Not the object that somebody else uses meanwhile.
    places : sequence of float
        Where the spectra are compared, beyond the start, m.
    tolerance : float
        Of the propagation that is judged.

    Notes
    -----
    The error of the method is of fourth order in the step, and so is the tolerance:
    of the difference of the two spectra a fifteenth is left in the finer one (L. F.
    Richardson, Phil. Trans. R. Soc. A 210, 307 (1911)). Where the light amplifies
    differences, the coarser one is off by more than that, and the estimate too large.
    Where places that are kept cut the steps of both to the same length, there is no
    difference to tell; the sum of the local errors then bounds the estimate from below.
    """

    def __init__(
        self,
        start: Snapshot,
        equation: Equation,
        places: Sequence[float],
        tolerance: float,
    ) -> None:
        self._start, self._equation, self._places = start, equation, places
        self._ratio = min(RATIO, LARGEST / tolerance)
        self._tolerance = self._ratio * tolerance
        self._found = [_power(start)]
        self._steps = [start.steps]
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

        In the 2-norm over all amplitudes; waits for what is not there yet. NaN from
        where the coarser propagation did not go on.
        """
        self._thread.join()
        if self._failed is not None:
            raise self._failed
        errors = np.full(len(kept), np.nan)
        for i, (ours, theirs) in enumerate(zip(map(_power, kept), self._found)):  # noqa: B905
            size = float(np.linalg.norm(ours))
            apart = float(np.linalg.norm(ours - theirs))
            errors[i] = 0.0 if size == 0.0 else apart / size / (self._ratio - 1.0)
            if self._steps[i] > ALIKE * kept[i].steps:
                errors[i] = max(errors[i], kept[i].error)
        return errors

    def _compute(self) -> None:
        ahead = march(
            self._start, self._equation, self._places, tolerance=self._tolerance
        )
        try:
            for here in ahead:
                if self._stop.is_set():
                    return
                if here.position == self._places[len(self._found) - 1]:
                    self._steps.append(here.steps)
                    self._found.append(_power(here))
        except NotConverged:
            return
        except Exception as error:  # raised where it is waited for
            self._failed = error


def _power(light: Snapshot) -> Floats:
    amplitudes = light.amplitudes
    return np.asarray(amplitudes.real**2 + amplitudes.imag**2)
