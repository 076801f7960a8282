"""Maps of lines turned into maps of field, zero-field splitting and temperature."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.fitting.vector import ObservedLines, fit_vector
from qleap.sensing.maps.result import MapFit
from qleap.sensing.nv.axes import axis_rotations, equivalent_fields
from qleap.sensing.nv.centre import NVCentre
from qleap.sensing.nv.temperature import (
    HIGHEST,
    LOWEST,
    zero_field_splitting,
    zero_field_splitting_slope,
)

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "FieldMap",
    "ProjectionMap",
    "axis_levels",
    "projection_map",
    "temperature_map",
    "vector_map",
]

Array = NDArray[np.float64]

STEPS = 12
"""Gauss-Newton steps after which a pixel counts as not converged."""

CLOSE = 1e-3
"""Standard errors that the last step may have."""

ROUNDING = 1e-14
"""Share of D that it may have where the lines have hardly any error."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FieldMap:
    """Field of every pixel from the eight lines of four axes.

    Parameters
    ----------
    field : ndarray, shape (rows, columns, 3), T
        Along the laboratory axes; NaN where it is not determined.
    zero_field_splitting : ndarray, shape (rows, columns), Hz
    covariance : ndarray, shape (rows, columns, 4, 4)
        Of the field (T) and the splitting (Hz).
    chi_square : ndarray, shape (rows, columns)
        Of the eight lines, with four degrees of freedom: strain and unresolved
        structure make it larger.
    equivalent : ndarray, shape (n, 3), T
        Fields at the pixel where the search began that have the same lines; the map
        continues the first.
    """

    field: Array
    zero_field_splitting: Array
    covariance: Array
    chi_square: Array
    equivalent: Array

    @property
    def magnitude(self) -> Array:
        """Size of the field, T."""
        return np.asarray(np.linalg.norm(self.field, axis=-1))

    @property
    def standard_errors(self) -> Array:
        """Of the three components (T) and the splitting (Hz)."""
        return np.asarray(np.sqrt(np.einsum("...aa->...a", self.covariance)))

    def noise_floor(self, duration: float) -> Array:
        """Return the noise of each component for a measurement of ``duration``, s.

        The shape is ``(rows, columns, 3)``, in T/sqrt(Hz): standard error times the
        root of the time that all frames together took.
        """
        root = np.sqrt(checks.positive("duration", duration, "s"))
        return np.asarray(self.standard_errors[..., :3] * root)

    def to_dataset(self) -> "xr.Dataset":
        """Return everything as a labelled dataset."""
        from qleap.core import results

        place, errors = ("row", "column"), self.standard_errors
        rows, columns = self.chi_square.shape
        parts = {}
        for k, axis in enumerate("xyz"):
            parts[f"field_{axis}"] = (place, self.field[..., k], "T")
            parts[f"field_{axis}_error"] = (place, errors[..., k], "T")
        parts["zero_field_splitting"] = (place, self.zero_field_splitting, "Hz")
        parts["zero_field_splitting_error"] = (place, errors[..., 3], "Hz")
        parts["chi_square"] = (place, self.chi_square, "1")
        return results.dataset(
            kind="field_map",
            coords={
                "row": (np.arange(rows), "1"),
                "column": (np.arange(columns), "1"),
            },
            variables=parts,
            parameters={"equivalent_fields_T": self.equivalent.tolist()},
        )


def vector_map(
    fit: MapFit,
    *,
    centre: NVCentre | None = None,
    crystal_from_lab: ArrayLike | None = None,
    bias: ArrayLike | None = None,
) -> FieldMap:
    r"""Return field and zero-field splitting of every pixel from eight lines.

    Parameters
    ----------
    fit : MapFit
        Of eight lines.
    centre : NVCentre, optional
        Without strain; its g factors are used and its D is where the search begins.
    crystal_from_lab : array_like, shape (3, 3), optional
        See `axis_rotations`.
    bias : array_like, shape (3,), T, optional
        About where the field is, in the laboratory. Lines cannot tell apart up to 48
        fields; the one nearest to the bias is taken, by default the one whose
        components along the cubic axes are positive and ascending.

    Notes
    -----
    Weighted least squares of the ascending lines with the covariance of each pixel's
    positions, by Gauss and Newton's method. A level obeys :math:`x^3 = p x + q` with
    :math:`p = D^2/3 + b^2` and :math:`q = D(b_z^2 - b^2/3) - 2D^3/27`, so that
    :math:`dx = (x\,dp + dq)/(3x^2 - p)`.
    """
    if fit.model.n_lines != 8:
        raise InvalidValue(
            f"fit must have eight lines for the vector, got {fit.model.n_lines}; "
            "projection_map takes two."
        )
    used = NVCentre() if centre is None else centre
    if np.any(used.strain.terms(0.0)):
        raise InvalidValue("centre must be without strain for maps of the field.")
    rotations = axis_rotations(crystal_from_lab)
    good = fit.converged & np.all(np.isfinite(fit.positions), axis=-1)
    good &= np.all(np.isfinite(fit.position_covariance), axis=(-2, -1))
    sizes = np.linalg.eigvalsh(
        np.where(good[..., None, None], fit.position_covariance, 0)
    )
    good &= sizes[..., 0] > 0.0
    if not np.any(good):
        raise InvalidValue(
            "fit must have converged, with a positive covariance of the positions, in "
            "at least one pixel."
        )
    start, equivalent = _start(fit, good, used, crystal_from_lab, bias)
    shape = fit.shape
    values = np.full((*shape, 4), np.nan)
    covariance = np.full((*shape, 4, 4), np.nan)
    chi = np.full(shape, np.nan)
    values[good], covariance[good], chi[good] = _solve(
        fit.positions[good], fit.position_covariance[good], start, used, rotations
    )
    return FieldMap(
        field=values[..., :3],
        zero_field_splitting=values[..., 3],
        covariance=covariance,
        chi_square=chi,
        equivalent=equivalent,
    )


def _start(
    fit: MapFit,
    good: NDArray[np.bool_],
    centre: NVCentre,
    crystal_from_lab: ArrayLike | None,
    bias: ArrayLike | None,
) -> tuple[Array, Array]:
    """Return field (laboratory) and D of a typical pixel, and equivalent fields."""
    positions = fit.positions[good]
    typical = int(np.argmin(np.abs(positions - np.median(positions, axis=0)).sum(1)))
    n = fit.model.n_lines
    observed = ObservedLines(
        positions=positions[typical],
        covariance=fit.position_covariance[good][typical],
        widths=fit.values[good][typical, n : 2 * n],
    )
    found = fit_vector(observed, centre, None)
    if not found:
        raise InvalidValue(
            "no field explains the eight lines of a typical pixel; check their order "
            "and the frame, or fit one pixel with fit_odmr to see why."
        )
    lab_from_crystal = np.eye(3)
    if crystal_from_lab is not None:
        lab_from_crystal = np.asarray(crystal_from_lab, dtype=np.float64).T
    choices = equivalent_fields(found[0].field) @ lab_from_crystal.T
    best = found[0].field @ lab_from_crystal.T
    if bias is not None:
        wanted = checks.triple("bias", bias, "T")
        best = choices[np.argmin(np.linalg.norm(choices - wanted, axis=1))]
    order = np.argsort(np.linalg.norm(choices - best, axis=1))
    return np.append(best, found[0].zero_field_splitting), choices[order]


def _solve(
    positions: Array,
    covariance: Array,
    start: Array,
    centre: NVCentre,
    rotations: Array,
) -> tuple[Array, Array, Array]:
    """Return field and D, their covariance, and chi-square, of every pixel."""
    n = len(positions)
    units = np.append(np.full(3, 1.0 / centre.gyromagnetic_ratios[2]), 1.0)
    whiten = np.linalg.inv(np.linalg.cholesky(covariance))
    values = np.repeat(start[None], n, axis=0)
    done = np.zeros(n, dtype=bool)
    inverse = np.empty((n, 4, 4))
    chi = np.empty(n)
    for _ in range(STEPS):
        lines, slopes = _lines(values, centre, rotations)
        residual = np.einsum("nij,nj->ni", whiten, positions - lines)
        design = np.einsum("nij,njk->nik", whiten, slopes * units)
        normal = np.einsum("nia,nib->nab", design, design)
        pull = np.einsum("nia,ni->na", design, residual)
        normal[~(np.linalg.det(normal) > 0.0)] = np.nan  # this pixel alone is lost
        step = np.linalg.solve(normal, pull[..., None])[..., 0]
        inverse = np.linalg.inv(normal)
        errors = np.sqrt(np.einsum("naa->na", inverse))
        chi = np.einsum("ni,ni->n", residual, residual)
        finest = ROUNDING * np.max(np.abs(values / units), axis=1)
        done = np.all(
            np.abs(step) < np.maximum(CLOSE * errors, finest[:, None]), axis=1
        )
        values = values + step * units
        if np.all(done):
            break
    values[~done] = np.nan
    chi = np.where(done, chi, np.nan)
    return values, inverse * np.outer(units, units), chi


def axis_levels(
    values: Array, centre: NVCentre, rotations: Array
) -> tuple[Array, Array]:
    """Return Zeeman vectors ``(n, 4, 3)`` and levels ``(n, 4, 3)`` of the axes, Hz.

    ``values`` are fields in the laboratory (T) and splittings (Hz), ``(n, 4)``.
    """
    from qleap.sensing._kernels.spin_one import spin_one_energies

    splitting = values[:, 3]
    b = np.einsum("kij,nj->nki", rotations, values[:, :3]) * centre.gyromagnetic_ratios
    # The kernel takes one D, so that each pixel is computed in units of its own.
    reduced = np.ascontiguousarray((b / splitting[:, None, None]).reshape(-1, 3))
    zero_field = np.array([1.0, 0.0, 0.0, 0.0, 0.0])
    x = spin_one_energies(reduced, zero_field).reshape(-1, 4, 3)
    return b, x * splitting[:, None, None]


def _lines(values: Array, centre: NVCentre, rotations: Array) -> tuple[Array, Array]:
    """Return the ascending lines ``(n, 8)`` and slopes by field and D ``(n, 8, 4)``."""
    ratios, splitting = centre.gyromagnetic_ratios, values[:, 3]
    b, x = axis_levels(values, centre, rotations)
    d = splitting[:, None]
    square = np.einsum("nki,nki->nk", b, b)
    p = d**2 / 3.0 + square
    q_by_d = b[..., 2] ** 2 - square / 3.0 - 2.0 * d**2 / 9.0
    q_by_b = -2.0 * d[..., None] * b / 3.0
    q_by_b[..., 2] += 2.0 * d * b[..., 2]
    fall = 3.0 * x**2 - p[..., None]
    by_d = (x * (2.0 * d[..., None] / 3.0) + q_by_d[..., None]) / fall
    by_b = 2.0 * x[..., None] * b[:, :, None] + q_by_b[:, :, None]
    by_b = by_b / fall[..., None] * ratios
    by_field = np.einsum("nkli,kij->nklj", by_b, rotations)
    slopes = np.concatenate([by_field, by_d[..., None]], axis=-1)
    lines = (x[..., 1:] - x[..., :1]).reshape(-1, 8)
    slopes = (slopes[:, :, 1:] - slopes[:, :, :1]).reshape(-1, 8, 4)
    order = np.argsort(lines, axis=1)
    return (
        np.take_along_axis(lines, order, axis=1),
        np.take_along_axis(slopes, order[..., None], axis=1),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class ProjectionMap:
    """What two lines of one axis say.

    Parameters
    ----------
    projection, projection_error : ndarray, shape (rows, columns), T
        Of the field on the axis.
    zero_field_splitting, zero_field_splitting_error : ndarray, Hz
    """

    projection: Array
    projection_error: Array
    zero_field_splitting: Array
    zero_field_splitting_error: Array


def projection_map(fit: MapFit, *, centre: NVCentre | None = None) -> ProjectionMap:
    r"""Return the projection of the field on one axis from its two lines.

    .. math::
        B_\parallel = \frac{f_+ - f_-}{2\gamma_\parallel}, \qquad
        D = \frac{f_+ + f_-}{2}

    It holds for a field along the axis: a part across of :math:`B_\perp` adds
    :math:`3(\gamma B_\perp)^2/(2D)` to D, to first order.

    Parameters
    ----------
    fit : MapFit
        Of two lines.
    centre : NVCentre, optional
        Its g factor is used.
    """
    if fit.model.n_lines != 2:
        raise InvalidValue(
            f"fit must have two lines for a projection, got {fit.model.n_lines}; "
            "vector_map takes eight."
        )
    ratio = float((NVCentre() if centre is None else centre).gyromagnetic_ratios[2])
    low, high = fit.positions[..., 0], fit.positions[..., 1]
    c = fit.position_covariance
    total = c[..., 0, 0] + c[..., 1, 1]
    both = 2.0 * c[..., 0, 1]
    return ProjectionMap(
        projection=(high - low) / (2.0 * ratio),
        projection_error=np.sqrt(total - both) / (2.0 * ratio),
        zero_field_splitting=0.5 * (high + low),
        zero_field_splitting_error=0.5 * np.sqrt(total + both),
    )


def temperature_map(splitting: ArrayLike, *, reference: float, at: float) -> Array:
    """Return temperatures from maps of the zero-field splitting, K.

    Parameters
    ----------
    splitting : array_like, Hz
    reference : float
        Splitting of this sample at a known temperature, Hz: samples differ by about
        0.3 MHz, or 4 K.
    at : float
        That temperature, K.

    Notes
    -----
    The model D(T) of `zero_field_splitting`, moved to go through the reference, is
    inverted by Newton's method between 15 and 500 K; NaN outside. It falls everywhere,
    so each evaluation bounds the temperature from one side, and a step beyond a bound
    is replaced by one half way to it: in the cold D is flat.
    """
    given = np.asarray(splitting, dtype=np.float64)
    offset = checks.positive("reference", reference, "Hz") - float(
        zero_field_splitting(checks.positive("at", at, "K"))
    )
    kelvin = np.full(given.shape, float(at))
    low, high = np.full(given.shape, LOWEST), np.full(given.shape, HIGHEST)
    for _ in range(60):
        missed = zero_field_splitting(kelvin) + offset - given
        low = np.where(missed >= 0.0, kelvin, low)
        high = np.where(missed <= 0.0, kelvin, high)
        new = kelvin - missed / zero_field_splitting_slope(kelvin)
        new = np.where((new >= low) & (new <= high), new, 0.5 * (low + high))
        step, kelvin = np.abs(new - kelvin), new
        if np.all(step < 1e-9):
            break
    missed = np.abs(zero_field_splitting(kelvin) + offset - given)
    return np.where(missed < 1.0, kelvin, np.nan)
