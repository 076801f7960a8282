"""A single-mode guide: what it does to light of low and of high power."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.media.raman import RamanModel, raman_model

__all__ = ["Fibre"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fibre:
    r"""A fibre (or a piece of bulk medium) described at one wavelength.

    Parameters
    ----------
    length : float
        m.
    wavelength : float
        Where ``betas`` are the derivatives, m.
    betas : tuple of float
        :math:`\beta_2, \beta_3, \dots`, derivatives of the propagation constant
        after the angular frequency, s^2/m, s^3/m and so on.
    gamma : float
        Nonlinear coefficient at the carrier of the light, 1/(W m).
    loss : float
        Power loss :math:`\alpha`, 1/m.
    raman : str or None
        Delayed response, a name of `qleap.laser.media.raman.RAMAN_MODELS`; None for an
        instantaneous nonlinearity.
    self_steepening : bool
        Whether the nonlinearity grows with frequency, :math:`\gamma\,\omega/\omega_0`.
    """

    length: float
    wavelength: float
    betas: tuple[float, ...]
    gamma: float
    loss: float = 0.0
    raman: str | None = "blow-wood"
    self_steepening: bool = True

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        set_field(self, "length", checks.positive("length", self.length, "m"))
        checked = checks.positive("wavelength", self.wavelength, "m")
        set_field(self, "wavelength", checked)
        set_field(self, "betas", _checked_betas(self.betas))
        set_field(self, "gamma", checks.finite("gamma", self.gamma, "1/(W m)"))
        set_field(self, "loss", checks.non_negative("loss", self.loss, "1/m"))
        if self.raman is not None:
            raman_model(self.raman)

    @property
    def raman_response(self) -> RamanModel | None:
        """The delayed response, or None."""
        return None if self.raman is None else raman_model(self.raman)

    def propagation_constant(self, omega: Floats, carrier: float) -> Floats:
        """Return the phase per length in the frame of the carrier's group velocity.

        Parameters
        ----------
        omega : ndarray, shape (n,)
            Angular frequencies, rad/s.
        carrier : float
            Angular frequency of the carrier, rad/s.

        Returns
        -------
        ndarray, shape (n,)
            ``beta(omega) - beta(carrier) - beta'(carrier) (omega - carrier)``, 1/m.
        """
        centre = 2.0 * math.pi * SPEED_OF_LIGHT / self.wavelength
        taylor = [b / math.factorial(k) for k, b in enumerate(self.betas, start=2)]
        beta = np.polynomial.Polynomial([0.0, 0.0, *taylor])
        there = carrier - centre
        moved = omega - carrier
        tangent = beta(there) + beta.deriv()(there) * moved
        return np.asarray(beta(omega - centre) - tangent, dtype=np.float64)

    def group_velocity_dispersion(self, wavelength: float) -> float:
        """Return beta2 at ``wavelength`` (m), s^2/m."""
        checks.positive("wavelength", wavelength, "m")
        taylor = [b / math.factorial(k) for k, b in enumerate(self.betas, start=2)]
        beta = np.polynomial.Polynomial([0.0, 0.0, *taylor])
        moved = 2.0 * math.pi * SPEED_OF_LIGHT * (1 / wavelength - 1 / self.wavelength)
        return float(beta.deriv(2)(moved))

    def soliton_order(self, peak_power: float, t0: float) -> float:
        r"""Return :math:`N = \sqrt{\gamma P_0 T_0^2 / |\beta_2|}`, with the first beta.

        Parameters
        ----------
        peak_power : float
            W.
        t0 : float
            Width of :math:`\mathrm{sech}(t/T_0)` in the field, s.

        References
        ----------
        G. P. Agrawal, Nonlinear Fiber Optics (5th ed.), eq. (5.2.3).
        """
        if not self.betas or self.betas[0] == 0.0:
            raise InvalidValue("soliton_order needs beta2 other than 0 s^2/m, got 0.")
        power = checks.positive("peak_power", peak_power, "W")
        width = checks.positive("t0", t0, "s")
        return math.sqrt(abs(self.gamma * power * width**2 / self.betas[0]))


def _checked_betas(given: object) -> tuple[float, ...]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InvalidKind(
            "betas must be a sequence (beta2, beta3, ...) of numbers in s^2/m, s^3/m "
            f"and so on, got {given!r}; write one number as (number,)."
        )
    return tuple(
        checks.finite(f"beta{order}", value, f"s^{order}/m")
        for order, value in enumerate(given, start=2)
    )
