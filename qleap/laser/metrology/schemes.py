"""What is done to a pulse before its nonlinear spectrum is measured."""

import math
from dataclasses import dataclass
from typing import ClassVar, Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.grid import Grid
from qleap.laser.pulses.elements import Element
from qleap.laser.pulses.light import carrier

__all__ = [
    "HARMONICS",
    "DispersionScan",
    "Frog",
    "InterferometricFrog",
    "Miips",
    "Scheme",
    "TimeDomainPtychography",
    "check_scheme",
]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

HARMONICS: Final = {"shg": 2, "pg": 1, "thg": 3, "sd": 1}
"""Nonlinearities, in the order of the kernels, and carriers in their signals'."""


@runtime_checkable
class Scheme(Protocol):
    """A measurement: a mask for each value of its parameter, and a nonlinearity.

    The signal is made of the pulse and its copy behind the mask, or of the masked
    pulse alone where the scheme is ``collinear``.
    """

    @property
    def nonlinearity(self) -> str:
        """One of `HARMONICS`."""

    @property
    def axis(self) -> tuple[str, str]:
        """Name and unit of the parameter."""

    @property
    def collinear(self) -> bool:
        """Whether one masked pulse makes the signal."""

    def masks(self, grid: Grid, values: Floats) -> Complex:
        """Return the masks at values of the parameter, ``(values, n)``, FFT order."""


def check_scheme(value: object) -> Scheme:
    """Return ``value`` if it is a scheme."""
    if not isinstance(value, Scheme):
        raise InvalidKind(
            "scheme must be a Scheme (Frog, DispersionScan, Miips, ...), got "
            f"{value!r:.60}."
        )
    return value


@dataclass(frozen=True, kw_only=True, slots=True)
class Frog:
    r"""Frequency-resolved optical gating: a pulse gates its delayed copy.

    Parameters
    ----------
    nonlinearity : {"shg", "pg", "thg", "sd"}
        The signal at a delay: :math:`A E` (second harmonic), :math:`|A|^2 E`
        (polarisation gate), :math:`A E^2` (third harmonic), :math:`A^* E^2`
        (self-diffraction), with :math:`A(t) = E(t - \tau)`.

    References
    ----------
    R. Trebino et al., Rev. Sci. Instrum. 68, 3277 (1997).
    """

    nonlinearity: str = "shg"
    axis: ClassVar[tuple[str, str]] = ("delay", "s")
    collinear: ClassVar[bool] = False

    def __post_init__(self) -> None:
        checks.one_of("nonlinearity", self.nonlinearity, tuple(HARMONICS))

    def masks(self, grid: Grid, values: Floats) -> Complex:
        """Return the masks of delays (s)."""
        return np.asarray(np.exp(1j * np.outer(values, grid.detuning)))


@dataclass(frozen=True, kw_only=True, slots=True)
class InterferometricFrog:
    r"""Both copies together, so that fringes of the carrier are in the trace.

    Parameters
    ----------
    nonlinearity : {"shg", "thg", "sd"}
        :math:`C^2`, :math:`C^3` or :math:`|C|^2 C` of
        :math:`C(t) = \tfrac12[E(t) + E(t - \tau)]`, carriers included.

    References
    ----------
    G. Stibenz and G. Steinmeyer, Opt. Express 13, 2617 (2005).
    """

    nonlinearity: str = "shg"
    axis: ClassVar[tuple[str, str]] = ("delay", "s")
    collinear: ClassVar[bool] = True

    def __post_init__(self) -> None:
        checks.one_of("nonlinearity", self.nonlinearity, ("shg", "thg", "sd"))

    def masks(self, grid: Grid, values: Floats) -> Complex:
        """Return the masks of delays (s)."""
        return np.asarray(0.5 + 0.5 * np.exp(1j * np.outer(values, grid.omega)))


@dataclass(frozen=True, kw_only=True, slots=True)
class DispersionScan:
    r"""A d-scan: spectra of a harmonic at different insertions of glass or gratings.

    Parameters
    ----------
    element : Element
        `Bulk`, `GratingPair`, `PrismPair`, ... Its phase counts, not its losses.
    thickness : float
        Insertion to which ``element`` belongs, m: of ``Bulk(length=1e-3)`` it is 1e-3.
        Phases of other insertions are in proportion, of negative ones too.
    nonlinearity : {"shg", "thg", "sd"}

    Notes
    -----
    The carrier's phase and delay are left out: a trace does not depend on them.

    References
    ----------
    M. Miranda et al., Opt. Express 20, 688 (2012).
    """

    element: Element
    thickness: float
    nonlinearity: str = "shg"
    axis: ClassVar[tuple[str, str]] = ("insertion", "m")
    collinear: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not isinstance(self.element, Element):
            raise InvalidKind(
                "element must be an Element (Bulk, GratingPair, ...), got "
                f"{self.element!r:.60}."
            )
        value = checks.positive("thickness", self.thickness, "m")
        object.__setattr__(self, "thickness", value)
        checks.one_of("nonlinearity", self.nonlinearity, ("shg", "thg", "sd"))

    def masks(self, grid: Grid, values: Floats) -> Complex:
        """Return the masks of insertions (m)."""
        low, high = self.element.valid
        omega = np.clip(grid.omega, low * (1.0 + 1e-9), high * (1.0 - 1e-9))
        centre = grid.omega0
        if not low < centre < high:
            raise InvalidValue(
                "the pulse's carrier must lie where the element is known, "
                f"{low:.4g} to {high:.4g} rad/s, got {centre:.4g} rad/s."
            )
        step = 1e-3 * centre
        around = self.element.phase(np.array([centre - step, centre, centre + step]))
        slope = (around[2] - around[0]) / (2.0 * step)
        phase = self.element.phase(omega) - around[1] - slope * (omega - centre)
        return np.asarray(np.exp(1j * np.outer(values / self.thickness, phase)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Miips:
    r"""A phase scan: a sine of the frequency is shifted across the spectrum.

    Parameters
    ----------
    amplitude : float
        :math:`\alpha` of the phase :math:`\alpha\cos(\gamma\omega - \delta)`, rad.
    modulation : float
        :math:`\gamma`, s: how fast the phase changes with the frequency.
    nonlinearity : {"shg", "thg", "sd"}

    References
    ----------
    V. V. Lozovoy, I. Pastirk and M. Dantus, Opt. Lett. 29, 775 (2004).
    """

    amplitude: float
    modulation: float
    nonlinearity: str = "shg"
    axis: ClassVar[tuple[str, str]] = ("shift", "rad")
    collinear: ClassVar[bool] = True

    def __post_init__(self) -> None:
        checks.positive("amplitude", self.amplitude, "rad")
        checks.positive("modulation", self.modulation, "s")
        checks.one_of("nonlinearity", self.nonlinearity, ("shg", "thg", "sd"))

    def masks(self, grid: Grid, values: Floats) -> Complex:
        """Return the masks of shifts (rad)."""
        angle = self.modulation * grid.omega - values[:, None]
        return np.asarray(np.exp(1j * self.amplitude * np.cos(angle)))


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeDomainPtychography:
    """A pulse and its spectrally filtered, delayed copy, in a second harmonic.

    Parameters
    ----------
    centre : float
        Wavelength that the filter passes best, m.
    width : float
        Full width at half maximum of the filter's transmission, a Gaussian of the
        wavelength, m.

    References
    ----------
    T. Witting, D. Greening, D. Walke et al., Opt. Lett. 41, 4218 (2016).
    """

    centre: float
    width: float
    nonlinearity: ClassVar[str] = "shg"
    axis: ClassVar[tuple[str, str]] = ("delay", "s")
    collinear: ClassVar[bool] = False

    def __post_init__(self) -> None:
        checks.positive("centre", self.centre, "m")
        checks.positive("width", self.width, "m")

    def masks(self, grid: Grid, values: Floats) -> Complex:
        """Return the masks of delays (s)."""
        away = carrier(1.0) / grid.omega - self.centre
        passed = np.exp(-2.0 * math.log(2.0) * (away / self.width) ** 2)
        return np.asarray(passed * np.exp(1j * np.outer(values, grid.detuning)))
