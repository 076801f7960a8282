"""Delayed nonlinear responses of glasses, exactly normalised.

A response is ``R(t) = (1 - f) delta(t) + f h(t)`` with ``int h dt = 1``. It is used
through its Fourier transform ``int h(t) exp(+i Omega t) dt``, which is known in
closed form: sampling ``h`` in time instead leaves its integral off by about
``(step/tau)^2``, and 0.15 % there moves a supercontinuum by several per cent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks

__all__ = ["RAMAN_MODELS", "RamanModel", "raman_model"]

Complex = NDArray[np.complex128]


@dataclass(frozen=True, kw_only=True, slots=True)
class RamanModel:
    """A delayed response.

    Parameters
    ----------
    name : str
        As in `RAMAN_MODELS`.
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
    )
}
"""Fused silica: one damped oscillation, and the same with the boson peak."""


def raman_model(name: str) -> RamanModel:
    """Return the model called ``name``."""
    return RAMAN_MODELS[checks.one_of("raman", name, list(RAMAN_MODELS))]
