"""Start values of every pixel from a matched filter about those of the whole map."""

import warnings
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qleap.core.blas import one_blas_thread
from qleap.core.errors import ConvergenceWarning, InvalidValue
from qleap.sensing.fitting.selection import fit_lines
from qleap.sensing.models.multiplets import OdmrLines
from qleap.sensing.spectrum import Spectrum

__all__ = ["BLOCK", "LineFilter", "common_start", "line_shape", "share_of"]

Array = NDArray[np.float64]

BLOCK = 256
"""Pixels that are filtered together, always as many: BLAS then treats a pixel the same
way however the map is divided."""

WIDTHS = (0.6, 1.0, 1.7)
"""Widths that are tried, in units of the common one."""

STEP = 0.5
"""Distance of positions that are tried, in half widths."""


def line_shape(u: Array, share: "Array | float") -> Array:
    """Return the shape of lines of some Lorentzian share over the half width."""
    square = u**2
    if np.all(share == 1.0):
        return np.asarray(1.0 / (1.0 + square))
    return np.asarray(share / (1.0 + square) + (1.0 - share) * np.exp2(-square))


def common_start(
    model: OdmrLines, x: Array, patches: Array, background: str
) -> tuple[Array, float]:
    """Return position, half width and depth of each line, ascending, ``(n, 3)``.

    The Lorentzian share of the lines follows.

    The model's own search finds the lines of each patch of the map; of what it finds,
    the one whose lines are closest to all others' is taken.

    Raises
    ------
    InvalidValue
        Where no patch shows as many lines.
    """
    found: list[Array] = []
    n, lines = model.n_lines, replace(model.lines, background=background)
    failure: Exception | None = None
    for spectrum in patches:
        seen = np.isfinite(spectrum)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", ConvergenceWarning)
                guess = fit_lines(
                    Spectrum.sorted(x[seen], spectrum[seen]), n_lines=n, model=lines
                )
        except (InvalidValue, ConvergenceWarning) as error:
            failure = error
            continue
        found.append(guess.parameters[: 3 * n + 1])
    if not found:
        raise InvalidValue(
            f"no part of the map shows {model.n_lines} lines ({failure}); give start "
            "values."
        )
    values = np.array(found)
    place = np.sort(values[:, :n], axis=1)
    distance = np.abs(place[:, None] - place[None]).sum(axis=(1, 2))
    chosen = values[np.argmin(distance)]
    best = chosen[: 3 * n].reshape(3, n).T * [1.0, 0.5, 1.0]
    return best[np.argsort(best[:, 0])], share_of(model, chosen)


def share_of(model: OdmrLines, values: Array) -> float:
    """Return the Lorentzian share of lines from parameters by name."""
    if model.lines.mixes:
        return float(values[3 * model.n_lines])
    return 1.0 if model.lines.shape == "lorentzian" else 0.0


@dataclass(frozen=True, eq=False)
class LineFilter:
    """Templates of each line at positions up to half way to its neighbours.

    Parameters
    ----------
    templates : ndarray, shape (n_templates, n_points)
        Without a background, of unit length.
    lengths : ndarray, shape (n_templates,)
        What they were divided by.
    positions, widths : ndarray, shape (n_templates,)
    lines : ndarray, shape (n_templates,)
        Which line they stand for.
    trends : ndarray, shape (n_templates, degree + 1)
        Background of the undivided templates.
    inverse : ndarray, shape (degree + 1, n_points)
        Turns spectra into the coefficients of their background.
    signs : ndarray, shape (n_lines,)
        1 for a dip, -1 for a peak.
    shares : ndarray, shape (1,) or (0,)
        Lorentzian share that fits begin with, if it is a parameter.
    """

    templates: Array
    lengths: Array
    positions: Array
    widths: Array
    lines: NDArray[np.int64]
    trends: Array
    inverse: Array
    signs: Array
    shares: Array

    @classmethod
    def around(
        cls,
        x: Array,
        common: Array,
        offsets: Array,
        n_lines: int,
        degree: int,
        share: float,
    ) -> "LineFilter":
        """Return the templates about common start values, all in units of ``x``."""
        powers = np.vander(x, degree + 1, True)
        inverse = np.asarray(np.linalg.pinv(powers), dtype=np.float64)
        centre = common[0 : 3 * n_lines : 3]
        middle = 0.5 * (centre[1:] + centre[:-1])
        edges = np.concatenate([[x[0]], middle, [x[-1]]])
        rows = []
        for k in range(n_lines):
            half = max(common[3 * k + 1], 0.25 * float(np.min(np.diff(x))))
            left = (centre[k] - edges[k]) / (STEP * half)
            right = (edges[k + 1] - centre[k]) / (STEP * half)
            shifts = np.arange(-int(left), int(right) + 1) * STEP * half
            rows += [(k, centre[k] + s, half * w) for w in WIDTHS for s in shifts]
        lines, positions, widths = (
            np.array(column) for column in zip(*rows, strict=True)
        )
        away = x - positions[:, None]
        shapes = np.zeros((positions.size, x.size))
        for offset in offsets:
            shapes += line_shape((away - offset) / widths[:, None], share)
        trends = shapes @ inverse.T
        shapes -= trends @ powers.T
        lengths = np.linalg.norm(shapes, axis=1)
        lengths[lengths == 0.0] = np.inf
        signs = np.where(common[2 : 3 * n_lines : 3] < 0.0, -1.0, 1.0)
        unit = shapes / lengths[:, None]
        shares = common[3 * n_lines : common.size - degree - 1]
        return cls(
            unit, lengths, positions, widths, lines, trends, inverse, signs, shares
        )

    def start(self, spectra: Array, first: int, n_lines: int) -> Array:
        """Return start values of spectra, the first of them pixel ``first`` of the map.

        The shape is ``(n, p)``.
        """
        terms = self.shares.size + len(self.inverse)
        n = len(spectra)
        skipped = first % BLOCK
        padded = np.zeros((-(-(skipped + n) // BLOCK) * BLOCK, spectra.shape[1]))
        padded[skipped : skipped + n] = spectra
        found = np.zeros((len(padded), 3 * n_lines + terms))
        with one_blas_thread():
            for begin in range(0, len(padded), BLOCK):
                block = padded[begin : begin + BLOCK]
                self._fill(block, found[begin : begin + BLOCK], n_lines)
        return found[skipped : skipped + n]

    def _fill(self, block: Array, found: Array, n_lines: int) -> None:
        overlaps = -(block @ self.templates.T)
        trend = block @ self.inverse.T
        everyone = np.arange(len(block))
        for k in range(n_lines):
            own = np.flatnonzero(self.lines == k)
            best = own[np.argmax(self.signs[k] * overlaps[:, own], axis=1)]
            depth = overlaps[everyone, best] / self.lengths[best]
            found[:, 3 * k] = self.positions[best]
            found[:, 3 * k + 1] = self.widths[best]
            found[:, 3 * k + 2] = depth
            trend += depth[:, None] * self.trends[best]
        found[:, 3 * n_lines : 3 * n_lines + self.shares.size] = self.shares
        found[:, 3 * n_lines + self.shares.size :] = trend
