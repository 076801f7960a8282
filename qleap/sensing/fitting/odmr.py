"""From a measured ODMR spectrum to the magnetic field."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qleap.sensing.fitting.estimate import Estimate
from qleap.sensing.fitting.field import (
    FEWEST_FOR_VECTOR,
    FieldEstimate,
    estimate_field,
)
from qleap.sensing.fitting.lines import LineFit
from qleap.sensing.fitting.model import LineModel
from qleap.sensing.fitting.selection import fit_lines
from qleap.sensing.fitting.vector import ObservedLines
from qleap.sensing.nv.axes import equivalent_fields
from qleap.sensing.spectrum import Spectrum

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["OdmrFit", "fit_odmr"]

AMBIGUITY = (
    "signs and order of the components along the cubic axes are not determined by "
    "the lines"
)


@dataclass(frozen=True, kw_only=True)
class OdmrFit:
    """Lines and field of one spectrum."""

    spectrum: Spectrum
    lines: LineFit
    field: FieldEstimate

    @property
    def converged(self) -> bool:
        """Whether the lines and, where there is one, the field converged."""
        vector = self.field.vector
        return self.lines.converged and (vector is None or vector.converged)

    def to_dict(self) -> dict[str, Any]:
        """Return all results as plain values, ready for JSON; SI units by name."""
        fit, found = self.lines, self.field
        return {
            "converged": self.converged,
            "field_magnitude_T": _plain(found.magnitude),
            "field_projection_T": _plain(found.projection),
            "field_vector_T": None if found.vector is None else _vector(found),
            "zero_field_splitting_Hz": _plain(found.zero_field_splitting),
            "lines_Hz": _columns(fit, 0),
            "widths_Hz": _columns(fit, 1),
            "depths": _columns(fit, 2),
            "lorentzian_share": fit.lines[:, 3].tolist(),
            "n_lines": fit.n_lines,
            "reduced_chi_square": fit.reduced_chi_square,
            "errors_given": self.spectrum.error is not None,
            "degrees_of_freedom": fit.degrees_of_freedom,
            "residual_correlation": fit.residual_correlation,
            "background": fit.model.background,
            "shape": fit.model.shape,
            "hyperfine": fit.model.hyperfine,
            "message": fit.message,
            "reasons": dict(found.reasons),
        }

    def to_dataset(self) -> "xr.Dataset":
        """Return data, fit and results as a labelled dataset."""
        from qleap.core import results

        data, fit = self.spectrum, self.lines
        unit = data.unit
        along = {
            "signal": (("frequency",), data.signal, unit),
            "fit": (("frequency",), fit.fitted, unit),
            "residual": (("frequency",), data.signal - fit.fitted, unit),
        }
        if data.error is not None:
            along["signal_error"] = (("frequency",), data.error, unit)
        errors = fit.standard_errors[: 3 * fit.n_lines].reshape(3, fit.n_lines)
        for k, (name, of) in enumerate(
            (("position", "Hz"), ("fwhm", "Hz"), ("depth", unit))
        ):
            along[f"line_{name}"] = (("line",), fit.lines[:, k], of)
            along[f"line_{name}_error"] = (("line",), errors[k], of)
        return results.dataset(
            kind="odmr_fit",
            coords={
                "frequency": (data.frequency, "Hz"),
                "line": (np.arange(1, fit.n_lines + 1), "1"),
            },
            variables=along,
            parameters={"label": data.label, "result": self.to_dict()},
        )


def fit_odmr(
    spectrum: Spectrum,
    *,
    n_lines: int | None = None,
    model: LineModel | None = None,
    **options: Any,
) -> OdmrFit:
    """Return the lines of a spectrum and the magnetic field behind them.

    Parameters
    ----------
    spectrum : Spectrum
    n_lines, model
        See `fit_lines`.
    **options
        ``axes``, ``centre`` and ``zero_field_splitting``: see `estimate_field`.

    Notes
    -----
    Where no field explains the lines that the noise seemed to allow, fits of fewer
    lines are tried: a faint line may be noise, or two lines may have merged.

    Examples
    --------
    >>> from qleap.sensing import OdmrSpectrum, Spectrum, fit_odmr
    >>> import numpy as np
    >>> frequency = np.linspace(2.7e9, 3.05e9, 701)
    >>> truth = OdmrSpectrum(field=(1e-3, 2e-3, 3e-3), fwhm=3e6, contrast=0.02)
    >>> data = Spectrum(frequency=frequency, signal=truth.evaluate(frequency))
    >>> fit = fit_odmr(data, n_lines=8)
    >>> print(f"{1e3 * fit.field.magnitude.value:.3f} mT")
    3.742 mT
    """
    fit = fit_lines(spectrum, n_lines=n_lines, model=model)
    found = estimate_field(_observed(fit), **options)
    if n_lines is None and found.vector is None:
        for fewer in range(fit.n_lines - 1, FEWEST_FOR_VECTOR - 1, -1):
            other = fit_lines(spectrum, n_lines=fewer, model=model)
            field = estimate_field(_observed(other), **options)
            if field.vector is not None:
                fit, found = other, field
                break
    return OdmrFit(spectrum=spectrum, lines=fit, field=found)


def _observed(fit: LineFit) -> ObservedLines:
    """Return the lines; a multiplet is as wide as its components lie apart."""
    widths = fit.lines[:, 1] + np.ptp(fit.model.offsets())
    return ObservedLines(
        positions=fit.positions,
        covariance=fit.position_covariance,
        widths=np.minimum(widths, 2.0 * np.median(widths)),
        areas=fit.lines[:, 1] * fit.lines[:, 2],
    )


def _plain(estimate: Estimate | None) -> dict[str, float] | None:
    return None if estimate is None else estimate.to_dict()


def _columns(fit: LineFit, column: int) -> list[dict[str, float]]:
    n = fit.n_lines
    errors = fit.standard_errors[column * n : (column + 1) * n]
    pairs = zip(fit.lines[:, column].tolist(), errors.tolist(), strict=True)
    return [{"value": value, "standard_error": error} for value, error in pairs]


def _vector(found: FieldEstimate) -> dict[str, Any]:
    best = found.vector
    assert best is not None
    return {
        "value": best.field.tolist(),
        "standard_error": np.sqrt(np.diag(best.covariance))[:3].tolist(),
        "covariance": best.covariance[:3, :3].tolist(),
        "frame": "cubic axes of the crystal, 0 <= x <= y <= z",
        "ambiguity": AMBIGUITY,
        "n_equivalent": len(equivalent_fields(best.field)),
        "line_residual_rms_Hz": float(np.sqrt(np.mean(best.residual**2))),
        "line_excess_scatter_Hz": best.excess,
        "rivals": [rival.field.tolist() for rival in found.rivals],
    }
