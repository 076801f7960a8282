"""How many lines a spectrum holds, and their fit."""

import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import ConvergenceWarning, InvalidValue
from qleap.sensing.fitting.lines import COARSE, LineFit, Problem
from qleap.sensing.fitting.model import LineModel
from qleap.sensing.fitting.start import Candidates, find_candidates, polarity_sign
from qleap.sensing.spectrum import Spectrum

__all__ = ["MOST_LINES", "fit_lines"]

MOST_LINES = 8
"""Two lines for each of four axes."""

FLAT = 1e-12
"""A spectrum that deviates from the background by a smaller share is flat."""

ATTEMPTS = 5
"""Places that are tried for one more line."""

WIDEST_SHARES = (1.0, 0.25, 0.0625)
"""How wide lines may start, in units of a sixth of the spectrum."""

PATIENCE = 2
"""Lines in a row that may fail to lower the criterion before the search ends."""


def fit_lines(
    spectrum: Spectrum,
    *,
    n_lines: int | None = None,
    model: LineModel | None = None,
    start: ArrayLike | None = None,
) -> LineFit:
    """Return the lines of ``spectrum``, found without start values.

    Parameters
    ----------
    spectrum : Spectrum
    n_lines : int, optional
        1 to 8; by default the number with the lowest Bayesian information
        criterion.
    model : LineModel, optional
        By default Lorentzian lines on a linear or quadratic background.
    start : array_like, shape (n_lines, 3), optional
        Position (Hz), width (Hz) and depth of each line, where they are known
        well, for example from the spectrum before; saves the search.

    Returns
    -------
    LineFit
        Where it did not converge, its flag says so and a warning is given.

    Raises
    ------
    InvalidValue
        Where there are too few points or no lines.

    Notes
    -----
    Lines are added one by one where a filter matched to position and width finds
    most signal left, and all parameters are fitted again after each. The criterion
    is ``n ln(S/n) + k ln(n) n / (n - k - 2)`` with the weighted sum of squares S of
    n points and k parameters. It does not mind errors that are all wrong by one
    factor; the last factor is the small-sample correction of McQuarrie and Tsai,
    Regression and Time Series Model Selection (1998).
    """
    model = LineModel() if model is None else model
    known = None if start is None else _start_lines(start)
    n_lines = n_lines if known is None else len(known)
    if n_lines is not None:
        checks.count("n_lines", n_lines, 1, MOST_LINES)
    least = 1 if n_lines is None else n_lines
    needed = _backgrounds(model)[0].n_parameters(least) + 3
    if spectrum.frequency.size < needed:
        raise InvalidValue(
            f"a fit of {least} line{'s' * (least > 1)} has {needed - 3} parameters and "
            f"needs at least {needed} points, got {spectrum.frequency.size}; "
            "measure more points or fit fewer lines."
        )
    grown = [
        way
        for one in _backgrounds(model)
        for way in _ways(Problem(spectrum, one), n_lines, known)
    ]
    most = max(way.n_lines for way in grown) if n_lines is not None else 0
    best = min(
        (way for way in grown if way.n_lines >= most), key=lambda way: way.criterion
    )
    best.demand(n_lines)
    n, problem = best.n_lines, best.problem
    found = problem.solve(best.parameters, n)
    fit = problem.finish(found, n)
    if not fit.converged:
        warnings.warn(
            f"the fit of {fit.n_lines} lines did not converge ({fit.message}) "
            "give the number of lines, another shape or a narrower range.",
            ConvergenceWarning,
            stacklevel=2,
        )
    return fit


@dataclass(frozen=True, slots=True)
class _Grown:
    """Lines found with one background."""

    problem: Problem
    parameters: NDArray[np.float64]
    n_lines: int
    criterion: float
    sign: float

    def demand(self, wanted: int | None) -> None:
        """Refuse a spectrum without lines, or with fewer than ``wanted``."""
        kind = "dip" if self.sign > 0.0 else "peak"
        if self.n_lines == 0:
            raise InvalidValue(
                f"no {kind} stands out of the noise of the {self.problem.x.size} "
                "points; give the number of lines, the other polarity, or measure "
                "longer."
            )
        if wanted is not None and self.n_lines < wanted:
            raise InvalidValue(
                f"the spectrum must hold {wanted} lines, but only {self.n_lines} "
                f"{kind}s could be found; ask for fewer lines."
            )


def _backgrounds(model: LineModel) -> list[LineModel]:
    if model.background != "auto":
        return [model]
    return [replace(model, background=name) for name in ("linear", "quadratic")]


def _start_lines(start: ArrayLike) -> NDArray[np.float64]:
    """Return start values as an array of positions, widths and depths."""
    lines = np.asarray(start, dtype=np.float64)
    if lines.ndim != 2 or lines.shape[1] != 3:
        raise InvalidValue(
            "start must have the shape (n_lines, 3): position in Hz, width in Hz and "
            f"depth of each line, got the shape {lines.shape}."
        )
    checks.vector("start", lines.ravel(), "Hz")
    if np.any(lines[:, 1] <= 0.0):
        raise InvalidValue(f"widths in start must be > 0 Hz, got {lines[:, 1].min()}.")
    return lines


def _ways(
    problem: Problem, wanted: int | None, known: NDArray[np.float64] | None
) -> Iterator[_Grown]:
    """Yield what a search finds, or the start values alone."""
    if known is None:
        yield from _grow_all(problem, wanted)
        return
    parameters = problem.start(known)
    residual = problem.residual(parameters, len(known))
    value = _criterion(residual, parameters.size)
    yield _Grown(problem, parameters, len(known), value, 1.0)


def _grow_all(problem: Problem, wanted: int | None) -> Iterator[_Grown]:
    """Yield what is found with wide, medium and narrow lines at the start.

    A wide line may take several dips at once and never let go; a narrow one may
    take only the bottom of a wide dip.
    """
    sign = polarity_sign(problem.model, problem.x, problem.spectrum.signal)
    candidates = find_candidates(
        problem.model, problem.x, problem.weights * problem.scale, problem.offsets
    )
    seen = 0
    for share in WIDEST_SHARES:
        some = candidates.narrower(share * float(candidates.widths.max()))
        if some.widths.size not in (0, seen):
            seen = some.widths.size
            yield _grow(problem, some, sign, wanted)


def _grow(
    problem: Problem, candidates: Candidates, sign: float, wanted: int | None
) -> _Grown:
    """Add lines until ``wanted`` or until they no longer pay."""
    model, size = problem.model, problem.x.size
    steps = [problem.background()]
    residual = problem.residual(steps[0], 0)
    criteria = [_criterion(residual, steps[0].size)]
    whole = problem.spectrum.signal * problem.weights * problem.scale
    if np.linalg.norm(residual) <= FLAT * np.linalg.norm(whole):
        return _Grown(problem, steps[0], 0, criteria[0], sign)
    while len(steps) <= (wanted or MOST_LINES):
        if size <= model.n_parameters(len(steps)) + 2:
            break
        if wanted is None and min(criteria[-PATIENCE:]) > min(criteria):
            break
        parameters = _add_line(problem, candidates, steps[-1], sign)
        if parameters is None:
            break
        n = len(steps)
        steps.append(parameters)
        criteria.append(_criterion(problem.residual(parameters, n), parameters.size))
    n = int(np.argmin(criteria)) if wanted is None else len(steps) - 1
    return _Grown(problem, steps[n], n, criteria[n], sign)


def _add_line(
    problem: Problem,
    candidates: Candidates,
    parameters: NDArray[np.float64],
    sign: float,
) -> NDArray[np.float64] | None:
    """Return the fit with one line more, or None where no place holds one."""
    n = problem.n_lines(parameters)
    residual = problem.residual(parameters, n)
    for seed in islice(candidates.ranked(residual, sign), ATTEMPTS):
        start = problem.extend(parameters, n, seed)
        found = problem.solve(start, n + 1, COARSE).x
        if problem.is_sensible(found, n + 1):
            return np.asarray(found)
    return None


def _criterion(residual: NDArray[np.float64], n_parameters: int) -> float:
    """Return the information criterion, up to a constant."""
    n = residual.size
    mean = max(float(residual @ residual) / n, 1e-30)
    return n * math.log(mean) + n_parameters * math.log(n) * n / (n - n_parameters - 2)
