"""Maps of fitted lines."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.fitting.model import BACKGROUNDS
from qleap.sensing.maps.status import Status
from qleap.sensing.models.multiplets import OdmrLines
from qleap.sensing.models.parameter import Parameter

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["MapFit"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class MapFit:
    """Lines of every pixel.

    Parameters
    ----------
    model : OdmrLines
    values : ndarray, shape (rows, columns, p)
        In the order of `names`; NaN where nothing was fitted.
    standard_errors : ndarray, shape (rows, columns, p)
    position_covariance : ndarray, shape (rows, columns, n_lines, n_lines), Hz^2
    reduced_chi_square : ndarray, shape (rows, columns)
        With the given noise; without it the residual variance, in the squared unit
        of the signal.
    noise_given : bool
    status : ndarray of int, shape (rows, columns)
        See `Status`.
    steps : ndarray of int, shape (rows, columns)
        Evaluations of the model.
    background : str
        ``"constant"``, ``"linear"`` or ``"quadratic"``.
    points : ndarray of int, shape (rows, columns), optional
        How many points of the spectrum counted.
    covariance : ndarray, shape (rows, columns, p, p), optional
        Of all parameters in the order of `names`, where it was asked for.
    bias : ndarray, shape (rows, columns, p), optional
        What was subtracted from the least squares, where that was asked for.
    """

    model: OdmrLines
    values: Array
    standard_errors: Array
    position_covariance: Array
    reduced_chi_square: Array
    noise_given: bool
    status: NDArray[np.int64]
    steps: NDArray[np.int64]
    background: str = "constant"
    points: NDArray[np.int64] | None = None
    covariance: Array | None = None
    bias: Array | None = None

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Those of the model, where its background is that at the middle of the sweep.

        A slope (signal/Hz) and a curvature (signal/Hz^2) of the background follow:
        :math:`b + s(f - f_0) + c(f - f_0)^2`.
        """
        more = (
            Parameter("background_slope", "signal/Hz"),
            Parameter("background_curvature", "signal/Hz^2"),
        )
        return self.model.parameters + more[: BACKGROUNDS.index(self.background)]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters in their order."""
        return tuple(one.name for one in self.parameters)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.status.shape[0], self.status.shape[1]

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Which pixels are to be used."""
        return np.asarray(self.status == Status.CONVERGED)

    def __getitem__(self, name: str) -> Array:
        """Return the map of one parameter, NaN where the fit is not to be used."""
        from qleap.core import checks

        k = self.names.index(checks.one_of("name", name, self.names))
        return np.where(self.converged, self.values[..., k], np.nan)

    @property
    def positions(self) -> Array:
        """Positions of the lines, ``(rows, columns, n_lines)``, Hz."""
        chosen = self.values[..., : self.model.n_lines]
        return np.where(self.converged[..., None], chosen, np.nan)

    def summary(self) -> str:
        """Return one sentence on how many pixels ended how."""
        parts = [
            f"{int(np.sum(self.status == one))} {one.name.lower().replace('_', ' ')}"
            for one in Status
            if np.any(self.status == one)
        ]
        return f"{self.status.size} pixels: {', '.join(parts)}"

    def to_dataset(self) -> "xr.Dataset":
        """Return everything as a labelled dataset."""
        from qleap.core import results

        rows, columns = self.shape
        place = ("row", "column")
        variables: dict[str, tuple[tuple[str, ...], Any, str]] = {}
        for k, one in enumerate(self.parameters):
            variables[one.name] = (place, self.values[..., k], one.unit)
            error = self.standard_errors[..., k]
            variables[f"{one.name}_error"] = (place, error, one.unit)
        variables["status"] = (place, self.status, "1")
        variables["reduced_chi_square"] = (place, self.reduced_chi_square, "1")
        variables["position_covariance"] = (
            (*place, "line", "other_line"),
            self.position_covariance,
            "Hz^2",
        )
        if self.points is not None:
            variables["points"] = (place, self.points, "1")
        line = np.arange(1, self.model.n_lines + 1)
        return results.dataset(
            kind="odmr_map",
            coords={
                "row": (np.arange(rows), "1"),
                "column": (np.arange(columns), "1"),
                "line": (line, "1"),
                "other_line": (line, "1"),
            },
            variables=variables,
            parameters={
                "n_lines": self.model.n_lines,
                "shape": self.model.lines.shape,
                "background": self.background,
                "hyperfine": self.model.lines.hyperfine,
                "noise_given": self.noise_given,
                "bias_corrected": self.bias is not None,
                "status": {one.name.lower(): int(one) for one in Status},
            },
        )
