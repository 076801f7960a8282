"""The parts of a gas-filled hollow guide, put together."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.fourier import ComplexTransform, RealTransform
from qleap.laser.grid import FieldGrid, Grid
from qleap.laser.guides.capillary import Capillary
from qleap.laser.guides.modes import Mode
from qleap.laser.guides.profiles import Profile
from qleap.laser.propagation.effects import (
    Effects,
    current_window,
    raman_lines,
    responses_of,
    rings,
)
from qleap.laser.propagation.equation import (
    Linear,
    Transverse,
    UnidirectionalEquation,
)
from qleap.laser.propagation.gas_raman import Lines
from qleap.laser.propagation.linear import (
    PolynomialLinear,
    UniformLinear,
    VaryingLinear,
)
from qleap.laser.propagation.mode_average import ModeAverage
from qleap.laser.propagation.multi_mode import (
    RadialModes,
    VectorModes,
    are_round,
)
from qleap.laser.propagation.responses import Plasma, PlasmaEnvelope
from qleap.laser.propagation.sources import Response
from qleap.laser.propagation.vector_responses import VectorKerr, VectorPlasma

__all__ = ["CapillaryEquation", "guide_rates"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]

PLASMAS = (Plasma, PlasmaEnvelope, VectorPlasma)


class CapillaryEquation(UnidirectionalEquation):
    """Light in modes of a hollow guide; amplitudes in sqrt(W).

    Of one mode the shape is ``(n,)`` and the field that of its effective area; of
    several it is ``(modes, n)``.

    Parameters
    ----------
    capillary : Capillary
        The guide and its gas.
    modes : sequence of Mode
        The first sets the frame's velocity.
    grid : Grid or FieldGrid
        Of envelopes or of real fields.
    effects : Effects
        The gas's answers.
    n_radial : int
        Points along the radius where there are several modes.
    """

    def __init__(
        self,
        capillary: Capillary,
        modes: Sequence[Mode],
        grid: Grid | FieldGrid,
        effects: Effects,
        n_radial: int = 16,
    ) -> None:
        transverse: Transverse
        vector = not are_round(modes)
        if vector:
            transverse = VectorModes(modes, capillary.core_radius_at, n_radial)
        elif len(modes) == 1:
            transverse = ModeAverage(
                _along(lambda z: capillary.effective_area(z, modes[0]), capillary)
            )
        else:
            transverse = RadialModes(modes, capillary.core_radius_at, n_radial)
        points = transverse.n_points
        transform: RealTransform | ComplexTransform
        if isinstance(grid, FieldGrid):
            transform = RealTransform((points, grid.n_points), grid.n_frequencies)
            band, lowest = grid.pass_band, grid.band[0]
        else:
            transform = ComplexTransform((points, grid.n_points))
            band, lowest = None, float(grid.omega.min())
        find = _vector_responses if vector else _responses
        responses = find(capillary, grid, effects, points)
        self.components = 2 if vector else 1
        self.plasma = next((r for r in responses if isinstance(r, PLASMAS)), None)
        super().__init__(
            _linear(capillary, modes, grid),
            transverse,
            responses,
            transform,
            omega=grid.omega,
            weights=grid.omega0 / np.maximum(grid.omega, lowest),
            pass_band=band,
            time_window=current_window(grid.n_points),
        )


def guide_rates(
    capillary: Capillary, modes: Sequence[Mode], grid: Grid | FieldGrid
) -> Callable[[float, float], Complex]:
    """Return the rates over density (1/m^3) and core radius (m), ``(modes, n)``, 1/m.

    ``i (beta - omega / v) - alpha / 2`` with the first mode's group velocity v at the
    grid's carrier, there.
    """
    omega = grid.omega

    def rates(density: float, radius: float) -> Complex:
        frame, _ = capillary.derivatives_of(grid.wavelength, density, radius, modes[0])
        rows = [
            omega
            * (
                1j
                * capillary.index_excess_of(omega, density, radius, mode)
                / SPEED_OF_LIGHT
                - 1j * frame
            )
            for mode in modes
        ]
        found = rows[0] if len(modes) == 1 else np.stack(rows)
        return np.asarray(found, np.complex128)

    return rates


def _linear(
    capillary: Capillary, modes: Sequence[Mode], grid: Grid | FieldGrid
) -> Linear:
    rates = guide_rates(capillary, modes, grid)
    radius, density = capillary.core_radius_at, capillary.number_density
    if capillary.uniform:
        return UniformLinear(rates(density(0.0), radius(0.0)))
    if isinstance(capillary.core_radius, Profile):
        return VaryingLinear(
            lambda z: rates(density(z), radius(z)), capillary.smooth_places
        )
    assert isinstance(capillary.pressure, Profile)
    found = [density(z) for z in capillary.pressure.positions]
    width = radius(0.0)
    if min(found) == max(found):
        return UniformLinear(rates(found[0], width))
    return PolynomialLinear(
        lambda value: rates(value, width),
        density,
        (min(found), max(found)),
        capillary.smooth_places,
    )


def _responses(
    capillary: Capillary, grid: Grid | FieldGrid, effects: Effects, points: int
) -> list[Response]:
    chi3, density = (
        _along(function, capillary)
        for function in (capillary.chi3, capillary.number_density)
    )
    lines = None
    if effects.raman:
        gas, kelvin = rings(capillary.gas), capillary.temperature

        def lines(position: float) -> Lines:
            return raman_lines(gas, capillary.number_density(position), kelvin)

    return responses_of(
        effects,
        grid,
        (points, grid.n_points),
        chi3=chi3,
        number_density=density,
        lines=lines,
    )


def _vector_responses(
    capillary: Capillary, grid: Grid | FieldGrid, effects: Effects, points: int
) -> list[Response]:
    """Return the answers to both components of the field."""
    chi3 = _along(capillary.chi3, capillary)
    density = _along(capillary.number_density, capillary)
    full = isinstance(grid, FieldGrid)
    if effects.raman or (effects.rates is not None and not full):
        raise InvalidValue(
            "modes of more than one polarisation must have raman=False, and real "
            "fields or plasma=None; take HE1m modes of one angle for the others."
        )
    if full and not effects.third_harmonic:
        raise InvalidValue(
            "modes of more than one polarisation make harmonics, if their fields are "
            "real; take full_field=False for third_harmonic=False."
        )
    found: list[Response] = [VectorKerr(chi3)] if effects.kerr else []
    if effects.rates is not None:
        shape = (points, grid.n_points)
        found.append(VectorPlasma(effects.rates, density, grid.step, shape))
    return found


def _along(
    function: Callable[[float], float], capillary: Capillary
) -> Callable[[float], float]:
    """Return the function, called once where it is the same everywhere."""
    if not capillary.uniform:
        return function
    value = function(0.0)
    return lambda _: value
