"""Magnetic field from fitted lines: what they determine, and what they do not."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.fitting.estimate import Estimate
from qleap.sensing.fitting.vector import ObservedLines, VectorFit, fit_vector
from qleap.sensing.nv.centre import NVCentre
from qleap.sensing.nv.inversion import field_from_pair

__all__ = ["AXES_CHOICES", "FEWEST_FOR_VECTOR", "FieldEstimate", "estimate_field"]

AXES_CHOICES = ("auto", "one", "all")

FEWEST_FOR_VECTOR = 4
"""Lines; the field and D are four unknowns."""

TOLERATED = 0.25
"""Share of the typical width by which a field may miss the lines, rms."""


@dataclass(frozen=True, kw_only=True)
class FieldEstimate:
    """What the lines say about the field; None where they do not determine it.

    Parameters
    ----------
    magnitude : Estimate or None
        T.
    projection : Estimate or None
        Part along the axis, when one axis is seen, without its sign, T.
    vector : VectorFit or None
        Up to signs and order of its components, when all axes are seen.
    rivals : tuple of VectorFit
        Other fields that the data cannot tell from ``vector``.
    zero_field_splitting : Estimate or None
        Hz.
    reasons : mapping of str to str
        Why something is None, by its name.
    """

    magnitude: Estimate | None = None
    projection: Estimate | None = None
    vector: VectorFit | None = None
    rivals: tuple[VectorFit, ...] = ()
    zero_field_splitting: Estimate | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)


def estimate_field(
    observed: ObservedLines,
    *,
    centre: NVCentre | None = None,
    axes: str = "auto",
    zero_field_splitting: Estimate | None = None,
) -> FieldEstimate:
    """Return the field that fits the lines.

    Parameters
    ----------
    observed : ObservedLines
    centre : NVCentre, optional
        Its g-factors and strain; its D is not used.
    axes : str
        one: a single axis is seen; all: a diamond with all four, of which lines may
        coincide; auto: one for up to two lines, all for four and more.
    zero_field_splitting : Estimate, optional
        D, when it is known beside the lines.
    """
    checks.one_of("axes", axes, AXES_CHOICES)
    centre = NVCentre() if centre is None else centre
    n = observed.positions.size
    if axes == "one" and n > 2:
        raise InvalidValue(
            f"one axis has at most 2 lines, got {n}; ask for 2 lines or for all axes."
        )
    if axes == "one" or (axes == "auto" and n <= 2):
        if n == 2:
            return _one_axis(observed, centre, zero_field_splitting)
        return _one_line(observed, centre, zero_field_splitting)
    if n < FEWEST_FOR_VECTOR:
        return _nothing(
            f"{n} lines of four axes do not determine the field and D, which takes "
            f"at least {FEWEST_FOR_VECTOR}",
            zero_field_splitting,
        )
    return _all_axes(observed, centre, zero_field_splitting)


def _all_axes(
    observed: ObservedLines, centre: NVCentre, known: Estimate | None
) -> FieldEstimate:
    n = observed.positions.size
    fits = fit_vector(observed, centre, known)
    if not fits:
        return _nothing(f"no field has its eight lines merged to these {n}", known)
    most = TOLERATED * float(np.median(observed.widths))
    missed = [float(np.sqrt(np.mean(fit.residual**2))) for fit in fits]
    if missed[0] > most:
        return _nothing(
            f"no field explains the {n} lines: the best misses them by "
            f"{missed[0] / 1e6:.3g} MHz rms",
            known,
        )
    best, *rivals = [fit for fit, rms in zip(fits, missed, strict=True) if rms <= most]
    size = float(np.linalg.norm(best.field))
    slope = best.field / size if size > 0.0 else np.full(3, np.sqrt(1.0 / 3.0))
    error = float(np.sqrt(slope @ best.covariance[:3, :3] @ slope))
    return FieldEstimate(
        magnitude=Estimate(size, error),
        vector=best,
        rivals=tuple(rivals),
        zero_field_splitting=Estimate(
            best.zero_field_splitting, float(np.sqrt(best.covariance[3, 3]))
        ),
        reasons={"projection": "all four axes are seen; see the vector"},
    )


def _one_axis(
    observed: ObservedLines, centre: NVCentre, known: Estimate | None
) -> FieldEstimate:
    low, high = map(float, observed.positions)
    vector = "one axis does not determine the direction about the axis"
    ratio = float(centre.gyromagnetic_ratios[2])
    if known is None:
        slope = np.array([-0.5, 0.5]) / ratio
        error = float(np.sqrt(slope @ observed.covariance @ slope))
        unknown = (
            "two lines determine it only together with D: give the temperature or the "
            "zero-field splitting; the projection takes the field for small across "
            "the axis"
        )
        return FieldEstimate(
            projection=Estimate(0.5 * (high - low) / ratio, error),
            reasons={
                "magnitude": unknown,
                "vector": vector,
                "zero_field_splitting": "two lines do not determine it; for a field "
                f"along the axis it is their mean, {0.5e-6 * (low + high):.3f} MHz",
            },
        )
    point = np.array([low, high, known.value])
    try:
        values = _pair(point, centre)
    except InvalidValue as error_:
        return _nothing(str(error_).rstrip("."), known)
    covariance = np.zeros((3, 3))
    covariance[:2, :2] = observed.covariance
    covariance[2, 2] = known.standard_error**2
    slopes = _pair_slopes(point, centre)
    errors = np.sqrt(np.diag(slopes @ covariance @ slopes.T))
    return FieldEstimate(
        magnitude=Estimate(float(values[0]), float(errors[0])),
        projection=Estimate(float(values[1]), float(errors[1])),
        zero_field_splitting=known,
        reasons={"vector": vector},
    )


def _one_line(
    observed: ObservedLines, centre: NVCentre, known: Estimate | None
) -> FieldEstimate:
    reason = "one line does not determine it"
    if known is None:
        return _nothing(reason, known)
    ratio = float(centre.gyromagnetic_ratios[2])
    shift = abs(float(observed.positions[0]) - known.value) / ratio
    error = float(np.sqrt(observed.covariance[0, 0] + known.standard_error**2))
    return FieldEstimate(
        projection=Estimate(shift, error / ratio),
        zero_field_splitting=known,
        reasons={"magnitude": reason, "vector": reason},
    )


def _nothing(reason: str, known: Estimate | None) -> FieldEstimate:
    names = ["magnitude", "projection", "vector"]
    names += ["zero_field_splitting"] if known is None else []
    return FieldEstimate(
        zero_field_splitting=known, reasons=dict.fromkeys(names, reason)
    )


def _pair(point: NDArray[np.float64], centre: NVCentre) -> NDArray[np.float64]:
    """Return magnitude and projection (T) for lower line, upper line and D (Hz)."""
    low, high, splitting = map(float, point)
    found = field_from_pair(low, high, splitting, centre.gyromagnetic_ratios)
    return np.array([found.magnitude, found.parallel])


def _pair_slopes(point: NDArray[np.float64], centre: NVCentre) -> NDArray[np.float64]:
    """Return the derivatives of `_pair` by the field's Jacobian, inverted."""
    from qleap.sensing.nv.gradient import resonances_with_gradient

    low, high, splitting = map(float, point)
    found = field_from_pair(low, high, splitting, centre.gyromagnetic_ratios)
    local = np.array([found.perpendicular, 0.0, found.parallel])
    same = np.eye(3)[None]
    _, slopes = resonances_with_gradient(centre.with_splitting(splitting), local, same)
    by_field = slopes[0][:, [0, 2]]
    back = np.linalg.pinv(by_field)  # d(across, along) by the two lines
    parts = np.hstack([back, -back @ slopes[0][:, 3:]])
    unit = np.array([found.perpendicular, found.parallel]) / found.magnitude
    return np.vstack([unit @ parts, parts[1]])
