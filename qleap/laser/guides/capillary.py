"""A hollow capillary with gas in it: dispersion, loss, areas."""

import itertools
import math
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.guides.modes import FUNDAMENTAL, Mode
from qleap.laser.guides.profiles import Profile, along
from qleap.laser.media.gases import GASES
from qleap.laser.media.materials import Material

__all__ = ["MODELS", "Capillary"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

MODELS: Final = ("full", "reduced")

REFERENCE: Final = 1e5
"""Pa, at which the gas is asked for its refraction."""

_OFFSETS = (1, 2, 3, 4)
_FIRST = (4.0 / 5.0, -1.0 / 5.0, 4.0 / 105.0, -1.0 / 280.0)
_SECOND = (8.0 / 5.0, -1.0 / 5.0, 8.0 / 315.0, -1.0 / 560.0)
"""Central differences of eighth order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Capillary:
    r"""A tube of glass whose bore, many wavelengths wide, is filled with a gas.

    Parameters
    ----------
    core_radius : float, (float, float) or Profile
        Half of the bore's width, m: one number, that of both ends, or a taper.
    length : float
        m.
    gas : str
        One of `qleap.laser.media.gases.GASES`.
    pressure : float, (float, float) or Profile
        Pa: one number, that of both ends between which the gas flows (zero is
        vacuum), or of several places.
    temperature : float
        K.
    cladding : str or complex
        A solid of `qleap.laser.MATERIALS`, or a refractive index.
    model : {"full", "reduced"}
        Whether the wall moves the real part of the index too.
    loss : float
        What the loss of the model is multiplied with.
    fit : str, optional
        Which published dispersion of the gas.
    equation_of_state : {"ideal", "virial"}
        Of the gas.

    Notes
    -----
    With :math:`k = \omega/c`, the mode's root :math:`u` and
    :math:`\nu = (\epsilon + 1)/2\sqrt{\epsilon - 1}` for hybrid modes,
    :math:`1/\sqrt{\epsilon - 1}` for TE and :math:`\epsilon/\sqrt{\epsilon - 1}` for
    TM of a glass with :math:`\epsilon`,

    .. math:: n_\mathrm{eff}^2 = n_\mathrm{gas}^2 - (u/ka)^2\,(1 - i\nu/ka)^2 .

    Frequencies below twice the cutoff have the index that holds there. Bends and
    roughness are not in it.

    References
    ----------
    E. A. J. Marcatili and R. A. Schmeltzer, Bell Syst. Tech. J. 43, 1783 (1964).
    """

    core_radius: float | tuple[float, float] | Profile
    length: float
    gas: str
    pressure: float | tuple[float, float] | Profile
    temperature: float = 293.15
    cladding: str | complex = "fused silica"
    model: str = "full"
    loss: float = 1.0
    fit: str | None = None
    equation_of_state: str = "ideal"

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        set_field(self, "length", checks.positive("length", self.length, "m"))
        for name, unit, zero in (("core_radius", "m", False), ("pressure", "Pa", True)):
            value = getattr(self, name)
            checked = along(name, value, self.length, unit, lowest_allowed=zero)
            set_field(self, name, checked)
        places: tuple[float, ...] = (0.0,)
        if isinstance(self.core_radius, Profile):
            places = self.core_radius.positions
        widest = max(self.core_radius_at(z) for z in places)
        if widest > 5e-3:
            raise InvalidValue(
                f"core_radius must be <= 5 mm, got {widest:g} m; it is in metres, and "
                "half of the bore's width."
            )
        checks.one_of("gas", self.gas, list(GASES))
        set_field(self, "loss", checks.non_negative("loss", self.loss))
        checks.one_of("model", self.model, MODELS)
        self._reference()
        if isinstance(self.cladding, str):
            Material(name=self.cladding)

    @property
    def uniform(self) -> bool:
        """Whether bore and pressure are the same everywhere."""
        return not isinstance(self.core_radius, Profile) and not isinstance(
            self.pressure, Profile
        )

    def core_radius_at(self, position: float) -> float:
        """Return the core radius at ``position`` (m), m."""
        given = self.core_radius
        return (
            given.linear(position)
            if isinstance(given, Profile)
            else cast("float", given)
        )

    def pressure_at(self, position: float) -> float:
        """Return the pressure at ``position`` (m), Pa."""
        given = self.pressure
        return (
            given.flowing(position)
            if isinstance(given, Profile)
            else cast("float", given)
        )

    @property
    def kinks(self) -> tuple[float, ...]:
        """Places at which steps along the guide have to end, m; see `Profile`."""
        found: set[float] = set()
        if isinstance(self.core_radius, Profile):
            found.update(self.core_radius.kinks(flowing=False))
        if isinstance(self.pressure, Profile):
            found.update(self.pressure.kinks(flowing=True))
        return tuple(sorted(z for z in found if 0.0 < z < self.length))

    @property
    def smooth_places(self) -> tuple[float, ...]:
        """Places between which nothing kinks and little changes, m; see `Profile`."""
        found: set[float] = set()
        if isinstance(self.core_radius, Profile):
            found.update(self.core_radius.smooth_places(flowing=False))
        if isinstance(self.pressure, Profile):
            found.update(self.pressure.smooth_places(flowing=True))
        return tuple(sorted(found))

    def number_density(self, position: float = 0.0) -> float:
        """Return the number of atoms or molecules per volume, 1/m^3."""
        pressure = self.pressure_at(position)
        if pressure == 0.0:
            return 0.0
        return self._reference(pressure).number_density

    def chi3(self, position: float = 0.0) -> float:
        """Return the third-order susceptibility of the gas's electrons, m^2/V^2."""
        reference = self._reference()
        share = self.number_density(position) / reference.number_density
        return reference.chi3 * share

    def nonlinear_coefficient(
        self, wavelength: float, position: float = 0.0, mode: Mode = FUNDAMENTAL
    ) -> float:
        """Return gamma, ``omega n2 / (c A_eff)``, 1/(W m)."""
        from qleap.laser.media.nonlinear import n2_from_chi3

        n2 = n2_from_chi3(self.chi3(position), 1.0)
        area = self.effective_area(position, mode)
        return 2.0 * math.pi * n2 / (checks.positive("wavelength", wavelength) * area)

    def effective_area(self, position: float = 0.0, mode: Mode = FUNDAMENTAL) -> float:
        """Return ``(int |E|^2 dA)^2 / int |E|^4 dA``, m^2."""
        return self.core_radius_at(position) ** 2 * mode.relative_area

    def gas_susceptibility(self, omega: Floats) -> Floats:
        """Return ``n^2 - 1`` of the gas for one molecule in a cubic metre, m^3.

        Beyond the fit's range it is carried on while it changes less than twofold.
        """
        reference = self._reference()
        found = reference.susceptibility(omega, outside="extend")
        return np.asarray(found / reference.number_density)

    def cladding_index(self, omega: Floats) -> Floats | Complex:
        """Return the refractive index of the wall."""
        if isinstance(self.cladding, str):
            return Material(name=self.cladding).index(omega, outside="extend")
        return np.full(np.shape(omega), self.cladding, np.complex128)

    def index_excess(
        self, omega: ArrayLike, position: float = 0.0, mode: Mode = FUNDAMENTAL
    ) -> Complex:
        """Return the effective index minus one, to all digits.

        The imaginary part is the loss: ``alpha = 2 omega/c Im n``.

        Parameters
        ----------
        omega : array_like
            Angular frequencies, rad/s.
        position : float
            m.
        mode : Mode
            Of the cylinder.
        """
        density, radius = self.number_density(position), self.core_radius_at(position)
        return self.index_excess_of(omega, density, radius, mode)

    def index_excess_of(
        self, omega: ArrayLike, number_density: float, core_radius: float, mode: Mode
    ) -> Complex:
        """Return what `index_excess` says, of another density (1/m^3) and bore (m)."""
        frequency = np.asarray(omega, np.float64)
        lowest = 2.0 * mode.root * SPEED_OF_LIGHT / core_radius
        held = np.maximum(frequency, lowest)
        gas = number_density * self.gas_susceptibility(held)
        found = self._excess(held, gas, core_radius, mode)
        return np.asarray(found.real + 1j * self.loss * np.maximum(found.imag, 0.0))

    def _excess(
        self, omega: Floats, susceptibility: Floats, radius: float, mode: Mode
    ) -> Complex:
        """Return what `index_excess` says, of a gas of that susceptibility."""
        size = omega * radius / SPEED_OF_LIGHT
        square = self.cladding_index(omega).astype(complex) ** 2
        step = np.sqrt(square - 1.0)
        wall = (square + 1.0) / (2.0 * step)
        if mode.kind in {"TE", "TM"}:
            wall = (1.0 if mode.kind == "TE" else square) / step
        if self.model == "reduced":
            part = 0.5 * mode.root**2 / size**2
            return 0.5 * susceptibility - part + 2j * part * wall.real / size
        moved = susceptibility - (mode.root / size * (1.0 - 1j * wall / size)) ** 2
        return np.asarray(moved / (1.0 + np.sqrt(1.0 + moved)))

    def propagation_constant(
        self, omega: ArrayLike, position: float = 0.0, mode: Mode = FUNDAMENTAL
    ) -> Floats:
        """Return beta at angular frequencies (rad/s), 1/m."""
        frequency = np.asarray(omega, np.float64)
        excess = self.index_excess(frequency, position, mode)
        return np.asarray(frequency / SPEED_OF_LIGHT * (1.0 + excess.real))

    def attenuation(
        self, omega: ArrayLike, position: float = 0.0, mode: Mode = FUNDAMENTAL
    ) -> Floats:
        """Return the power loss at angular frequencies (rad/s), 1/m."""
        frequency = np.asarray(omega, np.float64)
        excess = self.index_excess(frequency, position, mode)
        return np.asarray(2.0 * frequency / SPEED_OF_LIGHT * excess.imag)

    def delay_beyond_vacuum(
        self, wavelength: float, position: float = 0.0, mode: Mode = FUNDAMENTAL
    ) -> float:
        """Return ``1/v - 1/c`` of the group velocity v, s/m."""
        place = self.number_density(position), self.core_radius_at(position)
        return self.derivatives_of(wavelength, *place, mode)[0]

    def group_velocity_dispersion(
        self, wavelength: float, position: float = 0.0, mode: Mode = FUNDAMENTAL
    ) -> float:
        """Return beta2 at a vacuum ``wavelength`` (m), s^2/m."""
        place = self.number_density(position), self.core_radius_at(position)
        return self.derivatives_of(wavelength, *place, mode)[1]

    def zero_dispersion(
        self, shortest: float, longest: float, *, mode: Mode = FUNDAMENTAL
    ) -> float:
        """Return the wavelength between two others at which beta2 is zero, m."""
        from scipy.optimize import brentq

        ends = [
            self.group_velocity_dispersion(w, mode=mode) for w in (shortest, longest)
        ]
        if ends[0] * ends[1] > 0.0:
            raise InvalidValue(
                f"beta2 must change its sign between {shortest:g} and {longest:g} m, "
                f"got {ends[0]:.3g} and {ends[1]:.3g} s^2/m; take other ends."
            )
        return float(
            brentq(
                lambda w: self.group_velocity_dispersion(w, mode=mode),
                shortest,
                longest,
                xtol=1e-14,
            )
        )

    def transmission(self, wavelength: float, mode: Mode = FUNDAMENTAL) -> float:
        """Return the share of the power that arrives at the end."""
        omega = np.array([2.0 * math.pi * SPEED_OF_LIGHT / wavelength])
        places, shares = np.polynomial.legendre.leggauss(3)
        inside = [z for z in self.smooth_places if 0.0 < z < self.length]
        loss = 0.0
        for start, end in itertools.pairwise([0.0, *inside, self.length]):
            half = 0.5 * (end - start)
            z = start + half * (places + 1.0)
            rates = [float(self.attenuation(omega, x, mode)[0]) for x in z]
            loss += half * float(np.dot(shares, rates))
        return math.exp(-loss)

    def derivatives_of(
        self, wavelength: float, number_density: float, core_radius: float, mode: Mode
    ) -> tuple[float, float]:
        """Return beta1 - 1/c (s/m) and beta2 (s^2/m) of that density and bore."""
        checks.positive("wavelength", wavelength, "m")
        omega = 2.0 * math.pi * SPEED_OF_LIGHT / wavelength
        step = 4e-3 * omega
        index = np.arange(-4, 5)
        places = omega + step * index
        excess = self.index_excess_of(places, number_density, core_radius, mode)
        phase = places * excess.real / SPEED_OF_LIGHT
        first = sum(
            c * (phase[4 + k] - phase[4 - k])
            for k, c in zip(_OFFSETS, _FIRST, strict=True)
        )
        second = -205.0 / 72.0 * phase[4] + sum(
            c * (phase[4 + k] + phase[4 - k])
            for k, c in zip(_OFFSETS, _SECOND, strict=True)
        )
        return float(first / step), float(second / step**2)

    def _reference(self, pressure: float = REFERENCE) -> Material:
        return Material(
            name=self.gas,
            pressure=pressure,
            temperature=self.temperature,
            fit=self.fit,
            equation_of_state=self.equation_of_state,
        )
