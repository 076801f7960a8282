"""Minima of Hamiltonian fits: images of a field by symmetry, and rivals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.fitting.hamiltonian_images import field_image, turn_image
from qleap.sensing.fitting.hamiltonian_start import SAME_WIDTHS
from qleap.sensing.fitting.result import FitResult
from qleap.sensing.fitting.solve import minimum, residual_scale
from qleap.sensing.fitting.trace import Problem
from qleap.sensing.models.hamiltonian import HamiltonianSpectrum
from qleap.sensing.nv.axes import canonical_field, cube_symmetries

__all__ = [
    "EquivalentField",
    "find_equivalents",
    "find_orientations",
    "find_rivals",
    "improved",
    "nudged",
    "unlike_images",
]

Array = NDArray[np.float64]

SAME: Final = 1e-6
"""Larger chi-square, relative to its expectation, up to which fits are the same."""

RIVAL: Final = 4.0
"""Larger chi-square up to which the data do not exclude a field."""

SAME_FIELD: Final = 1e-12
"""T; below it fields are one field."""

NUDGE: Final = np.array([0.1, 0.25, 0.6])
"""Widths of a line by which a start leaves planes of symmetry."""

WORTH_A_FIT: Final = 100.0
"""Larger chi-square up to which the image of a field is fitted anew."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EquivalentField:
    """Another field that explains the spectra.

    Parameters
    ----------
    field : ndarray, shape (3,)
        In the laboratory, T.
    excess : float
        By how much its chi-square is larger (in units of the reduced chi-square
        where the points have no errors); zero where symmetry makes the spectra
        the same.
    """

    field: Array
    excess: float


def _image(
    problem: Problem,
    models: tuple[HamiltonianSpectrum, ...],
    values: Array,
    symmetry: Array,
    *,
    turned: bool,
) -> Array | None:
    """Return the parameters that a symmetry makes of others; None where it cannot."""
    way = turn_image if turned else field_image
    places = problem.places
    own = [
        way(model, values[at], symmetry)
        for model, at in zip(models, places, strict=True)
    ]
    image = values.copy()
    for one, at in zip(own, places, strict=True):
        if one is None or own[0] is None:
            return None
        if not np.allclose(one[:3], own[0][:3], rtol=0.0, atol=SAME_FIELD):
            return None
        image[at] = one
    held = ~problem.free
    if not np.allclose(image[held], values[held], rtol=1e-9, atol=1e-15):
        return None
    inside = [
        one.low <= v <= one.high
        for one, v in zip(problem.parameters, image, strict=True)
    ]
    return image if all(inside) else None


def _cost(problem: Problem, values: Array) -> float:
    residual = problem.vector(values)
    return float(residual @ residual)


def unlike_images(
    problem: Problem, models: tuple[HamiltonianSpectrum, ...], values: Array
) -> list[Array]:
    """Return the start and those of its images that the data can tell from it."""
    kept, costs = [values], [_cost(problem, values)]
    for symmetry in cube_symmetries():
        image = _image(problem, models, values, symmetry, turned=False)
        if image is None:
            continue
        cost = _cost(problem, image)
        if all(abs(cost - known) > SAME * known for known in costs):
            kept.append(image)
            costs.append(cost)
    return kept


def improved(
    problem: Problem, starts: Sequence[Array], n_evaluations: int
) -> list[Array]:
    """Return where a few steps of the solver lead, best first.

    One scale of the residuals makes the costs of all comparable.
    """
    scale, found = residual_scale(problem, starts[0]), []
    for start in starts:
        step = minimum(problem, start, n_evaluations, scale=scale)
        values = start.copy()
        values[problem.free] = step.x
        found.append((float(step.cost), values))
    return [values for _, values in sorted(found, key=lambda one: one[0])]


def _width_in_field(models: tuple[HamiltonianSpectrum, ...], values: Array) -> float:
    """Return the field that moves a line by its width, T."""
    widths = [
        v for n, v in zip(models[0].names, values, strict=False) if n.startswith("fwhm")
    ]
    return float(widths[0]) / float(models[0].centre.gyromagnetic_ratios[2])


def nudged(
    problem: Problem, models: tuple[HamiltonianSpectrum, ...], values: Array
) -> Array:
    """Return values a little beside planes of symmetry.

    In them, as where a component of the field is zero, no slope leads to a minimum
    that lies to both sides.
    """
    moved = values.copy()
    moved[:3] += NUDGE * _width_in_field(models, values)
    return np.where(problem.free, moved, values)


def find_rivals(
    fit: FitResult, models: tuple[HamiltonianSpectrum, ...], others: Sequence[Array]
) -> list[EquivalentField]:
    """Return other minima that are no images of the fit by symmetry, best first."""
    scale = 1.0 if fit.errors_given else max(fit.reduced_chi_square, 1e-300)
    best, found = _cost(fit.problem, fit.values), []
    turn, bias = models[0].rotation(fit.values), np.asarray(models[0].bias)
    least = SAME_WIDTHS * _width_in_field(models, fit.values)
    seen = [canonical_field(turn @ (fit.values[:3] + bias))]
    for values in others:
        excess = (_cost(fit.problem, values) - best) / scale
        shape = canonical_field(models[0].rotation(values) @ (values[:3] + bias))
        apart = min(np.linalg.norm(shape - one) for one in seen)
        if excess < WORTH_A_FIT and apart > least:
            seen.append(shape)
            found.append(EquivalentField(field=values[:3].copy(), excess=float(excess)))
    return found


def find_equivalents(
    fit: FitResult, models: tuple[HamiltonianSpectrum, ...]
) -> list[EquivalentField]:
    """Return the reported field, and the images of it that the data allow."""
    problem = fit.problem
    scale = 1.0 if fit.errors_given else max(fit.reduced_chi_square, 1e-300)
    best = _cost(problem, fit.values)
    found = [EquivalentField(field=fit.values[:3].copy(), excess=0.0)]
    for symmetry in cube_symmetries():
        image = _image(problem, models, fit.values, symmetry, turned=False)
        if image is None:
            continue
        excess = (_cost(problem, image) - best) / scale
        if SAME < excess < WORTH_A_FIT:
            image = improved(problem, [image], 60)[0]
            excess = (_cost(problem, image) - best) / scale
        apart = [np.linalg.norm(image[:3] - one.field) for one in found]
        if excess < RIVAL and min(apart) > SAME_FIELD:
            found.append(
                EquivalentField(field=image[:3].copy(), excess=max(float(excess), 0.0))
            )
    return sorted(found, key=lambda one: one.excess > SAME)


def find_orientations(fit: FitResult, models: tuple[HamiltonianSpectrum, ...]) -> Array:
    """Return the crystal's orientation, and others with the same spectra."""
    model, at = models[0], fit.problem.places[0]
    found = [model.rotation(fit.values[at])]
    if not model.turned:
        return np.array(found)
    best = _cost(fit.problem, fit.values)
    scale = 1.0 if fit.errors_given else max(fit.reduced_chi_square, 1e-300)
    for symmetry in cube_symmetries():
        if np.linalg.det(symmetry) < 0.0 or np.allclose(symmetry, np.eye(3)):
            continue
        image = _image(fit.problem, models, fit.values, symmetry, turned=True)
        if image is not None and _cost(fit.problem, image) - best < RIVAL * scale:
            found.append(model.rotation(image[at]))
    return np.array(found)
