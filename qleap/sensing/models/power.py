"""Spectra under laser and microwave power as a model of a trace."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.models.base import TraceModel
from qleap.sensing.models.parameter import Parameter
from qleap.sensing.nv.photophysics.cw_odmr import CwOdmrModel
from qleap.sensing.spectrum import Spectrum

__all__ = ["PowerBroadenedOdmr"]

Array = NDArray[np.float64]

UNITS: Final = {
    "rabi_frequency": "Hz",
    "line_minus": "Hz",
    "line_plus": "Hz",
    "brightness": "signal s",
    "background": "signal",
}
"""Of parameters of `CwOdmrModel`; all others are rates, 1/s."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PowerBroadenedOdmr(TraceModel):
    """The steady state of the master equation over the microwave's frequency (Hz).

    Widths and depths are those that laser and microwave make; see `CwOdmrModel`.

    Parameters
    ----------
    base : CwOdmrModel
        Values of what is not fitted, and where a fit starts.
    free : tuple of str
        Which of `CwOdmrModel.parameters` are parameters of the model. One line has a
        width, a depth and a level: of pump rate, Rabi frequency, dephasing rate and
        brightness three can be found, the fourth must be known.
    """

    base: CwOdmrModel
    free: tuple[str, ...] = (
        "pump_rate",
        "rabi_frequency",
        "line_minus",
        "line_plus",
        "brightness",
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "free", tuple(self.free))
        for name in self.free:
            checks.one_of("free", name, self.base.parameters)
        if not self.free or len(set(self.free)) < len(self.free):
            raise InvalidValue(
                f"free must name parameters, each once, got {self.free}."
            )

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Those that are free."""
        return tuple(
            Parameter(
                name,
                UNITS.get(name, "1/s"),
                low=-np.inf if name == "background" else 0.0,
            )
            for name in self.free
        )

    def at(self, values: ArrayLike | dict[str, float]) -> CwOdmrModel:
        """Return the physical model with these values."""
        ordered = self.ordered(values).tolist()
        return self.base.with_values(dict(zip(self.free, ordered, strict=True)))

    def _evaluate(self, x: Array, values: Array) -> Array:
        return self.at(values).evaluate(x)

    def _jacobian(self, x: Array, values: Array) -> Array:
        return self.at(values).jacobian(x, self.free)

    def scales(self, x: Array, values: Array) -> Array:  # noqa: ARG002
        """Return widths of a line for its place, else the values."""
        width = self.base.rabi_frequency + self.base.dephasing_rate
        own = [
            width if n.startswith("line_") else abs(v) for n, v in self._pairs(values)
        ]
        return np.maximum(own, 1e-12)

    def _pairs(self, values: Array) -> Any:
        return zip(self.free, values.tolist(), strict=True)

    def alternatives(self, x: Array, y: Array, values: Array) -> Sequence[Array]:
        """Return what fits with another laser power: see `fit_cw_odmr`."""
        from qleap.sensing.nv.photophysics.cw_fit import fit_cw_odmr

        fittable = np.all(values[[n != "background" for n in self.free]] > 0.0)
        if "pump_rate" not in self.free or x.size <= len(self.free) or not fittable:
            return ()
        found = fit_cw_odmr(Spectrum.sorted(x, y), self.at(values), self.free)
        return [
            np.array([one.value(name) for name in self.free])
            for one in (found.model, *found.rivals)
        ]

    def guess(self, x: ArrayLike, y: ArrayLike) -> dict[str, float]:
        """Return what `fit_cw_odmr` finds, begun at the lines of `fit_lines`."""
        from qleap.sensing.fitting.model import LineModel
        from qleap.sensing.fitting.selection import fit_lines
        from qleap.sensing.nv.photophysics.cw_fit import fit_cw_odmr

        spectrum = Spectrum.sorted(x, y)
        hyperfine = "none"
        if self.base.nitrogen is not None:
            hyperfine = (
                "14N" if self.base.nitrogen.multiplicity == len("+0-") else "15N"
            )
        lines = LineModel(hyperfine=hyperfine, background="constant")
        seen = fit_lines(spectrum, n_lines=len(self.base.lines), model=lines).positions
        moved = dict(
            zip(("line_minus", "line_plus"), np.sort(seen).tolist(), strict=False)
        )
        start = self.base.with_values(
            {n: v for n, v in moved.items() if n in self.free}
        )
        if "brightness" in self.free:
            far = float(np.percentile(spectrum.signal, 95.0)) - start.background
            bright = float(start.evaluate(spectrum.frequency).max()) - start.background
            level = far / bright
            start = start.with_values({"brightness": start.brightness * abs(level)})
        found = fit_cw_odmr(spectrum, start, self.free).model
        return {name: found.value(name) for name in self.free}
