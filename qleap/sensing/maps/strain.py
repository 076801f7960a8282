"""Axial strain of each NV axis from maps of eight lines."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core.errors import InvalidValue
from qleap.sensing.maps.field import FieldMap, axis_levels
from qleap.sensing.maps.result import MapFit
from qleap.sensing.nv.axes import axis_rotations
from qleap.sensing.nv.centre import NVCentre
from qleap.sensing.nv.inversion import sum_rule

__all__ = ["StrainMap", "strain_map"]

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
    strain does across the axis is left out; it counts as :math:`M_\perp^2/2b_z` only.

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
