"""Fits of the Hamiltonian of all axes to spectra."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.fitting.estimate import Estimate
from qleap.sensing.fitting.hamiltonian_errors import (
    lines_stand_out,
    with_bounded_errors,
    without_normal_errors,
)
from qleap.sensing.fitting.hamiltonian_images import field_image, turn_image
from qleap.sensing.fitting.hamiltonian_joint import find_starts
from qleap.sensing.fitting.model import LineModel
from qleap.sensing.fitting.result import FitResult
from qleap.sensing.fitting.solve import minimum, solve
from qleap.sensing.fitting.trace import Problem, Trace, make_problem
from qleap.sensing.models.base import TraceModel
from qleap.sensing.models.hamiltonian import HamiltonianSpectrum
from qleap.sensing.models.parameter import Gaussian
from qleap.sensing.nv.axes import cube_symmetries
from qleap.sensing.spectrum import Spectrum

__all__ = ["EquivalentField", "HamiltonianFit", "fit_hamiltonian"]

Array = NDArray[np.float64]

SAME: Final = 1e-6
"""Larger chi-square, relative to its expectation, up to which fits are the same."""

RIVAL: Final = 4.0
"""Larger chi-square up to which the data do not exclude a field."""

SAME_FIELD: Final = 1e-12
"""T; below it fields are one field."""

USUAL_STRAIN: Final = 5e6
"""Hz; width of the prior of transverse strain in a fit of one spectrum."""

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


@dataclass(frozen=True, kw_only=True, eq=False)
class HamiltonianFit:
    """Field, D or temperature, strain and orientation behind spectra.

    Parameters
    ----------
    fit : FitResult
        All parameters with covariance, intervals and doubts.
    models : tuple of HamiltonianSpectrum
        One for each spectrum, without the names of the fit.
    equivalents : tuple of EquivalentField
        All fields that the data do not exclude, the reported one first.
    orientations : ndarray, shape (n, 3, 3)
        Equivalent ``crystal_from_lab``, the reported one first.
    source : str
        Where the fit started.
    """

    fit: FitResult
    models: tuple[HamiltonianSpectrum, ...]
    equivalents: tuple[EquivalentField, ...]
    orientations: Array
    source: str

    @property
    def field(self) -> Array:
        """In the laboratory, T, shape (3,); one of `equivalents`."""
        return self.fit.values[:3]

    @property
    def field_covariance(self) -> Array:
        """T^2, shape (3, 3)."""
        return self.fit.covariance[:3, :3]

    @property
    def magnitude(self) -> Estimate:
        """Size of the field, T: the same for all equivalent fields of one spectrum."""
        size = float(np.linalg.norm(self.field))
        unit = self.field / size if size > 0.0 else np.full(3, np.sqrt(1.0 / 3.0))
        return Estimate(size, float(np.sqrt(unit @ self.field_covariance @ unit)))

    @cached_property
    def doubts(self) -> tuple[str, ...]:
        """Those of the fit, whether there are lines, and where errors do not hold."""
        seen, root = lines_stand_out(self.fit)
        if not seen:
            return (
                f"no line is seen: all lines together bring {root:.1f} standard "
                "errors, as noise can, so the field is not determined",
                *self.fit.doubts,
            )
        bent = without_normal_errors(self.fit)
        if not bent:
            return self.fit.doubts
        along = " and ".join(
            f"({', '.join(f'{part:.2f}' for part in axis)})" for axis in bent
        )
        return (
            *self.fit.doubts,
            f"the error of the field along {along} is not that of a normal "
            "distribution: lines have merged, or strain is open; take "
            "fit.interval('field_x'), and contrasts='common' where they are equal",
        )

    @property
    def ambiguities(self) -> tuple[str, ...]:
        """Sentences on what the data cannot tell."""
        found = []
        n = len(self.equivalents)
        if n > 1:
            exact = sum(one.excess < SAME for one in self.equivalents)
            found.append(
                f"{n} fields explain the spectra, {exact} of them exactly as well: "
                "signs and order of the components along the cubic axes are open"
            )
        if n > 1 and self.models[0].drive is None:
            found.append(
                "a known direction of a linearly polarised drive (drive=), or spectra "
                "with known bias fields, would exclude some of them"
            )
        if len(self.orientations) > 1:
            found.append(
                f"{len(self.orientations)} orientations of the crystal are the same: "
                "turns of the cube onto itself"
            )
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """Return all results as plain values, ready for JSON."""
        return {
            **self.fit.to_dict(),
            "field_T": self.field.tolist(),
            "field_covariance_T2": self.field_covariance.tolist(),
            "field_magnitude_T": self.magnitude.to_dict(),
            "equivalent_fields_T": [one.field.tolist() for one in self.equivalents],
            "equivalent_excess": [one.excess for one in self.equivalents],
            "crystal_from_lab": self.orientations.tolist(),
            "doubts": list(self.doubts),
            "ambiguities": list(self.ambiguities),
            "start": self.source,
        }


def fit_hamiltonian(
    spectra: Spectrum | Sequence[Spectrum],
    model: HamiltonianSpectrum | None = None,
    *,
    biases: ArrayLike | None = None,
    start: Mapping[str, float] | None = None,
    max_evaluations: int = 2000,
    **options: Any,
) -> HamiltonianFit:
    """Return the field behind one or several spectra, from the spectra themselves.

    Parameters
    ----------
    spectra : Spectrum or sequence of Spectrum
        Of one diamond in one field, to which known `biases` were added.
    model : HamiltonianSpectrum, optional
        What is looked for: D or temperature, strain, orientation, widths, contrasts.
        By default field, D, one width, a contrast of each axis, and a linear
        background.
    biases : array_like, shape (n, 3), optional
        Known fields of coils in the laboratory for each spectrum, T; zero by
        default. With three that do not lie in a plane with zero, the orientation
        of the crystal can be a parameter (``turned=True``).
    start : mapping, optional
        Start values; by default the field of `fit_odmr` where it sees all eight
        lines, else that of a search over all fields.
    max_evaluations : int
    **options
        ``fixed``, ``limits``, ``priors``, ``cost``, ``loss``: see `fit_traces`.

    Notes
    -----
    One spectrum does not determine transverse strain. Its parameters then have a
    normal prior about zero of `USUAL_STRAIN` where you give none, and ``doubts`` says
    which combinations are known from priors alone.

    With several spectra, contrasts and background of spectrum k have the suffix
    ``_in_k`` and all other parameters are shared.

    Lines alone do not tell a field from what the symmetry of the cube makes of it:
    up to 48 `HamiltonianFit.equivalents`. All of them are compared with the data, and
    the best is reported; where several are equally good it is the first found.
    """
    several = [spectra] if isinstance(spectra, Spectrum) else list(spectra)
    base = _plain_model() if model is None else model
    models = _with_biases(base, biases, len(several))
    problem = make_problem(
        [Trace(x=s.frequency, y=s.signal, error=s.error) for s in several],
        [_named(one, k, len(models)) for k, one in enumerate(models)],
        **_with_strain_priors(models, options),
    )
    starts, source = find_starts(problem, models, several, start)
    tried = [one for first in starts for one in _unlike_images(problem, models, first)]
    for n_evaluations, n_kept in ((12, 4), (60, 1)):
        tried = _improved(problem, tried, n_evaluations)[:n_kept]
    fit = solve(problem, tried[0], max_evaluations)
    fit = with_bounded_errors(fit, models, several)
    return HamiltonianFit(
        fit=fit,
        models=models,
        equivalents=tuple(_equivalents(fit, models)),
        orientations=_orientations(fit, models),
        source=source,
    )


def _plain_model() -> HamiltonianSpectrum:
    return HamiltonianSpectrum(lines=LineModel(background="linear"), contrasts="axes")


def _with_strain_priors(
    models: tuple[HamiltonianSpectrum, ...], options: dict[str, Any]
) -> dict[str, Any]:
    """Return the options with priors of transverse strain that have none.

    Several spectra determine it; one leaves combinations of it open.
    """
    if len(models) > 1:
        return options
    held = {**(options.get("fixed") or {}), **(options.get("priors") or {})}
    usual = {
        name: Gaussian(0.0, USUAL_STRAIN)
        for name in models[0].names
        if name.startswith(("m_x", "m_y")) and name not in held
    }
    return {**options, "priors": {**usual, **(options.get("priors") or {})}}


def _with_biases(
    base: HamiltonianSpectrum, biases: ArrayLike | None, n: int
) -> tuple[HamiltonianSpectrum, ...]:
    known = checks.vectors("biases", np.zeros((n, 3)) if biases is None else biases)
    if n == 0 or known.reshape(-1, 3).shape != (n, 3):
        raise InvalidValue(
            f"biases must be a field of 3 components for each of the {n} spectra, got "
            f"the shape {known.shape}."
        )
    bias = np.asarray(base.bias)
    return tuple(replace(base, bias=tuple(bias + one)) for one in known.reshape(-1, 3))


def _named(model: HamiltonianSpectrum, k: int, n: int) -> TraceModel:
    own = [s for s in model.names if s.startswith(("contrast", "background"))]
    return model if n == 1 else model.renamed(**{s: f"{s}_in_{k + 1}" for s in own})


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


def _unlike_images(
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


def _improved(
    problem: Problem, starts: Sequence[Array], n_evaluations: int
) -> list[Array]:
    """Return where a few steps of the solver lead, best first."""
    found = []
    for start in starts:
        step = minimum(problem, start, n_evaluations)
        values = start.copy()
        values[problem.free] = step.x
        found.append((float(step.cost), values))
    return [values for _, values in sorted(found, key=lambda one: one[0])]


def _equivalents(
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
            image = _improved(problem, [image], 60)[0]
            excess = (_cost(problem, image) - best) / scale
        apart = [np.linalg.norm(image[:3] - one.field) for one in found]
        if excess < RIVAL and min(apart) > SAME_FIELD:
            found.append(
                EquivalentField(field=image[:3].copy(), excess=max(float(excess), 0.0))
            )
    return sorted(found, key=lambda one: one.excess > SAME)


def _orientations(fit: FitResult, models: tuple[HamiltonianSpectrum, ...]) -> Array:
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
