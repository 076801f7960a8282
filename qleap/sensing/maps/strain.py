"""Strain along and across NV axes from maps of their lines."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core.errors import InvalidValue
from qleap.sensing.maps.field import FieldMap, axis_levels
from qleap.sensing.maps.result import MapFit
from qleap.sensing.nv.axes import axis_rotations
from qleap.sensing.nv.centre import NVCentre
from qleap.sensing.nv.inversion import sum_rule

__all__ = [
    "StrainMap",
    "TransverseStrainMap",
    "strain_map",
    "transverse_strain_map",
]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class StrainMap:
    """Axial shifts of the four axes.

    Parameters
    ----------
    shift, standard_error : ndarray, shape (rows, columns, 4), Hz
        :math:`M_z` of each axis in the order of `AXES`, minus their mean, which is part
        of the zero-field splitting of the `FieldMap`.
    """

    shift: Array
    standard_error: Array


def strain_map(
    fit: MapFit,
    field: FieldMap,
    *,
    centre: NVCentre | None = None,
    crystal_from_lab: ArrayLike | None = None,
) -> StrainMap:
    r"""Return how the zero-field splittings of the four axes differ.

    .. math:: D_k^2 - D_l^2 = S_k - S_l, \qquad S = f_-^2 + f_+^2 - f_- f_+ - 3b^2

    The sum rule holds for any direction of the field, and b is the same for all axes
    but for the small anisotropy of g: the differences hardly depend on the field. What
    strain does across the axis is left out; it counts as :math:`M_\perp^2/2b_z` only,
    and `transverse_strain_map` finds it where the field is weak.

    Parameters
    ----------
    fit : MapFit
        Of eight lines.
    field : FieldMap
        Of `vector_map`, which tells the lines which axis they belong to.
    centre, crystal_from_lab
        As given to `vector_map`.
    """
    if fit.model.n_lines != 8 or fit.shape != field.chi_square.shape:
        raise InvalidValue(
            "fit must have the eight lines of the map behind field, got "
            f"{fit.model.n_lines} lines and {fit.shape} against "
            f"{field.chi_square.shape} pixels."
        )
    used = NVCentre() if centre is None else centre
    good = np.isfinite(field.chi_square)
    values = np.concatenate(
        [field.field[good], field.zero_field_splitting[good][:, None]], axis=1
    )
    zeeman, levels = axis_levels(values, used, axis_rotations(crystal_from_lab))
    modelled = (levels[..., 1:] - levels[..., :1]).reshape(-1, 8)
    # The ascending lines of the model say to which axis an observed one belongs.
    rank = np.argsort(np.argsort(modelled, axis=1), axis=1)
    pairs = np.take_along_axis(fit.positions[good], rank, axis=1).reshape(-1, 4, 2)
    low, high = pairs[..., 0], pairs[..., 1]
    rules = sum_rule(low, high) - 3.0 * np.einsum("nki,nki->nk", zeeman, zeeman)
    splitting = values[:, 3:]
    shift = (rules - rules.mean(axis=1, keepdims=True)) / (2.0 * splitting)
    slopes = np.stack([2.0 * low - high, 2.0 * high - low], axis=-1)
    slopes = slopes / (2.0 * splitting[..., None])
    spread = np.eye(4) - 0.25
    design = np.einsum("kl,nlj->nklj", spread, slopes).reshape(-1, 4, 8)
    order = np.argsort(rank, axis=1)
    design = np.take_along_axis(design, order[:, None, :], axis=2)
    variance = np.einsum(
        "nka,nab,nkb->nk", design, fit.position_covariance[good], design
    )
    found = np.full((*fit.shape, 4), np.nan)
    errors = np.full((*fit.shape, 4), np.nan)
    found[good], errors[good] = shift, np.sqrt(variance)
    return StrainMap(shift=found, standard_error=errors)


@dataclass(frozen=True, kw_only=True, eq=False)
class TransverseStrainMap:
    r"""Splitting of one axis by what acts across it: strain, or an electric field.

    Parameters
    ----------
    square, square_error : ndarray, shape (rows, columns), Hz^2
        :math:`M_\perp^2 = M_x^2 + M_y^2` without bias; noise may make it negative.
    magnitude, standard_error : ndarray, shape (rows, columns), Hz
        Its root, zero where the square is negative. Where the square does not stand
        out, the error is the root of the square's: the magnitude may be as large.
    """

    square: Array
    square_error: Array
    magnitude: Array
    standard_error: Array


def transverse_strain_map(
    fit: MapFit,
    *,
    projection: ArrayLike = 0.0,
    projection_error: ArrayLike = 0.0,
    centre: NVCentre | None = None,
) -> TransverseStrainMap:
    r"""Return what splits the two lines of an axis beyond the field along it.

    .. math:: f_+ - f_- = 2\sqrt{M_\perp^2 + (\gamma B_\parallel)^2}

    It is exact for a field along the axis; a part of :math:`b_\perp = \gamma B_\perp`
    across adds :math:`b_\perp^2/D` or less to half of the splitting. Electric fields
    count as strain here. With a field of many times the strain nothing is left to see.

    Parameters
    ----------
    fit : MapFit
        Of two lines.
    projection, projection_error : float or array_like, shape (rows, columns), T
        Of the field on the axis, from a measurement that does not use these lines: the
        other axes, or a calibrated coil.
    centre : NVCentre, optional
        Its g factor is used.
    """
    if fit.model.n_lines != 2:
        raise InvalidValue(
            "fit must have the two lines of one axis for transverse strain, got "
            f"{fit.model.n_lines}; strain_map takes eight."
        )
    ratio = float((NVCentre() if centre is None else centre).gyromagnetic_ratios[2])
    zeeman, error = (
        ratio * np.broadcast_to(np.asarray(given, dtype=np.float64), fit.shape)
        for given in (projection, projection_error)
    )
    c = fit.position_covariance
    variance = 0.25 * (c[..., 0, 0] + c[..., 1, 1] - 2.0 * c[..., 0, 1])
    half = 0.5 * (fit.positions[..., 1] - fit.positions[..., 0])
    own, other = half**2 - variance, zeeman**2 - error**2
    square = own - other
    spread = 4.0 * np.maximum(own, 0.0) * variance + 2.0 * variance**2
    spread = spread + 4.0 * np.maximum(other, 0.0) * error**2 + 2.0 * error**4
    square_error = np.sqrt(spread)
    magnitude = np.sqrt(np.maximum(square, 0.0))
    clear = square > square_error
    least = np.where(clear, 2.0 * magnitude, 1.0)
    return TransverseStrainMap(
        square=square,
        square_error=square_error,
        magnitude=magnitude,
        standard_error=np.where(clear, square_error / least, np.sqrt(square_error)),
    )
