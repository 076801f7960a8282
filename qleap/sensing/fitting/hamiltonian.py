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
from qleap.sensing.fitting.hamiltonian_joint import find_starts
from qleap.sensing.fitting.hamiltonian_minima import (
    SAME,
    EquivalentField,
    find_equivalents,
    find_orientations,
    find_rivals,
    improved,
    nudged,
    unlike_images,
)
from qleap.sensing.fitting.model import LineModel
from qleap.sensing.fitting.result import FitResult
from qleap.sensing.fitting.solve import solve
from qleap.sensing.fitting.trace import Trace, make_problem
from qleap.sensing.models.base import TraceModel
from qleap.sensing.models.hamiltonian import HamiltonianSpectrum
from qleap.sensing.models.parameter import Gaussian
from qleap.sensing.spectrum import Spectrum

__all__ = ["EquivalentField", "HamiltonianFit", "fit_hamiltonian"]

Array = NDArray[np.float64]

CLOSE: Final = 9.0
"""Larger chi-square, three standard errors, up to which another minimum is a doubt."""


USUAL_STRAIN: Final = 5e6
"""Hz; width of the prior of transverse strain in a fit of one spectrum."""

FINALISTS: Final = 6
"""Starts that are fitted to the end."""


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
    rivals : tuple of EquivalentField
        Other minima that were found, not images of the field by symmetry, best
        first: up to `WORTH_A_FIT` in chi-square above it.
    orientations : ndarray, shape (n, 3, 3)
        Equivalent ``crystal_from_lab``, the reported one first.
    source : str
        Where the fit started.
    """

    fit: FitResult
    models: tuple[HamiltonianSpectrum, ...]
    equivalents: tuple[EquivalentField, ...]
    rivals: tuple[EquivalentField, ...]
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
        close = [one for one in self.rivals if one.excess < CLOSE]
        doubts = [*(_rival_sentence(one) for one in close), *self.fit.doubts]
        bent = without_normal_errors(self.fit)
        if not bent:
            return tuple(doubts)
        along = " and ".join(
            f"({', '.join(f'{part:.2f}' for part in axis)})" for axis in bent
        )
        return (
            *doubts,
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
            "rival_fields_T": [one.field.tolist() for one in self.rivals],
            "rival_excess": [one.excess for one in self.rivals],
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
    tried = [one for first in starts for one in unlike_images(problem, models, first)]
    tried = improved(problem, tried, 12)[:FINALISTS]
    tried = improved(problem, [*tried, nudged(problem, models, tried[0])], 60)
    fit = solve(problem, tried[0], max_evaluations)
    fit = with_bounded_errors(fit, models, several)
    return HamiltonianFit(
        fit=fit,
        models=models,
        equivalents=tuple(find_equivalents(fit, models)),
        rivals=tuple(find_rivals(fit, models, tried[1:])),
        orientations=find_orientations(fit, models),
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


def _rival_sentence(rival: EquivalentField) -> str:
    parts = ", ".join(f"{1e3 * part:.3f}" for part in rival.field)
    return (
        f"another field, ({parts}) mT, has a chi-square larger by {rival.excess:.1f} "
        "only: less noise, or a bias field, would decide"
    )
