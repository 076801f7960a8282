"""Contrast, width and brightness of a line under light and microwave."""

import math
from dataclasses import dataclass

from qleap.core import checks
from qleap.sensing.sensitivity.device import GYROMAGNETIC_RATIO
from qleap.sensing.sensitivity.protocols import ContinuousWave

__all__ = ["PowerBroadening"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PowerBroadening:
    r"""Steady state of one transition under light and microwave, in closed form.

    With the saturation :math:`x = s/(1+s)` of the light, the rates of polarisation
    :math:`\Gamma_1 = 2\Gamma_p x + 1/T_1` and of the coherence
    :math:`\Gamma_2 = \Gamma_c x/2 + 1/T_2^*`, and the Rabi frequency
    :math:`\Omega` in rad/s,

    .. math::
        C = \Theta\,\frac{2\Gamma_p x}{\Gamma_1}\,
            \frac{\Omega^2}{\Omega^2+\Gamma_1\Gamma_2}, \quad
        \Delta\nu = \frac1\pi\sqrt{\Gamma_2^2 + \Omega^2\Gamma_2/\Gamma_1}, \quad
        R = N R_\infty x.

    Parameters
    ----------
    polarisation_rate, cycling_rate : float
        :math:`\Gamma_p` and :math:`\Gamma_c` at full saturation, 1/s.
    largest_contrast : float
        :math:`\Theta`.
    saturated_rate : float
        Detected photons of one centre at full saturation, 1/s.
    sensors : float
        Number of centres.
    dephasing_time, relaxation_time : float
        :math:`T_2^*` and :math:`T_1` without light, s; infinite by default.

    Notes
    -----
    Without the last two these are eqs. 10 to 12 of Dréau et al., Phys. Rev. B 84,
    195204 (2011), with the rates fitted there to a single centre as default values
    (as quoted by others: of the paper itself only the abstract was read). The
    population of the excited state is neglected, and the contrast does not fall at
    high saturation for other reasons, such as the charge of the centre; a model of
    the photophysics can take this one's place in `optimise`.
    """

    polarisation_rate: float = 5e6
    cycling_rate: float = 8e7
    largest_contrast: float = 0.2
    saturated_rate: float = 250e3
    sensors: float = 1.0
    dephasing_time: float = math.inf
    relaxation_time: float = math.inf

    def __post_init__(self) -> None:
        checks.positive("polarisation_rate", self.polarisation_rate, "1/s")
        checks.positive("cycling_rate", self.cycling_rate, "1/s")
        checks.positive("saturated_rate", self.saturated_rate, "1/s")
        checks.positive("sensors", self.sensors)
        checks.between("largest_contrast", self.largest_contrast, 1e-12, 1.0)
        for name in ("dephasing_time", "relaxation_time"):
            if getattr(self, name) != math.inf:
                checks.positive(name, getattr(self, name), "s")

    def line(self, saturation: float, rabi_frequency: float) -> ContinuousWave:
        """Return the line, whose ``pumping_rate`` is that on its flank.

        Parameters
        ----------
        saturation : float
            Power of the laser over that of saturation, s.
        rabi_frequency : float
            Of the microwave, Hz.
        """
        checks.positive("saturation", saturation)
        checks.positive("rabi_frequency", rabi_frequency, "Hz")
        x = saturation / (1.0 + saturation)
        drive = (2.0 * math.pi * rabi_frequency) ** 2
        pumping = 2.0 * self.polarisation_rate * x
        relaxing = pumping + 1.0 / self.relaxation_time
        losing = 0.5 * self.cycling_rate * x + 1.0 / self.dephasing_time
        flipped = drive / (drive + relaxing * losing)
        half = math.sqrt(losing**2 + drive * losing / relaxing)
        flank = losing**2 + half**2 / 3.0  # detuned to the steepest slope
        return ContinuousWave(
            linewidth=half / math.pi,
            contrast=self.largest_contrast * pumping / relaxing * flipped,
            rate=self.sensors * self.saturated_rate * x,
            gyromagnetic_ratio=GYROMAGNETIC_RATIO,
            pumping_rate=relaxing + drive * losing / flank,
        )
