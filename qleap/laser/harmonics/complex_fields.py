"""Fields at complex times: what quantum paths are born in and return to."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.driving import DrivingField
from qleap.laser.pulses.light import carrier
from qleap.laser.pulses.polarisation import jones_vector

__all__ = ["AnalyticField", "analytic_field", "periodic_field"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

FAINTEST: Final = 1e-9
"""Fields at the ends, and amplitudes of frequencies, that are cut, over the largest."""

FASTEST: Final = 12.0
"""Frequency above which amplitudes are left out, over the carrier's."""

UNLIKE: Final = 1e-3
"""Difference between a field and its series that is borne, over the peak; wings below
it are faded out."""

CHUNK: Final = 4096
"""Times at once."""

COLOURS: Final = (
    "orders with (intensity in W/m^2, phase in rad), {2: (1e17, 0.0)}, or with "
    "(intensity, phase, ellipticity, angle in rad)"
)
"""What the colours of a wave are."""


@dataclass(frozen=True, kw_only=True, eq=False)
class AnalyticField:
    r"""A field as a Fourier series, which holds at complex times too.

    :math:`E(t) = \mathrm{Re}\sum_k c_k e^{-ik\Delta t}` on the real axis.

    Parameters
    ----------
    wavelength : float
        Vacuum wavelength of the carrier, m.
    start, period : float
        First time and length of what repeats itself, s.
    orders : ndarray of int, shape (n,)
        :math:`k`, from 1.
    amplitudes : ndarray of complex, shape (n,) or (2, n)
        :math:`c_k`, V/m; two components are x and y, the light goes along z.
    periodic : bool
        Whether the field does repeat itself, or is a pulse alone.

    See Also
    --------
    periodic_field : of one colour and its harmonics.
    analytic_field : of a sampled pulse.
    """

    wavelength: float
    start: float
    period: float
    orders: NDArray[np.int64]
    amplitudes: Complex
    periodic: bool

    @property
    def cycle(self) -> float:
        """Duration of a cycle of the carrier, s."""
        return self.wavelength / SPEED_OF_LIGHT

    @property
    def components(self) -> int:
        """1 for linear light, 2 for x and y."""
        return int(np.atleast_2d(self.amplitudes).shape[0])

    @property
    def spacing_au(self) -> float:
        """Between the frequencies, atomic units."""
        return 2.0 * math.pi * ATOMIC_TIME / self.period

    def parameters(self) -> dict[str, object]:
        """Return plain values that say what this field is."""
        return {
            "kind": "analytic field",
            "wavelength": self.wavelength,
            "start": self.start,
            "period": self.period,
            "periodic": self.periodic,
            "n_frequencies": int(self.orders.size),
            "components": self.components,
            "peak_field": self.sampled(64.0).peak_field,
            "amplitudes_sha256": hashlib.sha256(
                np.ascontiguousarray(self.amplitudes).tobytes()
            ).hexdigest(),
        }

    def sampled(self, per_cycle: float, *, before: float = 0.0, after: float = 0.0
    ) -> DrivingField:  # fmt: skip
        """Return the field at even real times, and some time before and after."""
        step = self.cycle / per_cycle
        time = np.arange(self.start - before, self.start + self.period + after, step)
        values = self.values_au(time / ATOMIC_TIME)[0].real * ATOMIC_ELECTRIC_FIELD
        return DrivingField(time=time, field=values, wavelength=self.wavelength)

    def values_au(self, time: Complex | Floats) -> Complex:
        r"""Return :math:`E`, :math:`A=-\int E` and :math:`\int A`, atomic units.

        Parameters
        ----------
        time : ndarray of complex
            Atomic units.

        Returns
        -------
        ndarray, shape (3, components, *time.shape)
        """
        found = _series(time, self.spacing_au, self.orders, self._integrals)
        return found.reshape(3, self.components, *np.shape(time))

    def square_integral_au(self, time: Complex | Floats) -> Complex:
        r"""Return :math:`\int A^2`, atomic units, up to a constant."""
        mean, orders, table = self._squares
        return np.asarray(
            mean * time + _series(time, self.spacing_au, orders, table)[0]
        )

    @cached_property
    def _integrals(self) -> Complex:
        """Return coefficients of field and integrals, one row for each component."""
        omega = self.orders * self.spacing_au
        c = np.atleast_2d(self.amplitudes) / ATOMIC_ELECTRIC_FIELD
        return np.concatenate([c, -1j * c / omega, c / omega**2])

    @cached_property
    def _squares(self) -> tuple[float, NDArray[np.int64], Complex]:
        """Return the mean of A^2, and orders and coefficients of its integral."""
        top, square = int(self.orders[-1]), np.zeros(1, np.complex128)
        for potential in self._integrals[self.components : 2 * self.components]:
            line = np.zeros(2 * top + 1, np.complex128)
            line[top + self.orders] = 0.5 * potential
            line[top - self.orders] = 0.5 * np.conj(potential)
            square = square + np.convolve(line, line)[2 * top :]
        # The square of circular light is its mean alone.
        kept = np.flatnonzero(np.abs(square) > 1e-14 * np.abs(square).max())
        kept = kept[kept > 0]
        table = 2j * square[kept] / (kept * self.spacing_au)
        return float(square[0].real), kept, table[None]


def periodic_field(
    wavelength: float,
    peak_intensity: float,
    *,
    ellipticity: float = 0.0,
    angle: float = 0.0,
    colours: Mapping[int, tuple[float, ...]] | None = None,
) -> AnalyticField:
    r"""Return :math:`E_1\cos\omega t` and harmonics of it, without end.

    Parameters
    ----------
    wavelength : float
        m.
    peak_intensity : float
        Cycle-averaged intensity of the carrier, W/m^2.
    ellipticity, angle : float
        Of the carrier, as in `qleap.laser.pulses.jones_vector`: minor over major axis,
        -1 to 1, positive from x to y; of the major axis from x, rad.
    colours : mapping, optional
        Order of a harmonic to its intensity (W/m^2) and phase (rad, on
        :math:`\cos(n\omega t - \phi)`), or to these and its ellipticity and angle.

    Returns
    -------
    AnalyticField
        Of two components where anything of it does not go along x.

    Examples
    --------
    Light of two colours at right angles, and circles that turn against each other:

    >>> from math import pi
    >>> crossed = periodic_field(800e-9, 1e18, colours={2: (1e17, 0.0, 0.0, pi / 2)})
    >>> both = {2: (1e18, 0.0, -1.0, 0.0)}
    >>> bicircular = periodic_field(800e-9, 1e18, ellipticity=1.0, colours=both)
    >>> crossed.components, bicircular.components
    (2, 2)
    """
    base = checks.positive("wavelength", wavelength, "m")
    first = checks.positive("peak_intensity", peak_intensity, "W/m^2")
    waves = {1: _wave(first, 0.0, ellipticity, angle)}
    if not isinstance(colours or {}, Mapping):
        raise InvalidKind(f"colours must be {COLOURS}, got {colours!r:.60}.")
    for order, light in (colours or {}).items():
        key = checks.count("orders of colours", order, 2, 64)
        if np.shape(light) not in ((2,), (4,)):
            raise InvalidValue(f"colours must be {COLOURS}, got {light!r:.60}.")
        strength = checks.positive(f"intensity of colour {key}", light[0], "W/m^2")
        phase = checks.finite(f"phase of colour {key}", light[1], "rad")
        waves[key] = _wave(strength, phase, *light[2:])
    orders = np.array(sorted(waves), np.int64)
    amplitudes = np.stack([waves[int(k)] for k in orders], axis=1)
    return AnalyticField(
        wavelength=base,
        start=0.0,
        period=2.0 * math.pi / carrier(base),
        orders=orders,
        amplitudes=amplitudes if amplitudes[1].any() else amplitudes[0],
        periodic=True,
    )


def _wave(
    intensity: float, phase: float, ellipticity: float = 0.0, angle: float = 0.0
) -> Complex:
    """Return the amplitudes of a colour along x and y, V/m."""
    peak = math.sqrt(2.0 * intensity / (VACUUM_PERMITTIVITY * SPEED_OF_LIGHT))
    return np.asarray(peak * np.exp(1j * phase) * jones_vector(ellipticity, angle))


def analytic_field(driving: DrivingField) -> AnalyticField:
    """Return the Fourier series of a pulse that its times hold whole.

    Raises
    ------
    InvalidValue
        Where the series is not the field: a pulse that is cut off, a field with kinks.
    """
    if not isinstance(driving, DrivingField):
        raise InvalidKind(f"driving must be a DrivingField, got {driving!r:.60}.")
    time, values = _faded(driving)
    n, period = time.size, time.size * driving.step
    found = 2.0 * np.conj(np.fft.rfft(values)) / n
    order = np.arange(found.shape[1])
    found *= np.exp(2j * np.pi * order * time[0] / period)
    size = np.abs(found).max(axis=0)
    keep = size > FAINTEST * size.max()
    keep &= (order > 0) & (order < FASTEST * period / driving.cycle)
    keep &= 2 * order < n
    kept = np.flatnonzero(keep)
    amplitudes = np.asarray(found[:, kept], np.complex128)
    made = AnalyticField(
        wavelength=driving.wavelength,
        start=float(time[0]),
        period=period,
        orders=kept,
        amplitudes=amplitudes if driving.components == 2 else amplitudes[0],
        periodic=False,
    )
    again = made.values_au(time / ATOMIC_TIME)[0].real * ATOMIC_ELECTRIC_FIELD
    unlike = float(np.abs(again - values).max()) / driving.peak_field
    if unlike > UNLIKE:
        raise InvalidValue(
            "driving must be a smooth pulse that vanishes at both ends of its times, "
            f"without a mean, but its Fourier series differs by {unlike:.2g} of the "
            "peak; take longer times, or periodic_field for endless waves."
        )
    return made


def _faded(driving: DrivingField) -> tuple[Floats, Floats]:
    """Return times and field where there is one, with wings that end softly."""
    length = np.sqrt((driving.field**2).sum(axis=0))
    size = length / max(driving.peak_field, 1e-300)
    lit, bright = np.flatnonzero(size > FAINTEST), np.flatnonzero(size > UNLIKE)
    if not bright.size:
        raise InvalidValue("driving must have a field, got zeros.")
    first, last = int(lit[0]), int(lit[-1]) + 1
    fade = np.ones(size.size)
    fade[first : bright[0]] = np.linspace(0.0, 1.0, bright[0] - first, endpoint=False)
    fade[bright[-1] + 1 : last] = np.linspace(1.0, 0.0, last - bright[-1] - 1)
    fade = np.sin(0.5 * np.pi * np.sin(0.5 * np.pi * fade) ** 2) ** 2
    part = slice(first, last)
    return driving.time[part], (fade * driving.field)[:, part]


def _series(
    time: Complex | Floats, spacing: float, orders: NDArray[np.int64], table: Complex
) -> Complex:
    r"""Return the analytic :math:`\mathrm{Re}\sum_k c_k\,e^{-ik\Delta t}`, row by row.

    Powers of one exponential take the place of exponentials.
    """
    flat = np.asarray(time, np.complex128).ravel()
    found = np.empty((table.shape[0], flat.size), np.complex128)
    steps = np.diff(orders, prepend=0)
    for first in range(0, flat.size, CHUNK):
        part = slice(first, first + CHUNK)
        angle = -1j * spacing * flat[part]
        powers = {int(k): np.exp(int(k) * angle) for k in np.unique(steps)}
        waves = np.empty((orders.size, angle.size), np.complex128)
        last: Complex | float = 1.0
        for row, step in zip(waves, steps, strict=True):
            np.multiply(last, powers[int(step)], out=row)
            last = row
        found[:, part] = table @ waves + np.conj(table) @ (1.0 / waves)
    return np.asarray(0.5 * found.reshape(table.shape[0], *np.shape(time)))
