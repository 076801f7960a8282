"""Where a line may be: a matched filter that allows for the background."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.fitting.model import LineModel

__all__ = ["Candidates", "Seed", "find_candidates", "polarity_sign"]

MOST_POINTS = 800
"""Points that the search looks at; longer spectra are averaged in groups."""

WIDTH_STEP = 1.6
"""Ratio of neighbouring widths that are tried."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A first guess of one line, in reduced frequency."""

    position: float
    fwhm: float
    depth: float


@dataclass(frozen=True, slots=True)
class Candidates:
    """All templates of a search, orthogonal to the background.

    Parameters
    ----------
    positions, widths : ndarray, shape (n_templates,)
    templates : ndarray, shape (n_templates, n_points)
        Weighted, with the background projected out, of unit length.
    scales : ndarray, shape (n_templates,)
        What they were divided by.
    groups : ndarray of int, shape (n_points + 1,)
        Edges of the groups of points that are averaged.
    """

    positions: NDArray[np.float64]
    widths: NDArray[np.float64]
    templates: NDArray[np.float64]
    scales: NDArray[np.float64]
    groups: NDArray[np.int64]

    def narrower(self, widest: float) -> "Candidates":
        """Return the templates that are not wider than ``widest``."""
        kept = self.widths <= widest
        return replace(
            self,
            positions=self.positions[kept],
            widths=self.widths[kept],
            templates=self.templates[kept],
            scales=self.scales[kept],
        )

    def ranked(self, residual: NDArray[np.float64], sign: float) -> Iterator[Seed]:
        """Yield the templates that explain most of ``residual``, best first.

        ``residual`` is data minus model over the error; a dip (``sign`` 1) is where
        it is negative. Each next one lies outside the width of those before.
        """
        overlaps = self.templates @ -_averages(residual, self.groups) * sign
        while np.max(overlaps) > 0.0:
            k = int(np.argmax(overlaps))
            position, width = float(self.positions[k]), float(self.widths[k])
            yield Seed(position, width, float(sign * overlaps[k] / self.scales[k]))
            overlaps[np.abs(self.positions - position) <= width] = 0.0


def find_candidates(
    model: LineModel,
    x: NDArray[np.float64],
    weights: NDArray[np.float64],
    offsets: NDArray[np.float64],
) -> Candidates:
    """Return the templates for lines anywhere in ``x``, of all sensible widths."""
    from qleap.sensing._kernels.lines import multiplet_sum

    groups = _groups(x.size)
    at, weight = _averages(x, groups), _averages(weights, groups)
    step, span = float(np.median(np.diff(at))), float(at[-1] - at[0])
    n_widths = max(int(np.log(span / 6.0 / step) / np.log(WIDTH_STEP)) + 1, 1)
    sizes = 2.0 * step * WIDTH_STEP ** np.arange(n_widths)
    basis = np.linalg.qr(weight[:, None] * np.vander(at, model.degree + 1))[0]
    share = 0.0 if model.shape == "gaussian" else 1.0
    positions, widths = (g.ravel() for g in np.meshgrid(at, sizes))
    templates = np.empty((positions.size, at.size))
    for k, (position, width) in enumerate(zip(positions, widths, strict=True)):
        line = np.array([[position, width, 1.0, share]])
        templates[k] = multiplet_sum(at, line, offsets)
    templates *= weight
    templates -= (templates @ basis) @ basis.T
    scales = np.linalg.norm(templates, axis=1)
    scales[scales < 1e-6 * scales.max()] = np.inf  # a line that looks like background
    templates /= scales[:, None]
    return Candidates(positions, widths, templates, scales, groups)


def polarity_sign(
    model: LineModel, x: NDArray[np.float64], signal: NDArray[np.float64]
) -> float:
    """Return 1 for dips and -1 for peaks, from the skewness if not given."""
    if model.polarity != "auto":
        return 1.0 if model.polarity == "dips" else -1.0
    trend = np.polynomial.Polynomial.fit(x, signal, model.degree)
    residual = signal - trend(x)
    return 1.0 if float(np.sum(residual**3)) <= 0.0 else -1.0


def _groups(size: int) -> NDArray[np.int64]:
    """Return the edges of at most `MOST_POINTS` groups of neighbouring points."""
    return np.linspace(0, size, min(size, MOST_POINTS) + 1).astype(np.int64)


def _averages(
    values: NDArray[np.float64], edges: NDArray[np.int64]
) -> NDArray[np.float64]:
    return np.add.reduceat(values, edges[:-1]) / np.diff(edges)
