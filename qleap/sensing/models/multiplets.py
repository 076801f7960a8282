"""ODMR multiplets as a model of a trace."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.fitting.model import LineModel
from qleap.sensing.models.base import TraceModel
from qleap.sensing.models.parameter import Parameter

__all__ = ["OdmrLines"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class OdmrLines(TraceModel):
    """One to eight lines below a constant background, over the frequency (Hz).

    For a slope of the background add a `Polynomial`; for an unknown number of lines
    and for the field behind them see `fit_odmr`.

    Parameters
    ----------
    n_lines : int
    lines : LineModel
        Shape and hyperfine structure; its background must be constant.
    """

    n_lines: int
    lines: LineModel = field(default_factory=lambda: LineModel(background="constant"))

    def __post_init__(self) -> None:
        checks.count("n_lines", self.n_lines, 1, 8)
        if self.lines.background != "constant":
            raise InvalidValue(
                "background of the lines must be 'constant', got "
                f"{self.lines.background!r}; add a Polynomial to the model for more."
            )

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Positions, widths, depths, perhaps Lorentzian share, and background."""
        found = []
        for name in self.lines.names(self.n_lines):
            if name.startswith("position"):
                found.append(Parameter(name, "Hz"))
            elif name.startswith("fwhm"):
                found.append(Parameter(name, "Hz", low=0.0))
            elif name.startswith("depth"):
                found.append(Parameter(name, "signal"))
            elif name == "lorentzian_share":
                found.append(Parameter(name, "1", low=0.0, high=1.0))
            else:
                found.append(Parameter("background", "signal"))
        return tuple(found)

    def _evaluate(self, x: Array, values: Array) -> Array:
        return self.lines.evaluate(x, values, self.n_lines, self.lines.offsets())

    def _jacobian(self, x: Array, values: Array) -> Array:
        return self.lines.jacobian(x, values, self.n_lines, self.lines.offsets())

    def guess(self, x: ArrayLike, y: ArrayLike) -> dict[str, float]:
        """Return the lines that `fit_lines` finds one by one."""
        from qleap.sensing.fitting.selection import fit_lines
        from qleap.sensing.spectrum import Spectrum

        spectrum = Spectrum.sorted(x, y)
        found = fit_lines(spectrum, n_lines=self.n_lines, model=self.lines)
        return dict(zip(self.names, map(float, found.parameters), strict=True))
