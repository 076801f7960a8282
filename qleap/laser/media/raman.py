"""Delayed nonlinear responses, exactly normalised.

A response is ``R(t) = (1 - f) delta(t) + f h(t)`` with ``int h dt = 1``. It is used
through its Fourier transform ``int h(t) exp(+i Omega t) dt``, which is known in
closed form: sampling ``h`` in time instead leaves its integral off by about
``(step/tau)^2``, and 0.15 % there moves a supercontinuum by several per cent.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import wofz

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT

__all__ = ["RAMAN_MODELS", "RamanModel", "raman_model"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True, kw_only=True, slots=True)
class RamanModel:
    """A delayed response.

    Parameters
    ----------
    name : str
        As in `RAMAN_MODELS`, or that of a gas.
    fraction : float
        Part ``f`` of the nonlinearity that is delayed.
    transform : callable
        Detuning in rad/s to ``int h(t) exp(+i Omega t) dt``.
    source : str
        Where it was published.
    """

    name: str
    fraction: float
    transform: Callable[[NDArray[np.float64]], Complex]
    source: str

    def response(self, detuning: NDArray[np.float64]) -> Complex:
        """Return ``(1 - f) + f h~`` at ``detuning`` (rad/s)."""
        whole: Complex = 1.0 - self.fraction + self.fraction * self.transform(detuning)
        return whole


def _damped_oscillation(
    detuning: NDArray[np.float64], tau_period: float, tau_decay: float
) -> Complex:
    """Transform of ``exp(-t/tau_decay) sin(t/tau_period)`` of unit integral."""
    rate, omega = 1.0 / tau_decay, 1.0 / tau_period
    decay = rate - 1j * detuning
    return np.asarray((rate**2 + omega**2) / (decay**2 + omega**2), np.complex128)


def _blow_wood(detuning: NDArray[np.float64]) -> Complex:
    return _damped_oscillation(detuning, 12.2e-15, 32e-15)


def _lin_agrawal(detuning: NDArray[np.float64]) -> Complex:
    share, tau = 0.21, 96e-15
    pole = 1.0 / (1.0 - 1j * detuning * tau)
    boson = 2.0 * pole - pole**2
    return (1.0 - share) * _blow_wood(detuning) + share * boson


_MODES: Final = np.array(
    [
        (56.25, 1.00, 52.10, 17.37),
        (100.00, 11.40, 110.42, 38.81),
        (231.25, 36.67, 175.00, 58.33),
        (362.50, 67.67, 162.50, 54.17),
        (463.00, 74.00, 135.33, 45.11),
        (497.00, 4.50, 24.50, 8.17),
        (611.50, 6.80, 41.50, 13.83),
        (691.67, 4.60, 155.00, 51.67),
        (793.67, 4.20, 59.50, 19.83),
        (835.50, 4.50, 64.30, 21.43),
        (930.00, 2.70, 150.00, 50.00),
        (1080.00, 3.10, 91.00, 30.33),
        (1215.00, 3.00, 160.00, 53.33),
    ]
)
"""Hollenbeck and Cantrell's table 1: position, amplitude, full widths at half maximum
of the Gaussian and of the Lorentzian part; 1/cm."""


def _hollenbeck_cantrell(detuning: NDArray[np.float64]) -> Complex:
    """Transform of ``sum A sin(w t) exp(-g t - G^2 t^2 / 4)`` of unit integral."""
    whole = _broadened(np.asarray(detuning, np.float64))
    return np.asarray(whole / _broadened(np.zeros(1))[0].real, np.complex128)


def _broadened(detuning: Floats) -> Complex:
    """Return the transform without its norm.

    ``int_0^inf exp(-G^2 t^2/4 - (g - i s) t) dt = sqrt(pi)/G w((s + i g)/G)`` with the
    Faddeeva function w.
    """
    per_cm = 100.0 * math.pi * SPEED_OF_LIGHT
    total = np.zeros(detuning.shape, np.complex128)
    for position, amplitude, gaussian, lorentzian in _MODES:
        omega, spread, rate = (
            2.0 * position * per_cm,
            gaussian * per_cm,
            lorentzian * per_cm,
        )
        up = wofz((detuning + omega + 1j * rate) / spread)
        down = wofz((detuning - omega + 1j * rate) / spread)
        total += amplitude * math.sqrt(math.pi) / spread * (up - down) / 2j
    return total


RAMAN_MODELS: Final = {
    model.name: model
    for model in (
        RamanModel(
            name="blow-wood",
            fraction=0.18,
            transform=_blow_wood,
            source="K. J. Blow and D. Wood, IEEE J. Quantum Electron. 25, 2665 (1989)",
        ),
        RamanModel(
            name="lin-agrawal",
            fraction=0.245,
            transform=_lin_agrawal,
            source="Q. Lin and G. P. Agrawal, Opt. Lett. 31, 3086 (2006)",
        ),
        RamanModel(
            name="hollenbeck-cantrell",
            fraction=0.2,
            transform=_hollenbeck_cantrell,
            source="D. Hollenbeck and C. D. Cantrell, J. Opt. Soc. Am. B 19, 2886 "
            "(2002); fraction as in gnlse",
        ),
    )
}
"""Fused silica: one damped oscillation, the same with the boson peak, and thirteen
modes of intermediate broadening, which follow the measured gain."""


def raman_model(name: str) -> RamanModel:
    """Return the model called ``name``."""
    return RAMAN_MODELS[checks.one_of("raman", name, list(RAMAN_MODELS))]
