r"""Ways to measure a field, and the smallest field that each can see.

A sensitivity :math:`\eta` is the standard error of the field after averaging for one
second, :math:`\delta B\sqrt T`, in T/sqrt(Hz). The one-sided amplitude spectral density
of the same white noise is :math:`\sqrt2\,\eta`.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.sensing.sensitivity.device import GYROMAGNETIC_RATIO, Device

__all__ = [
    "Casr",
    "ContinuousWave",
    "Decoupling",
    "PulsedOdmr",
    "Ramsey",
]

STEEPEST: Final = {
    "lorentzian": 4.0 / (3.0 * math.sqrt(3.0)),
    "gaussian": math.sqrt(math.e / (8.0 * math.log(2.0))),
}
"""Width over depth over the steepest slope of a line: 0.77 and 0.70."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ramsey:
    r"""Free precession for ``tau`` between two quarter turns; static fields.

    .. math::
        \eta = \frac{1}{2\pi\gamma\,\Delta m}\,\frac{1}{\sqrt{N\tau}}\,
        e^{(\tau/T_2^*)^p}\,\sigma_R\,\sqrt{\frac{t_I+\tau+t_R}{\tau}}

    Parameters
    ----------
    tau : float
        s.
    double_quantum : bool
        Between m = -1 and +1: twice the phase, none from temperature.

    References
    ----------
    Barry et al., Rev. Mod. Phys. 92, 015004 (2020), eq. 15.
    """

    tau: float
    double_quantum: bool = False

    def __post_init__(self) -> None:
        checks.positive("tau", self.tau, "s")

    def visibility(self, device: Device) -> float:
        """Return what dephasing leaves of the fringe, 0 to 1."""
        time = device.dephasing_time
        if self.double_quantum:
            time = device.double_quantum_dephasing_time or 0.5 * time
        return math.exp(-((self.tau / time) ** device.dephasing_exponent))

    def sensitivity(self, device: Device) -> float:
        """Return the limit of spins and photons, T/sqrt(Hz)."""
        turn = _turn(device, self.tau) * (2.0 if self.double_quantum else 1.0)
        return _pulsed(device, turn * self.visibility(device), self.cycle(device))

    def cycle(self, device: Device) -> float:
        """Return the time between readings, s."""
        return device.cycle(self.tau)

    def relative_slope(self, device: Device) -> float:
        """Return the change of the counts by field over the counts, 1/T."""
        turn = _turn(device, self.tau) * (2.0 if self.double_quantum else 1.0)
        return device.contrast * self.visibility(device) * turn

    def response(self, frequency: ArrayLike) -> NDArray[np.float64]:
        """Return the response at ``frequency``, Hz, over the largest."""
        return np.abs(np.sinc(np.asarray(frequency) * self.tau))

    def phase_response(
        self, frequency: ArrayLike, device: Device
    ) -> NDArray[np.float64]:
        """Return the field that a microwave phase of one rad looks like, T.

        The spins compare the phases of two pulses that are tau apart.
        """
        change = 2.0 * np.abs(np.sin(np.pi * np.asarray(frequency) * self.tau))
        return np.asarray(change / _turn(device, self.tau))


@dataclass(frozen=True, kw_only=True, slots=True)
class Decoupling:
    r"""Echoes: a quarter turn, ``pulses`` half turns, a quarter turn; AC fields.

    .. math::
        \eta = \frac\pi2\,\frac{1}{2\pi\gamma}\,\frac{1}{\sqrt{N\tau}}\,
        e^{[\tau/(T_2 k^s)]^p}\,\sigma_R\,\sqrt{\frac{t_I+\tau+t_R}{\tau}}

    for the amplitude of a field in phase with the pulses; other phases see less, and
    with a phase that changes from one measurement to the next the sensitivity is
    worse by :math:`\sqrt2`.

    Parameters
    ----------
    pulses : int
        k; 1 is Hahn's echo, 8 n is XY8-n.
    frequency : float
        Of the field, Hz. The echo lasts one period, k > 1 pulses k half periods.
    phase_locked : bool
        Whether the field's phase is known and matched.

    References
    ----------
    Barry et al., Rev. Mod. Phys. 92, 015004 (2020), eqs. 28 and 29.
    """

    pulses: int
    frequency: float
    phase_locked: bool = True

    def __post_init__(self) -> None:
        checks.count("pulses", self.pulses)
        checks.positive("frequency", self.frequency, "Hz")

    @property
    def tau(self) -> float:
        """Duration of the sensing, s."""
        return (1.0 if self.pulses == 1 else 0.5 * self.pulses) / self.frequency

    def visibility(self, device: Device) -> float:
        """Return what decoherence leaves of the fringe, 0 to 1."""
        time = device.coherence_with(self.pulses)
        return math.exp(-((self.tau / time) ** device.coherence_exponent))

    def sensitivity(self, device: Device) -> float:
        """Return the limit of spins and photons, T/sqrt(Hz)."""
        turn = _turn(device, self.tau) * 2.0 / math.pi
        best = _pulsed(device, turn * self.visibility(device), self.cycle(device))
        return best if self.phase_locked else math.sqrt(2.0) * best

    def cycle(self, device: Device) -> float:
        """Return the time between readings, s."""
        return device.cycle(self.tau)


@dataclass(frozen=True, kw_only=True, slots=True)
class Casr:
    r"""Coherently averaged synchronised readout of an AC field.

    Decoupling blocks follow one another in step with the carrier; a signal beside
    it turns slowly from reading to reading, and its spectrum is as fine as the
    record is long. The amplitude of a line of unknown phase has :math:`\sqrt2`
    times the error of a phase-locked one.

    Parameters
    ----------
    pulses, frequency
        As in `Decoupling`.
    """

    pulses: int
    frequency: float

    def __post_init__(self) -> None:
        Decoupling(pulses=self.pulses, frequency=self.frequency)

    @property
    def block(self) -> Decoupling:
        """One of the blocks."""
        return Decoupling(pulses=self.pulses, frequency=self.frequency)

    def sensitivity(self, device: Device) -> float:
        """Return the limit of spins and photons for an amplitude, T/sqrt(Hz)."""
        stretch = self.cycle(device) / self.block.cycle(device)
        return self.block.sensitivity(device) * math.sqrt(2.0 * stretch)

    def cycle(self, device: Device) -> float:
        """Return the time between readings, s: whole periods of the carrier."""
        periods = self.block.cycle(device) * self.frequency
        return math.ceil(periods - 1e-9) / self.frequency

    def bandwidth(self, device: Device) -> float:
        """Return the largest distance of a signal from the carrier, Hz."""
        return 0.5 / self.cycle(device)


@dataclass(frozen=True, kw_only=True, slots=True)
class ContinuousWave:
    r"""A microwave on the flank of a line under steady light; static fields.

    .. math:: \eta = P\,\frac{\Delta\nu}{\gamma\, C \sqrt R}

    with P = 0.77 for Lorentzian and 0.70 for Gaussian lines.

    Parameters
    ----------
    linewidth : float
        Full width at half maximum :math:`\Delta\nu`, Hz.
    contrast : float
        Depth C of the line over the fluorescence beside it.
    rate : float
        Photons detected beside the line, R, 1/s.
    shape : str
        ``"lorentzian"`` or ``"gaussian"``.
    gyromagnetic_ratio : float
        Hz/T.
    pumping_rate : float, optional
        1/s; slower spins follow faster fields less, as a low-pass filter of the
        first order.

    References
    ----------
    Dréau et al., Phys. Rev. B 84, 195204 (2011); Barry et al., Rev. Mod. Phys. 92,
    015004 (2020), eq. 17.
    """

    linewidth: float
    contrast: float
    rate: float
    shape: str = "lorentzian"
    gyromagnetic_ratio: float = GYROMAGNETIC_RATIO
    pumping_rate: float | None = None

    def __post_init__(self) -> None:
        checks.positive("linewidth", self.linewidth, "Hz")
        checks.between("contrast", self.contrast, 1e-12, 1.0)
        checks.positive("rate", self.rate, "1/s")
        checks.one_of("shape", self.shape, tuple(STEEPEST))

    def sensitivity(self, device: Device | None = None) -> float:
        """Return the limit of photons, T/sqrt(Hz); it asks no device."""
        return 1.0 / (self.relative_slope(device) * math.sqrt(self.rate))

    def cycle(self, device: Device | None = None) -> float:  # noqa: ARG002
        """Return zero: there is no cycle."""
        return 0.0

    def relative_slope(self, device: Device | None = None) -> float:  # noqa: ARG002
        """Return the steepest change of the counts by field over the counts, 1/T."""
        per_hertz = self.contrast / (STEEPEST[self.shape] * self.linewidth)
        return self.gyromagnetic_ratio * per_hertz

    def response(self, frequency: ArrayLike) -> NDArray[np.float64]:
        """Return the response at ``frequency``, Hz, over the largest."""
        f = np.asarray(frequency, dtype=np.float64)
        if self.pumping_rate is None:
            return np.ones_like(f)
        return np.asarray(1.0 / np.hypot(1.0, 2.0 * np.pi * f / self.pumping_rate))

    def phase_response(
        self,
        frequency: ArrayLike,
        device: Device | None = None,  # noqa: ARG002
    ) -> NDArray[np.float64]:
        """Return the field that a microwave phase of one rad looks like, T."""
        f = np.asarray(frequency, dtype=np.float64)
        return np.asarray(f * self.response(f) / self.gyromagnetic_ratio)


@dataclass(frozen=True, kw_only=True, slots=True)
class PulsedOdmr:
    r"""A weak half turn on the flank of the line; static fields.

    .. math:: \eta = \frac{8}{3\sqrt3}\,\frac{1}{2\pi\gamma}\,
        \frac{1}{C\sqrt{N n}}\,\frac{\sqrt{t_I+T_2^*+t_R}}{T_2^*}

    for a pulse as long as :math:`T_2^*` and a line of the width
    :math:`1/(\pi T_2^*)`.

    Parameters
    ----------
    contrast : float
        Depth of the line over the counts beside it.

    References
    ----------
    Barry et al., Rev. Mod. Phys. 92, 015004 (2020), eq. 18.
    """

    contrast: float

    def __post_init__(self) -> None:
        checks.between("contrast", self.contrast, 1e-12, 1.0)

    def _line(self, device: Device) -> ContinuousWave:
        return ContinuousWave(
            linewidth=1.0 / (math.pi * device.dephasing_time),
            contrast=self.contrast,
            rate=device.sensors * device.detected / self.cycle(device),
            gyromagnetic_ratio=device.gyromagnetic_ratio,
        )

    def sensitivity(self, device: Device) -> float:
        """Return the limit of photons, T/sqrt(Hz)."""
        return self._line(device).sensitivity()

    def cycle(self, device: Device) -> float:
        """Return the time between readings, s."""
        return device.cycle(device.dephasing_time)

    def relative_slope(self, device: Device) -> float:
        """Return the steepest change of the counts by field over the counts, 1/T."""
        return self._line(device).relative_slope()


def _turn(device: Device, tau: float) -> float:
    """Return the phase in rad that one tesla makes in ``tau``."""
    return 2.0 * math.pi * device.gyromagnetic_ratio * tau


def _pulsed(device: Device, turn: float, cycle: float) -> float:
    """Return the sensitivity of fringes at half height with the slope ``turn``."""
    if turn == 0.0:  # nothing is left of the fringe
        return math.inf
    return device.readout_noise / turn * math.sqrt(cycle / device.sensors)
