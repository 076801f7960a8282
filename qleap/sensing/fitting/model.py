"""What is fitted to a spectrum: lines of one shape on a polynomial background."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.sensing.nv.nitrogen import NITROGEN_14, NITROGEN_15

__all__ = ["BACKGROUNDS", "HYPERFINE", "POLARITIES", "SHAPES", "LineModel"]

SHAPES: Final = ("lorentzian", "gaussian", "pseudo-voigt")
HYPERFINE: Final = ("none", "14N", "15N")
BACKGROUNDS: Final = ("constant", "linear", "quadratic", "auto")
POLARITIES: Final = ("auto", "dips", "peaks")


@dataclass(frozen=True, kw_only=True, slots=True)
class LineModel:
    """The form of the lines, before their number and places are known.

    Parameters
    ----------
    shape : str
        lorentzian, gaussian, or pseudo-voigt (one Lorentzian share for all lines).
    hyperfine : str
        none, 14N (equal triplets, 2.162 MHz apart) or 15N (doublets, 3.03 MHz).
    background : str
        constant, linear, quadratic, or auto: linear or quadratic, by the same
        criterion as the number of lines.
    polarity : str
        dips, peaks, or auto: decided from the skewness of the signal.
    max_evaluations : int
        Evaluations of the model after which a fit gives up.
    """

    shape: str = "lorentzian"
    hyperfine: str = "none"
    background: str = "auto"
    polarity: str = "auto"
    max_evaluations: int = 200

    def __post_init__(self) -> None:
        checks.one_of("shape", self.shape, SHAPES)
        checks.one_of("hyperfine", self.hyperfine, HYPERFINE)
        checks.one_of("background", self.background, BACKGROUNDS)
        checks.one_of("polarity", self.polarity, POLARITIES)
        checks.count("max_evaluations", self.max_evaluations)

    @property
    def degree(self) -> int:
        """Degree of the background's polynomial."""
        return BACKGROUNDS.index(self.background)

    @property
    def mixes(self) -> bool:
        """Whether the Lorentzian share is a parameter."""
        return self.shape == "pseudo-voigt"

    def offsets(self) -> NDArray[np.float64]:
        """Return where the components of a line sit about its position, Hz."""
        if self.hyperfine == "none":
            return np.zeros(1)
        nitrogen = NITROGEN_14 if self.hyperfine == "14N" else NITROGEN_15
        return nitrogen.line_offsets()

    def n_parameters(self, n_lines: int) -> int:
        """Return the number of parameters of a fit of ``n_lines``."""
        return 3 * n_lines + self.mixes + self.degree + 1

    def names(self, n_lines: int) -> list[str]:
        """Return the names of the parameters in their order."""
        per_line = [
            f"{name}_{k}"
            for name in ("position", "fwhm", "depth")
            for k in range(1, n_lines + 1)
        ]
        mixing = ["lorentzian_share"] if self.mixes else []
        return [
            *per_line,
            *mixing,
            *(f"background_{k}" for k in range(self.degree + 1)),
        ]

    def lines(
        self, parameters: NDArray[np.float64], n_lines: int
    ) -> NDArray[np.float64]:
        """Return the lines as kernels take them, shape ``(n_lines, 4)``."""
        lines = np.empty((n_lines, 4))
        lines[:, :3] = parameters[: 3 * n_lines].reshape(3, n_lines).T
        share = parameters[3 * n_lines] if self.mixes else None
        lines[:, 3] = share if share is not None else float(self.shape == SHAPES[0])
        return lines

    def evaluate(
        self,
        x: NDArray[np.float64],
        parameters: NDArray[np.float64],
        n_lines: int,
        offsets: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Return background minus lines at ``x``, shape ``(n,)``.

        ``x``, positions, widths and ``offsets`` share one unit, in which ``x`` runs
        from -1 to 1 for a well-conditioned background.
        """
        from qleap.sensing._kernels.lines import multiplet_sum

        background = parameters[-self.degree - 1 :]
        dips = multiplet_sum(x, self.lines(parameters, n_lines), offsets)
        return np.polynomial.polynomial.polyval(x, background) - dips

    def jacobian(
        self,
        x: NDArray[np.float64],
        parameters: NDArray[np.float64],
        n_lines: int,
        offsets: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Return the derivatives of `evaluate`, shape ``(n, n_parameters)``."""
        from qleap.sensing._kernels.lines import multiplet_jacobian

        by_line = multiplet_jacobian(x, self.lines(parameters, n_lines), offsets)
        full = np.empty((self.n_parameters(n_lines), x.size))
        own = full[: 3 * n_lines].reshape(3, n_lines, x.size)
        np.negative(by_line[:, :3].swapaxes(0, 1), out=own)
        if self.mixes:
            full[3 * n_lines] = -by_line[:, 3].sum(axis=0)
        full[3 * n_lines + self.mixes :] = np.vander(x, self.degree + 1, True).T
        return full.T
