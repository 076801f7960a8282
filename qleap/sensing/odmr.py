"""Continuous-wave ODMR spectra from the Hamiltonian."""

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.nv.centre import NVCentre

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["OdmrSpectrum"]

FAINTEST = 1e-9
"""Lines with a smaller share of the strongest are left out."""


@dataclass(frozen=True, kw_only=True)
class OdmrSpectrum:
    """Normalised fluorescence of a diamond under a swept microwave.

    Positions and relative strengths come from the Hamiltonian; width and contrast
    are given and the same for all lines.

    Parameters
    ----------
    field : array_like, shape (3,)
        Magnetic field in the laboratory frame, T.
    fwhm : float
        Full width at half maximum of each line, Hz.
    contrast : float
        Depth of one line of one axis without hyperfine structure in a field along
        that axis, 0 to 1.
    centre : NVCentre
        With `NITROGEN_14` or `NITROGEN_15` the spectrum has hyperfine structure.
    shape : str
        lorentzian or gaussian.
    axes : tuple of int
        Which of the four axes are there; (0,) is a single centre along [111].
    crystal_from_lab : array_like, shape (3, 3), optional
        See `axis_rotations`.
    drive : array_like, shape (3,), optional
        Direction of the microwave field; by default an average over all.
    """

    field: tuple[float, float, float]
    fwhm: float
    contrast: float
    centre: NVCentre = dataclasses.field(default_factory=NVCentre)
    shape: str = "lorentzian"
    axes: tuple[int, ...] = (0, 1, 2, 3)
    crystal_from_lab: ArrayLike | None = None
    drive: ArrayLike | None = None

    def __post_init__(self) -> None:
        at = checks.vector("field", self.field, "T")
        if at.size != 3:
            raise InvalidValue(f"field must have 3 components, T, got {at.size}.")
        checks.positive("fwhm", self.fwhm, "Hz")
        checks.probability("contrast", self.contrast)
        checks.one_of("shape", self.shape, ("lorentzian", "gaussian"))
        if not self.axes or not set(self.axes) <= {0, 1, 2, 3}:
            raise InvalidValue(f"axes must be some of 0, 1, 2 and 3, got {self.axes}.")

    def lines(self) -> NDArray[np.float64]:
        """Return position (Hz) and depth of all lines, shape ``(n, 2)``."""
        found = self.centre.transitions(
            self.field, crystal_from_lab=self.crystal_from_lab, drive=self.drive
        )
        seen = list(self.axes)
        weights = found.weights[seen].ravel()
        lines = np.stack(
            [found.frequencies[seen].ravel(), self.contrast * weights], axis=-1
        )
        return np.asarray(lines[weights > FAINTEST * weights.max()])

    def evaluate(self, frequency: ArrayLike) -> NDArray[np.float64]:
        """Return the fluorescence at ``frequency`` (Hz), shape ``(n,)``."""
        from qleap.sensing._kernels.lines import multiplet_sum

        grid = checks.vector("frequency", frequency, "Hz")
        share = float(self.shape == "lorentzian")
        lines = [[at, self.fwhm, depth, share] for at, depth in self.lines()]
        return 1.0 - multiplet_sum(grid, np.array(lines), np.zeros(1))

    def to_dataset(self, frequency: ArrayLike) -> "xr.Dataset":
        """Return the spectrum at ``frequency`` (Hz) as a labelled dataset."""
        from qleap.core import results

        grid = checks.vector("frequency", frequency, "Hz")
        return results.dataset(
            kind="odmr",
            coords={"frequency": (grid, "Hz")},
            variables={"signal": (("frequency",), self.evaluate(grid), "1")},
            parameters={
                "field_T": list(self.field),
                "fwhm_Hz": self.fwhm,
                "contrast": self.contrast,
                "shape": self.shape,
                "axes": list(self.axes),
                "zero_field_splitting_Hz": self.centre.zero_field_splitting,
            },
        )
