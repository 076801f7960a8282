"""Where fits of the Hamiltonian to a spectrum start."""

import warnings
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue, QleapWarning
from qleap.sensing.fitting.hamiltonian_search import SEARCHED, Guess, search
from qleap.sensing.nv.axes import canonical_field

if TYPE_CHECKING:
    from qleap.sensing.fitting.trace import Problem
    from qleap.sensing.models.hamiltonian import HamiltonianSpectrum

__all__ = ["complete", "guess_fields", "guess_spectrum"]

Array = NDArray[np.float64]

N_AXES: Final = 4

FINALISTS: Final = 6
"""Of these, how many are fitted to the end."""

WORTH: Final = 100.0
"""Larger chi-square up to which a minimum is kept beside the best."""

SAME_WIDTHS: Final = 0.3
"""Distance of fields in widths of a line up to which they are one."""

STRAIN_SHARE: Final = 0.02
"""Strain at the start in widths of a line; at zero the lines often do not feel it."""


def guess_spectrum(
    model: "HamiltonianSpectrum", x: Array, y: Array
) -> dict[str, float]:
    """Return start values of all parameters from a spectrum."""
    return complete(model, x, y, guess_fields(model, x, y)[0])


def guess_fields(model: "HamiltonianSpectrum", x: Array, y: Array) -> list[Guess]:
    """Return the fields of `fit_odmr` where it finds one, else those of a search.

    The best comes first; others follow that are no images of it by symmetry.

    Raises
    ------
    InvalidValue
        Where no field has lines within the spectrum.
    """
    found = _from_lines(model, x, y) if len(model.axes) == N_AXES else []
    if found:
        return found
    from qleap.sensing.fitting.trace import Problem, Trace

    model = _simplest(model)
    problem = Problem(traces=(Trace(x=x, y=y),), models=(model,))
    candidates = [search(model, x, y, free=free) for free in (False, True)]
    starts = [
        problem.start(complete(model, x, y, one))
        for one in chain.from_iterable(candidates)
    ]
    for n_evaluations in (15, 100):
        improved = [_improved(problem, one, n_evaluations) for one in starts]
        starts = [values for _, values in sorted(improved, key=lambda one: one[0])]
        starts = starts[:FINALISTS]
    kept = _unlike(problem, model, starts)
    if not kept:
        raise InvalidValue(
            "no field within the range of the spectrum has lines there; measure a wider"
            " range or give start values of the field."
        )
    return kept


def _unlike(
    problem: "Problem", model: "HamiltonianSpectrum", found: list[Array]
) -> list[Guess]:
    """Return the fields of minima that are not far above the best, each once."""
    ratio = float(model.centre.gyromagnetic_ratios[2])
    costs = [_squares(problem, values) for values in found]
    freedom = max(problem.traces[0].x.size - len(model.names), 1)
    kept: list[Guess] = []
    for cost, values in zip(costs, found, strict=True):
        field = values[:3]
        if len(model.axes) == N_AXES:
            field = canonical_field(field)
        fwhm = float(values[model.names.index("fwhm")])
        apart = min((np.linalg.norm(field - one.field) for one in kept), default=np.inf)
        if apart < SAME_WIDTHS * fwhm / ratio:
            continue
        if cost <= costs[0] * (1.0 + WORTH / freedom):
            kept.append(
                Guess(
                    field=field, splitting=float(values[3]), fwhm=fwhm, source=SEARCHED
                )
            )
    return kept


def _improved(
    problem: "Problem", start: Array, n_evaluations: int
) -> tuple[float, Array]:
    """Return sum of squares and values to which a few steps of the solver lead."""
    from qleap.sensing.fitting.solve import minimum

    values = minimum(problem, start, n_evaluations).x
    return _squares(problem, values), values


def _squares(problem: "Problem", values: Array) -> float:
    residual = problem.vector(values)
    return float(residual @ residual)


def _simplest(model: "HamiltonianSpectrum") -> "HamiltonianSpectrum":
    """Return the model of the same lines in the frame of the crystal, with D alone.

    Its lines are equally deep: with free depths a field with two axes in one place
    and others switched off can suit a spectrum as well as the true one.
    """
    return replace(
        model,
        lines=replace(model.lines, shape="lorentzian"),
        bias=(0.0, 0.0, 0.0),
        crystal_from_lab=None,
        turned=False,
        thermometer=False,
        strain="none" if model.strain == "none" else "axial",
        widths="common",
        contrasts="common",
        drive=None,
    )


def complete(
    model: "HamiltonianSpectrum", x: Array, y: Array, guess: Guess
) -> dict[str, float]:
    """Return all parameters for a field: depths and background by linear fit."""
    values = np.zeros(len(model.names))
    base = model.rotation(values)
    values[:3] = base.T @ guess.field - np.asarray(model.bias)
    values[3] = guess.splitting
    if model.thermometer:
        values[3] = _temperature(guess.splitting)
    names = model.names
    for k, name in enumerate(names):
        if name.startswith("m_"):
            values[k] = STRAIN_SHARE * guess.fwhm
        elif name.startswith("fwhm"):
            values[k] = guess.fwhm
        elif name == "lorentzian_share":
            values[k] = 0.5
    linear = [
        k for k, n in enumerate(names) if n.startswith(("contrast", "background"))
    ]
    columns = model._jacobian(x, values)[:, linear]
    sizes = np.linalg.norm(columns, axis=0)
    sizes[sizes == 0.0] = 1.0
    values[linear] = np.linalg.lstsq(columns / sizes, y, rcond=1e-9)[0] / sizes
    return dict(zip(names, map(float, values), strict=True))


def _temperature(splitting: float) -> float:
    """Return the temperature with this D, within the range of the model."""
    from qleap.sensing.nv.temperature import HIGHEST, LOWEST, zero_field_splitting

    grid = np.linspace(LOWEST, HIGHEST, 2000)
    return float(np.interp(-splitting, -zero_field_splitting(grid), grid))


def _from_lines(model: "HamiltonianSpectrum", x: Array, y: Array) -> list[Guess]:
    """Return the fields behind the lines that `fit_odmr` finds, if there are any."""
    from qleap.sensing.fitting.odmr import fit_odmr
    from qleap.sensing.spectrum import Spectrum

    lines = replace(model.lines, background="auto")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", QleapWarning)
        try:
            fit = fit_odmr(
                Spectrum.sorted(x, y), model=lines, axes="all", centre=model.centre
            )
        except InvalidValue:  # too few points, or nothing but noise
            return []
    vector = fit.field.vector
    if vector is None:
        return []
    if fit.lines.n_lines < vector.grouping.size:  # merged lines: look around
        return []
    return [
        Guess(
            field=one.field,
            splitting=one.zero_field_splitting,
            fwhm=float(np.median(fit.lines.lines[:, 1])),
            source="the eight lines of fit_odmr",
        )
        for one in (vector, *fit.field.rivals)
    ]
