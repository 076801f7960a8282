r"""Drivers that make one attosecond pulse instead of a train, and how long they may.

Two pulses of opposite helicity, ``delay`` apart, are linear only where they overlap.
With ellipses of the axes' ratio :math:`\varepsilon` instead of circles the ellipticity
near the middle is, for Gaussian pulses of ``fwhm`` :math:`\tau`,

.. math:: \xi(t) = \frac1\varepsilon\tanh\frac{2\ln2\,T_d\,t}{\tau^2},

and the gate, where :math:`|\xi|<\xi_\mathrm{th}`, is

.. math::

    \delta t = \frac{\tau^2}{\ln2\,T_d}\,\mathrm{artanh}(\varepsilon\,\xi_\mathrm{th})
    \approx \frac{\varepsilon\,\xi_\mathrm{th}}{\ln2}\frac{\tau^2}{T_d}

long. It has to be shorter than the time between bursts: half a cycle, and a whole one
where a second harmonic makes the half-cycles unequal (double optical gating).

References
----------
P. B. Corkum, N. H. Burnett and M. Y. Ivanov, Opt. Lett. 19, 1870 (1994), the idea.
The formula with :math:`\varepsilon=1`, and its form
:math:`0.3\,\tau^2/T_d` for a threshold of 0.2, as quoted by M. Koeberlin, Attosecond
Physics, section 2.3 (github.com/MarcelKoeberlin/knowledge).
"""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, overload

import numpy as np
from numpy.typing import ArrayLike

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.driving import DrivingField, driving_field
from qleap.laser.pulses.combined import PulseSum, ShiftedPulse, delayed
from qleap.laser.pulses.light import Light
from qleap.laser.pulses.polarisation import PolarisedPulse
from qleap.laser.pulses.pulse import Pulse

__all__ = [
    "Colour",
    "double_optical_gate",
    "gate_width",
    "gated_field",
    "synthesised",
    "synthesised_field",
    "with_cep",
]

DARK: Final = 1e-12
"""Share of a pulse's peak power below which the middle of a gate is dark."""


def double_optical_gate(
    light: Pulse,
    delay: float,
    *,
    ratio: float,
    phase: float = 0.0,
    ellipticity: float = 1.0,
    harmonic_fwhm: float | None = None,
) -> PolarisedPulse:
    r"""Return a polarisation gate with a second harmonic along its linear part.

    Parameters
    ----------
    light : Pulse
        Each of the two fundamental pulses has its energy.
    delay : float
        Between them, s.
    ratio : float
        Of the second harmonic's field to that of the fundamental along x in the middle
        of the gate; 0 leaves the polarisation gate alone.
    phase : float
        Of the second harmonic against twice that of the fundamental, rad. It follows
        twice the fundamental's ``cep``, as a harmonic does.
    ellipticity : float
        Of each pulse, 0 to 1: 1 are circles (double optical gating), less the
        generalised one, whose gate is shorter by as much. The gate is along x.
    harmonic_fwhm : float, optional
        Duration of the second harmonic, s; by default that of ``light``.

    Returns
    -------
    PolarisedPulse
        Along x in the middle of the gate, at t = 0.
    """
    if not isinstance(light, Pulse):
        raise InvalidKind(f"light must be a Pulse, got {light!r:.60}.")
    apart = checks.positive("delay", delay, "s")
    share = checks.non_negative("ratio", ratio)
    axes = checks.between("ellipticity", ellipticity, 0.0, 1.0)
    if axes == 0.0:
        raise InvalidValue(
            "ellipticity must be above 0, got 0: two pulses along y have no gate."
        )
    half, turned = 0.5 * apart, 0.5 * light.omega0 * apart
    length = math.hypot(axes, 1.0)
    terms: list[Light] = [
        delayed(light, -half, phase=-turned),
        delayed(light, half, phase=turned),
    ]
    along = complex(axes / length)
    vectors = [(along, -1j / length), (along, 1j / length)]
    if share > 0.0:
        middle = 2.0 * abs(terms[0].envelope(np.zeros(1))[0]) * axes / length
        if middle**2 < DARK * light.peak_power:
            raise InvalidValue(
                f"delay must let the two pulses of {light.fwhm:.4g} s overlap, got "
                f"{apart:.4g} s: there is no light in the middle of the gate."
            )
        harmonic = Pulse(
            shape=light.shape,
            wavelength=0.5 * light.wavelength,
            fwhm=light.fwhm if harmonic_fwhm is None else harmonic_fwhm,
            peak_power=(share * middle) ** 2,
            cep=2.0 * light.cep + checks.finite("phase", phase, "rad"),
        )
        terms.append(harmonic)
        vectors.append((1.0 + 0j, 0j))
    return PolarisedPulse(terms=tuple(terms), vectors=tuple(vectors))


def gate_width(
    fwhm: float, delay: float, *, threshold: float = 0.2, ellipticity: float = 1.0
) -> float:
    r"""Return how long two Gaussian pulses are nearly linear, s.

    Parameters
    ----------
    fwhm, delay : float
        Duration of each pulse, and between their peaks, s.
    threshold : float
        Ellipticity above which harmonics are weak.
    ellipticity : float
        Of each pulse, as in `double_optical_gate`.

    See Also
    --------
    double_optical_gate : for gates of half a cycle to a whole one.
    """
    width = checks.positive("fwhm", fwhm, "s")
    apart = checks.positive("delay", delay, "s")
    share = checks.between("threshold", threshold, 0.0, 1.0)
    axes = checks.between("ellipticity", ellipticity, 0.0, 1.0)
    if share * axes >= 1.0:
        return math.inf
    return width**2 / (math.log(2.0) * apart) * math.atanh(share * axes)


def gated_field(
    light: PolarisedPulse, intensity: float, *, time: ArrayLike | None = None
) -> DrivingField:
    """Return the field of gated light with an intensity in the middle of its gate.

    Parameters
    ----------
    light : PolarisedPulse
        From `double_optical_gate` or `qleap.laser.pulses.polarisation_gate`.
    intensity : float
        At t = 0, averaged over a cycle, of all terms with the carrier of the first
        one, W/m^2. The wings, where the pulses are elliptical, may be stronger.
    time : array_like, optional
        As in `driving_field`.
    """
    if not isinstance(light, PolarisedPulse):
        raise InvalidKind(
            f"light must be a PolarisedPulse, got {light!r:.60}; other light goes to "
            "driving_field."
        )
    wanted = checks.positive("intensity", intensity, "W/m^2")
    middle = np.zeros(2, np.complex128)
    for term, vector in zip(light.terms, light.vectors, strict=True):
        if abs(term.omega0 / light.terms[0].omega0 - 1.0) < 1e-6:
            middle += np.array(vector) * term.envelope(np.zeros(1))[0]
    power = float(np.sum(np.abs(middle) ** 2))
    if power < DARK * light.peak_power:
        raise InvalidValue(
            "light must have a field in the middle of its gate, t = 0; take a shorter "
            "delay between its pulses."
        )
    # The power at the peak of all light over the intensity wanted is the area.
    field = driving_field(light, effective_area=power / wanted, time=time)
    return dataclasses.replace(field, wavelength=light.terms[0].wavelength)


@dataclass(frozen=True, kw_only=True, slots=True)
class Colour:
    """One channel of a synthesiser, as it is at the atom.

    Parameters
    ----------
    wavelength : float
        m.
    fwhm : float
        Of the intensity, s.
    intensity : float
        At its peak, averaged over a cycle, W/m^2.
    delay : float
        s; the carrier goes with the envelope.
    cep : float
        rad, at the peak of its envelope.
    gdd : float
        s^2; ``intensity`` is that before it.
    shape : str
        As of `Pulse`.
    """

    wavelength: float
    fwhm: float
    intensity: float
    delay: float = 0.0
    cep: float = 0.0
    gdd: float = 0.0
    shape: str = "gaussian"

    def __post_init__(self) -> None:
        self._pulse()
        checks.finite("delay", self.delay, "s")

    @property
    def light(self) -> ShiftedPulse:
        """The pulse, delayed; 1 W of it stands for 1 W/m^2."""
        return delayed(self._pulse(), self.delay)

    def _pulse(self) -> Pulse:
        power = checks.positive("intensity", self.intensity, "W/m^2")
        return Pulse(
            shape=self.shape,
            wavelength=self.wavelength,
            fwhm=self.fwhm,
            peak_power=power,
            gdd=self.gdd,
            cep=self.cep,
        )


def synthesised(colours: Sequence[Colour]) -> PulseSum:
    """Return the light of several colours; 1 W of it stands for 1 W/m^2.

    The carrier lies at the middle of all bands.
    """
    if isinstance(colours, Colour):
        raise InvalidKind(
            "colours must be a list of Colour, got one; put it in a list."
        )
    if not colours:
        raise InvalidValue("colours must be one Colour or more, got none.")
    for i, colour in enumerate(colours):
        if not isinstance(colour, Colour):
            raise InvalidKind(f"colours[{i}] must be a Colour, got {colour!r:.60}.")
    return PulseSum(parts=tuple(colour.light for colour in colours))


def synthesised_field(
    colours: Sequence[Colour], *, time: ArrayLike | None = None
) -> DrivingField:
    """Return the field of several colours at an atom.

    Parameters
    ----------
    colours : sequence of Colour
        Cycles and orders are those of the first one.
    time : array_like, optional
        As in `driving_field`.
    """
    field = driving_field(synthesised(colours), effective_area=1.0, time=time)
    return dataclasses.replace(field, wavelength=colours[0].wavelength)


@overload
def with_cep(light: PolarisedPulse, cep: float) -> PolarisedPulse: ...
@overload
def with_cep(light: Light, cep: float) -> ShiftedPulse: ...
def with_cep(
    light: Light | PolarisedPulse, cep: float
) -> ShiftedPulse | PolarisedPulse:
    """Return ``light`` with its carrier's phase raised by ``cep`` (rad).

    Terms of polarised light turn by as many times that as their frequency is a multiple
    of the first one's, as harmonics do; linear light turns as a whole.
    """
    raised = checks.finite("cep", cep, "rad")
    if not isinstance(light, PolarisedPulse):
        return delayed(light, 0.0, phase=raised)
    orders = [max(1, round(t.omega0 / light.terms[0].omega0)) for t in light.terms]
    terms = tuple(
        delayed(term, 0.0, phase=order * raised)
        for term, order in zip(light.terms, orders, strict=True)
    )
    return PolarisedPulse(terms=terms, vectors=light.vectors)
