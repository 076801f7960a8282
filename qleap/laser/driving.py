"""Electric fields at an atom: what drives electrons, from light of any description."""

import hashlib
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import (
    ELECTRON_MASS,
    ELEMENTARY_CHARGE,
    HBAR,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.pulses.intensity import effective_area
from qleap.laser.pulses.light import (
    Light,
    carrier,
    check_light,
    checked_wavelength,
    measured_peak_power,
)
from qleap.laser.pulses.polarisation import PolarisedPulse
from qleap.laser.pulses.pulse import Pulse

__all__ = ["DrivingField", "driving_field"]

Floats = NDArray[np.float64]

HIGHEST: Final = 4.0
"""Nyquist frequency of a field's own times over the cutoff of its harmonics."""

MOST: Final = 2**22
"""Times of a field."""

FAINT: Final = 0.1
"""Share of the largest field below which light frees no electrons."""

RETURN: Final = 1.5
"""Cycles within which electrons come back once or twice."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DrivingField:
    r"""An electric field over even times, linear or with two components.

    Parameters
    ----------
    time : array_like, shape (n,)
        Even times, s.
    field : array_like, shape (n,) or (1, n) or (2, n)
        V/m; two components are x and y, the light goes along z.
    wavelength : float
        Vacuum wavelength of the carrier, m: what a cycle and a harmonic order are.

    See Also
    --------
    driving_field : of light with an intensity.
    """

    time: Floats
    field: Floats
    wavelength: float

    def __post_init__(self) -> None:
        time = checks.increasing("time", self.time, "s", min_size=8)
        step = (time[-1] - time[0]) / (time.size - 1)
        if np.abs(np.diff(time) - step).max() > 1e-6 * step:
            raise InvalidValue(
                "time must go in equal steps; interpolate the field first."
            )
        try:
            field = np.array(self.field)
        except ValueError as error:
            raise InvalidKind(
                "field must be an array of real numbers in V/m, got rows of unequal "
                f"lengths, {self.field!r:.60}."
            ) from error
        if field.dtype.kind not in "iuf":
            raise InvalidKind(
                f"field must be real numbers in V/m, got {self.field!r:.60}; take the "
                "real part of an analytic signal."
            )
        field = np.atleast_2d(field.astype(np.float64))
        if field.shape not in ((1, time.size), (2, time.size)):
            raise InvalidValue(
                f"field must have the shape ({time.size},) of time, or (2, "
                f"{time.size}) for x and y, got {np.shape(self.field)}."
            )
        if not np.isfinite(field).all():
            raise InvalidValue("field must be finite, in V/m.")
        kept = np.array(time)
        for values in (kept, field):
            values.setflags(write=False)
        set_field = object.__setattr__
        set_field(self, "time", kept)
        set_field(self, "field", field)
        wavelength = checked_wavelength(self.wavelength)
        set_field(self, "wavelength", wavelength)

    @property
    def step(self) -> float:
        """Time between two points, s."""
        return float((self.time[-1] - self.time[0]) / (self.time.size - 1))

    @property
    def components(self) -> int:
        """1 for linear light, 2 for x and y."""
        return int(self.field.shape[0])

    @property
    def omega0(self) -> float:
        """Angular frequency of the carrier, rad/s."""
        return carrier(self.wavelength)

    @property
    def cycle(self) -> float:
        """Duration of a cycle of the carrier, s."""
        return self.wavelength / SPEED_OF_LIGHT

    @property
    def peak_field(self) -> float:
        """Largest length of the sampled field, V/m."""
        return float(np.sqrt((self.field**2).sum(axis=0).max()))

    @property
    def peak_intensity(self) -> float:
        """Intensity of linear light of that peak field, W/m^2."""
        return 0.5 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * self.peak_field**2

    @property
    def ponderomotive_energy(self) -> float:
        """Mean quiver energy in linear light of the peak field, J."""
        amplitude = ELEMENTARY_CHARGE * self.peak_field / self.omega0
        return amplitude**2 / (4.0 * ELECTRON_MASS)

    @property
    def vector_potential(self) -> Floats:
        """Minus the integral of the field from its beginning, V s/m, ``(c, n)``.

        By the rule of Simpson's order (the integral of the parabola through three
        neighbours), zero at the first time.
        """
        from scipy.integrate import cumulative_simpson

        found = cumulative_simpson(self.field, dx=self.step, axis=1, initial=0.0)
        return np.asarray(-found)

    def scaled(self, factor: float) -> "DrivingField":
        """Return the field times ``factor``."""
        times = checks.finite("factor", factor)
        return DrivingField(
            time=self.time, field=times * self.field, wavelength=self.wavelength
        )

    def parameters(self) -> dict[str, object]:
        """Return plain values that tell this field from any other."""
        return {
            "kind": "driving field",
            "n_points": self.time.size,
            "first": float(self.time[0]),
            "step": self.step,
            "components": self.components,
            "wavelength": self.wavelength,
            "peak_field": self.peak_field,
            "field_sha256": hashlib.sha256(self.field.tobytes()).hexdigest(),
        }


def driving_field(
    light: Light | PolarisedPulse,
    *,
    peak_intensity: float | None = None,
    step: float | None = None,
    time: ArrayLike | None = None,
    **beam: float,
) -> DrivingField:
    r"""Return the field of ``light`` at an atom.

    Parameters
    ----------
    light : Light or PolarisedPulse
        Linear light, sums and trains of it, or light of two components.
    peak_intensity : float
        Cycle-averaged intensity where the power is largest, after chirp, W/m^2. Instead
        of it ``waist``, ``beam_fwhm``, ``top_hat_width`` or ``effective_area`` (of
        `qleap.laser.pulses.effective_area`) say on what area the light falls.
    step : float, optional
        Of the times, s. By default four times finer than the classical cutoff of
        harmonics from helium asks for.
    time : array_like, optional
        Even times of your own, s.

    Returns
    -------
    DrivingField

    Notes
    -----
    :math:`E(t) = \sqrt{2/(\epsilon_0 c\,a)}\,\mathcal E(t)` with the field
    :math:`\mathcal E` of the light in :math:`\sqrt{\mathrm W}` and the area
    :math:`a`; a given intensity means :math:`a = P_\mathrm{max}/I`.

    The times hold the light, and go on for 1.5 cycles after the last moment at which
    the field reaches a tenth of its peak: electrons that light of about a cycle frees
    return when it is over.
    """
    if not isinstance(light, PolarisedPulse):
        check_light("light", light)
    power = _largest_power(light)
    if time is not None and step is not None:
        raise InvalidValue(
            f"either step or time must be given, got both (step={step!r:.40} s); "
            "times of your own have their own step."
        )
    if peak_intensity is None:
        area = effective_area(**beam)
    elif beam:
        raise InvalidValue(
            f"either peak_intensity or the beam must be given, got both "
            f"(peak_intensity and {', '.join(beam)})."
        )
    else:
        intensity = checks.positive("peak_intensity", peak_intensity, "W/m^2")
        area = power / intensity
    scale = math.sqrt(2.0 / (VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * area))
    if time is None:
        t = _own_times(light, power / area, step)
    else:
        t = checks.increasing("time", time, "s", min_size=8)
    field = scale * _field(light, t)
    return DrivingField(time=t, field=field, wavelength=light.wavelength)


def _largest_power(light: Light | PolarisedPulse) -> float:
    """Return the largest power, W; the `peak_power` of a `Pulse` is before chirp."""
    if isinstance(light, Pulse) and any((light.gdd, light.tod, *light.higher_orders)):
        return measured_peak_power(light)
    return light.peak_power


def _field(light: Light | PolarisedPulse, time: Floats) -> Floats:
    return (
        light.fields(time) if isinstance(light, PolarisedPulse) else light.field(time)
    )


def _own_times(
    light: Light | PolarisedPulse, intensity: float, step: float | None
) -> Floats:
    """Return times on which the light lies, zero among them, and what it frees."""
    omega0 = carrier(light.wavelength)
    if step is None:
        quiver = ELEMENTARY_CHARGE**2 * intensity
        quiver /= 2.0 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * ELECTRON_MASS * omega0**2
        cutoff = 1.32 * 24.6 * ELEMENTARY_CHARGE + 3.17 * quiver
        step = min(math.pi * HBAR / (HIGHEST * cutoff), math.pi / (64.0 * omega0))
    chosen = checks.positive("step", step, "s")
    half = math.ceil(0.5 * light.extent[1] / chosen)
    if 2 * half + 1 > MOST:
        raise InvalidValue(
            f"the field must have <= {MOST} times, but a window of "
            f"{light.extent[1]:.4g} s in steps of {chosen:.4g} s takes {2 * half + 1}; "
            "give a longer step, or times of your own."
        )
    t = chosen * np.arange(-half, half + 1, dtype=np.float64)
    size = np.sqrt((np.atleast_2d(_field(light, t)) ** 2).sum(axis=0))
    last = t[np.flatnonzero(size >= FAINT * size.max())[-1]]
    back = last + RETURN * 2.0 * math.pi / omega0
    return np.asarray(chosen * np.arange(-half, max(half, round(back / chosen)) + 1.0))
