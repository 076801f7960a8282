"""Envelopes of two or three waves that mix in a crystal: the coupled equations.

Each wave has its carrier and its polarisation, and only the one mixing couples them:
for pulses so long that their carriers need not be sampled.
"""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.laser.fourier import ComplexTransform
from qleap.laser.grid import Grid
from qleap.laser.media.mixing import ThreeWaveMixing
from qleap.laser.propagation.crystal_equation import Cut
from qleap.laser.propagation.linear import UniformLinear, VaryingLinear

__all__ = ["CoupledWaves"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]


class CoupledWaves:
    r"""Amplitudes over the square root of the frequency, sqrt(W s), shape (waves, n).

    Parameters
    ----------
    mixing : ThreeWaveMixing
        The waves; where the first two are one and the same, there are two rows.
    cut : Cut
        The crystal. Poling counts by its first Fourier component,
        :math:`\tfrac2\pi\sin\pi D`, and its wave number.
    grid : Grid
        Detunings from each wave's carrier. Those beyond two thirds of the largest do
        not couple: a product of two waves would fold back there, to another energy.

    Notes
    -----
    With :math:`e_j` the amplitudes times :math:`g = \sqrt{\omega/(n\cos^2\rho)}`,

    .. math:: \partial_z b_3 = i\beta b_3 + i\kappa g\,e_1 e_2,\qquad
              \partial_z b_{1} = i\beta b_{1} + i\kappa g\,e_{2}^* e_3

    and :math:`\kappa = 2d/\sqrt{2\varepsilon_0c^3A}`: photons are conserved exactly
    as Manley and Rowe say, at every frequency of the envelopes.
    """

    def __init__(self, mixing: ThreeWaveMixing, cut: Cut, grid: Grid) -> None:
        waves = list(zip(mixing.all_wavelengths, mixing.polarisations, strict=True))
        self.degenerate = waves[0] == waves[1]
        self.waves = waves[1:] if self.degenerate else waves
        carriers = 2.0 * np.pi * SPEED_OF_LIGHT / np.array([x for x, _ in self.waves])
        self.omega = carriers[:, None] + grid.detuning
        self.weights: Floats = np.ones(grid.n_points)
        at = (cut.theta, cut.phi)
        delay = cut.crystal.beta(1, *self.waves[0], *at)
        rates, factors = [], []
        for omega, carrier, (wavelength, name) in zip(
            self.omega, carriers, self.waves, strict=True
        ):
            index = cut.crystal.index(omega, name, *at, outside="extend")
            at_carrier = cut.crystal.beta(0, wavelength, name, *at)
            phase = omega * index / SPEED_OF_LIGHT - at_carrier
            rates.append(1j * (phase - delay * (omega - carrier)))
            rates[-1] -= 0.5 * cut.absorption_at(omega)
            cosine = math.cos(cut.crystal.walk_off(wavelength, name, *at))
            factors.append(np.sqrt(omega / index) / cosine)
        self.coupled: NDArray[np.bool_] = _below_two_thirds(grid)
        self._factor = np.stack(factors) * self.coupled
        self._linear = _linear(np.stack(rates), float(mixing.mismatch(*at)), cut)
        share = 1.0
        if cut.poling is not None:
            share = 2.0 / math.pi * math.sin(math.pi * cut.poling.duty_cycle)
        d = share * mixing.effective_nonlinearity(*at)
        scale = 2.0 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT**3 * cut.area
        self._kappa = 2.0 * d / math.sqrt(scale)
        shape = (len(self.waves), grid.n_points)
        self._transform = ComplexTransform(shape)
        self._scaled = np.empty(shape, np.complex128)
        self._field = np.empty(shape, np.complex128)

    @property
    def uniform(self) -> bool:
        """Whether the linear part is the same at every place."""
        return self._linear.uniform

    @property
    def walls(self) -> Floats:
        """None: poling is averaged."""
        return np.empty(0)

    def enter(self, position: float) -> None:
        """Change nothing."""

    def propagator_into(self, start: float, end: float, out: Complex) -> None:
        """Write the factor of the linear part into ``out``."""
        self._linear.propagator_into(start, end, out)

    def nonlinear_into(
        self,
        position: float,  # noqa: ARG002
        amplitudes: Complex,
        out: Complex,
    ) -> None:
        """Write the coupling per length into ``out``."""
        np.multiply(amplitudes, self._factor, out=self._scaled)
        self._transform.to_time_into(self._scaled, self._field)
        if self.degenerate:
            low, high = self._field.copy()
            self._field[0] = np.conj(low) * high
            self._field[1] = 0.5 * low * low
        else:
            first, second, third = self._field.copy()
            self._field[0] = np.conj(second) * third
            self._field[1] = np.conj(first) * third
            self._field[2] = first * second
        self._transform.to_frequency_into(self._field, out)
        out *= self._factor
        out *= 1j * self._kappa


def _below_two_thirds(grid: Grid) -> NDArray[np.bool_]:
    """Return which detunings couple: products of two then fold onto none of them."""
    index = np.fft.fftfreq(grid.n_points, 1.0 / grid.n_points)
    return np.asarray(np.abs(index) < grid.n_points / 3.0)


def _linear(rates: Complex, mismatch: float, cut: Cut) -> UniformLinear | VaryingLinear:
    """Return the linear part, the mismatch put on the last wave."""
    poling = cut.poling
    sign = math.copysign(1.0, mismatch)

    def at(position: float) -> Complex:
        wave = 0.0 if poling is None else poling.wave_number(position, cut.length)
        here = rates.copy()
        here[-1] += 1j * (mismatch - sign * wave)
        return here

    if poling is None or poling.end_period is None:
        return UniformLinear(at(0.0))
    return VaryingLinear(at)
