"""What a sensor with NV centres is, in the numbers that its sensitivity needs."""

import math
from dataclasses import dataclass
from typing import Any, Final

from qleap.core import checks
from qleap.core.constants import BOHR_MAGNETON, PLANCK
from qleap.core.errors import InvalidValue
from qleap.sensing.nv.centre import NVCentre

__all__ = ["GYROMAGNETIC_RATIO", "Device", "nv_count"]

GYROMAGNETIC_RATIO: Final = NVCentre.g_parallel * BOHR_MAGNETON / PLANCK
"""Of the NV ground state along its axis (Felton et al. 2009), Hz/T."""

CARBON_DENSITY: Final = 8.0 / 3.567e-10**3
"""Atoms in a cubic metre of diamond: eight in a cell of 0.3567 nm."""


def nv_count(ppm: float, volume: float, *, orientation_share: float = 0.25) -> float:
    """Return how many NV centres a volume holds.

    Parameters
    ----------
    ppm : float
        Concentration of NV-, parts per million of all atoms.
    volume : float
        Under the laser, m^3.
    orientation_share : float
        Share of the centres that is used: a quarter for one of four axes.
    """
    checks.positive("ppm", ppm)
    checks.positive("volume", volume, "m^3")
    checks.probability("orientation_share", orientation_share)
    return ppm * 1e-6 * CARBON_DENSITY * volume * orientation_share


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    r"""A sensor that is read out by pulses of light.

    Parameters
    ----------
    sensors : float
        Number of NV centres that sense; see `nv_count`.
    photons : float
        Photons that one centre sends out in one readout, mean of both states.
    contrast : float
        Visibility (a - b)/(a + b) of these.
    dephasing_time : float
        :math:`T_2^*`, s.
    initialisation, readout : float
        Duration of each, s.
    detection_efficiency : float
        Share of the photons that is detected.
    duty : float
        Share of the time in which the sensor measures at all.
    dephasing_exponent : float
        p of :math:`\exp[-(\tau/T_2^*)^p]`; 1 for ensembles.
    double_quantum_dephasing_time : float, optional
        s; by default half of :math:`T_2^*`, for magnetic noise.
    coherence_time : float, optional
        :math:`T_2` of a Hahn echo, s.
    coherence_exponent : float
        p of the echo.
    decoupling_exponent : float
        s of :math:`T_2^{(k)} = T_2 k^s` with k pulses; 2/3 in a bath of electron
        spins with a Lorentzian spectrum.
    relaxation_time : float, optional
        :math:`T_1`, s; :math:`T_2^{(k)}` stays below :math:`2 T_1`.
    gyromagnetic_ratio : float
        Hz/T for a change of the spin by one.
    """

    sensors: float
    photons: float
    contrast: float
    dephasing_time: float
    initialisation: float = 0.0
    readout: float = 0.0
    detection_efficiency: float = 1.0
    duty: float = 1.0
    dephasing_exponent: float = 1.0
    double_quantum_dephasing_time: float | None = None
    coherence_time: float | None = None
    coherence_exponent: float = 1.0
    decoupling_exponent: float = 2.0 / 3.0
    relaxation_time: float | None = None
    gyromagnetic_ratio: float = GYROMAGNETIC_RATIO

    def __post_init__(self) -> None:
        for name in ("sensors", "photons", "dephasing_exponent", "coherence_exponent"):
            checks.positive(name, getattr(self, name))
        checks.between("contrast", self.contrast, 1e-12, 1.0)
        checks.between("detection_efficiency", self.detection_efficiency, 1e-12, 1.0)
        checks.between("duty", self.duty, 1e-12, 1.0)
        checks.between("decoupling_exponent", self.decoupling_exponent, 0.0, 1.0)
        checks.positive("dephasing_time", self.dephasing_time, "s")
        checks.non_negative("initialisation", self.initialisation, "s")
        checks.non_negative("readout", self.readout, "s")
        checks.positive("gyromagnetic_ratio", self.gyromagnetic_ratio, "Hz/T")
        for name in (
            "double_quantum_dephasing_time", "coherence_time", "relaxation_time",
        ):  # fmt: skip
            if getattr(self, name) is not None:
                checks.positive(name, getattr(self, name), "s")

    @property
    def detected(self) -> float:
        """Photons detected from one centre in one readout, mean of both states."""
        return self.photons * self.detection_efficiency

    @property
    def readout_noise(self) -> float:
        r"""Noise of a readout over that of the spins, :math:`\sigma_R`.

        :math:`\sqrt{1 + 1/(C^2 n)}`, eq. 13 of Barry et al., Rev. Mod. Phys. 92,
        015004 (2020); see `qleap.sensing.nv.photophysics.readout_noise`.
        """
        from qleap.sensing.nv.photophysics import readout_noise

        half = self.contrast * self.detected
        return float(readout_noise(self.detected + half, self.detected - half))

    def cycle(self, sensing: float) -> float:
        """Return the time that one measurement takes with all overheads, s."""
        return (self.initialisation + sensing + self.readout) / self.duty

    def coherence_with(self, pulses: int) -> float:
        """Return the coherence time under decoupling with ``pulses`` pulses, s."""
        if self.coherence_time is None:
            raise InvalidValue(
                "coherence_time must be given for echoes, s, got None; "
                "dataclasses.replace(device, coherence_time=...)."
            )
        longer = self.coherence_time * math.pow(pulses, self.decoupling_exponent)
        if self.relaxation_time is None or pulses == 1:
            return longer
        return min(longer, max(2.0 * self.relaxation_time, self.coherence_time))

    def counts(self, population: Any) -> tuple[Any, Any]:
        r"""Return mean and variance of the photons detected in one readout.

        Parameters
        ----------
        population : array_like or Dual
            Of the bright state, P, from 0 to 1.

        Notes
        -----
        Each of N independent centres is bright or dark and sends a Poisson number
        of photons with the mean a or b:

        .. math:: \mu = N [b + (a-b) P], \quad
            \mathrm{Var} = \mu + N (a-b)^2 P (1-P).
        """
        half = self.contrast * self.detected
        dark = self.detected - half
        mean = self.sensors * (dark + 2.0 * half * population)
        spins = self.sensors * 4.0 * half**2 * population * (1.0 - population)
        return mean, mean + spins
