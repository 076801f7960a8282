r"""Light of two transverse fields: Jones vectors, Stokes parameters, gates.

Fields go as :math:`e^{-i\omega t}`, z is the direction of travel, and the Jones vector
:math:`(1, i)/\sqrt2` turns from x to y: counter-clockwise for one who looks into the
beam, with positive helicity and :math:`S_3 > 0`.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.laser.pulses.combined import PulseSum, delayed
from qleap.laser.pulses.light import Light, own_grid, peak_of

if TYPE_CHECKING:
    from qleap.laser.grid import Grid

__all__ = [
    "PolarisedPulse",
    "ellipticity",
    "jones_vector",
    "polarisation_gate",
    "polarised",
    "polariser",
    "stokes",
    "wave_plate",
]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


def jones_vector(ellipticity: float = 0.0, angle: float = 0.0) -> Complex:
    """Return the Jones vector of a polarisation ellipse, of length 1.

    Parameters
    ----------
    ellipticity : float
        Ratio of the minor to the major axis of the field's ellipse, -1 to 1; positive
        where the field turns from x to y.
    angle : float
        Of the major axis from x towards y, rad.
    """
    ratio = checks.between("ellipticity", ellipticity, -1.0, 1.0)
    turn = checks.finite("angle", angle, "rad")
    major, minor = 1.0 / math.hypot(1.0, ratio), ratio / math.hypot(1.0, ratio)
    cos, sin = math.cos(turn), math.sin(turn)
    return np.array(
        [cos * major - 1j * sin * minor, sin * major + 1j * cos * minor],
        dtype=np.complex128,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class PolarisedPulse:
    """Terms of light, each with a Jones vector of its own.

    Parameters
    ----------
    terms : tuple of Light
    vectors : tuple of (complex, complex)
        Jones vector of each term, of any length.

    See Also
    --------
    polarised : of one term.
    polarisation_gate : two circular pulses that turn against each other.
    """

    terms: tuple[Light, ...]
    vectors: tuple[tuple[complex, complex], ...]

    def __post_init__(self) -> None:
        if len(self.terms) != len(self.vectors) or not self.terms:
            raise InvalidValue(
                f"vectors must be one for each of the terms, got {len(self.vectors)} "
                f"for {len(self.terms)}."
            )
        kept = tuple(_two(f"vectors[{i}]", v) for i, v in enumerate(self.vectors))
        object.__setattr__(self, "vectors", kept)
        object.__setattr__(self, "terms", tuple(self.terms))

    @property
    def _whole(self) -> PulseSum:
        return PulseSum(parts=self.terms)

    @property
    def wavelength(self) -> float:
        """Vacuum wavelength of the common carrier, m."""
        return self._whole.wavelength

    @property
    def extent(self) -> tuple[float, float]:
        """Full bandwidth (rad/s) and window (s) that hold all terms."""
        return self._whole.extent

    @property
    def energy(self) -> float:
        """Energy of both fields, J."""
        grid = own_grid(self._whole)
        return float(np.sum(np.abs(self.envelopes_on(grid)) ** 2) * grid.step)

    @property
    def peak_power(self) -> float:
        """Largest power of both fields together, W."""
        x, y = self.envelopes_on(own_grid(self._whole))
        top = np.argmax(np.abs(x) ** 2 + np.abs(y) ** 2)
        # Along the Jones vector of the peak all of its power is in one field.
        vector = np.array([x[top], y[top]]) / math.hypot(abs(x[top]), abs(y[top]))
        return peak_of(np.asarray(vector[0].conj() * x + vector[1].conj() * y))

    def envelopes_on(self, grid: "Grid") -> Complex:
        """Return both envelopes about the grid's carrier, sqrt(W), ``(2, n)``."""
        total = np.zeros((2, grid.n_points), dtype=np.complex128)
        for term, vector in zip(self.terms, self.vectors, strict=True):
            total += np.outer(np.array(vector), term.envelope_on(grid))
        return total

    def spectra_on(self, grid: "Grid") -> Complex:
        """Return both transforms, sqrt(W) s, FFT order, ``(2, n)``."""
        return np.stack([grid.to_frequency(e) for e in self.envelopes_on(grid)])

    def fields(self, time: ArrayLike) -> Floats:
        """Return both real fields at ``time`` (s), sqrt(W), ``(2, n)``."""
        t = checks.vector("time", time, "s")
        total = np.zeros((2, t.size))
        for term, vector in zip(self.terms, self.vectors, strict=True):
            turned = term.envelope(t) * np.exp(-1j * term.omega0 * t)
            total += np.outer(np.array(vector), turned).real
        return total

    def through(self, matrix: ArrayLike) -> "PolarisedPulse":
        """Return the light after an element with a Jones ``matrix``, ``(2, 2)``."""
        jones = np.asarray(matrix, dtype=np.complex128)
        if jones.shape != (2, 2):
            raise InvalidValue(
                f"matrix must have the shape (2, 2), got {jones.shape}; polariser and "
                "wave_plate make some."
            )
        vectors = tuple(_two("vector", jones @ np.array(v)) for v in self.vectors)
        return PolarisedPulse(terms=self.terms, vectors=vectors)

    def parameters(self) -> dict[str, object]:
        """Return plain values that tell this light from any other."""
        return {
            "kind": "polarised",
            "terms": [term.parameters() for term in self.terms],
            "vectors": [[[z.real, z.imag] for z in v] for v in self.vectors],
        }


def polarised(
    light: Light, *, ellipticity: float = 0.0, angle: float = 0.0
) -> PolarisedPulse:
    """Return ``light`` with the polarisation of `jones_vector`; its energy stays."""
    vector = _two("vector", jones_vector(ellipticity, angle))
    return PolarisedPulse(terms=(light,), vectors=(vector,))


def polarisation_gate(light: Light, delay: float) -> PolarisedPulse:
    r"""Return two circular pulses that turn against each other, ``delay`` apart.

    Where they overlap the field is linear. Each has the energy of ``light``. For
    Gaussian pulses of ``fwhm`` :math:`\tau` the ellipticity is
    :math:`\tanh(2\ln2\,\mathrm{delay}\,t/\tau^2)`.

    Parameters
    ----------
    light : Light
    delay : float
        Between the pulses, s; the one that comes first has negative helicity.
    """
    half = 0.5 * checks.finite("delay", delay, "s")
    first = delayed(light, -half, phase=-light.omega0 * half)
    second = delayed(light, half, phase=light.omega0 * half)
    return PolarisedPulse(
        terms=(first, second),
        vectors=(_two("", jones_vector(-1.0)), _two("", jones_vector(1.0))),
    )


def polariser(angle: float) -> Complex:
    """Return the Jones matrix of a polariser at ``angle`` from x (rad)."""
    turn = checks.finite("angle", angle, "rad")
    along = np.array([math.cos(turn), math.sin(turn)])
    return np.outer(along, along).astype(np.complex128)


def wave_plate(retardance: float, angle: float) -> Complex:
    """Return the Jones matrix of a wave plate without dispersion.

    Parameters
    ----------
    retardance : float
        By which the slow axis lags, rad: pi for a half, pi/2 for a quarter wave.
    angle : float
        Of the fast axis from x, rad.
    """
    lag = checks.finite("retardance", retardance, "rad")
    fast = polariser(angle)
    return np.asarray(fast + np.exp(1j * lag) * (np.eye(2) - fast))


def stokes(fields: ArrayLike) -> Floats:
    """Return the Stokes parameters of two complex fields.

    Parameters
    ----------
    fields : array_like of complex, shape (2, ...)
        Jones vectors, envelopes or spectra, x and y.

    Returns
    -------
    ndarray, shape (4, ...)
        S0 (the power), S1 (x against y), S2 (45 degrees against -45 degrees), S3
        (positive against negative helicity), in the square of the fields' unit.
    """
    given = np.asarray(fields, dtype=np.complex128)
    if given.ndim == 0 or given.shape[0] != 2:
        raise InvalidValue(
            f"fields must have the shape (2, ...), x and y, got {given.shape}."
        )
    x, y = given
    cross = 2.0 * x.conj() * y
    x2, y2 = np.abs(x) ** 2, np.abs(y) ** 2
    return np.stack([x2 + y2, x2 - y2, cross.real, cross.imag])


def ellipticity(fields: ArrayLike) -> Floats:
    """Return the signed ratio of the axes of the field's ellipse, -1 to 1.

    ``fields`` as for `stokes`; 0 where there is no light.
    """
    power, _, _, turning = stokes(fields)
    share = np.divide(turning, power, out=np.zeros_like(power), where=power > 0.0)
    return np.asarray(np.tan(0.5 * np.arcsin(np.clip(share, -1.0, 1.0))))


def _two(name: str, vector: ArrayLike) -> tuple[complex, complex]:
    values = np.asarray(vector, dtype=np.complex128)
    if values.shape != (2,) or not np.all(np.isfinite(values)):
        raise InvalidValue(f"{name} must be two finite numbers, got {vector!r:.60}.")
    return complex(values[0]), complex(values[1])
