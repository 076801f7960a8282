"""The assembled equation against the one that fibres have of their own."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import scipy.fft
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core.constants import SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.core.errors import InvalidValue
from qleap.laser import Fibre, Grid, Pulse
from qleap.laser.fourier import ComplexTransform, RealTransform
from qleap.laser.grid import FieldGrid
from qleap.laser.propagation.equation import UnidirectionalEquation
from qleap.laser.propagation.fibre_equation import FibreEquation
from qleap.laser.propagation.integrator import Equation, Snapshot, Steps, march
from qleap.laser.propagation.linear import UniformLinear, VaryingLinear
from qleap.laser.propagation.mode_average import ModeAverage
from qleap.laser.propagation.responses import Kerr, KerrEnvelope

AREA, N2, LENGTH = 1e-8, 1e-23, 0.5
CHI3 = 4.0 / 3.0 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * N2
GRID = Grid(n_points=512, window=800e-15, wavelength=800e-9)
PULSE = Pulse(shape="gaussian", wavelength=800e-9, fwhm=30e-15, peak_power=1e10)
FIBRE = Fibre(
    length=LENGTH, wavelength=800e-9, betas=(20e-30,), raman=None,
    gamma=GRID.omega0 * N2 / (SPEED_OF_LIGHT * AREA),
)  # fmt: skip

Complex = NDArray[np.complex128]


def carried(equation: Equation, amplitudes: Complex, length: float = LENGTH) -> Complex:
    start = Snapshot(position=0.0, amplitudes=amplitudes, step=0.01)
    *_, last = march(start, equation, [length], tolerance=1e-9)
    return last.amplitudes


def envelopes(linear: UniformLinear | VaryingLinear) -> UnidirectionalEquation:
    return UnidirectionalEquation(
        linear,
        ModeAverage(lambda _: AREA),
        [KerrEnvelope(lambda _: CHI3)],
        ComplexTransform((1, GRID.n_points)),
        omega=GRID.omega,
        weights=GRID.omega0 / GRID.omega,
    )


def rates(scale: float = 1.0) -> Complex:
    beta = FIBRE.propagation_constant(GRID.omega, GRID.omega0)
    return np.asarray(1j * scale * beta, np.complex128)


def test_a_mode_of_one_area_obeys_the_equation_of_a_fibre() -> None:
    entering = np.fft.ifft(PULSE.envelope_on(GRID))
    expected = carried(FibreEquation(FIBRE, GRID), entering)
    found = carried(envelopes(UniformLinear(rates())), entering)
    assert_allclose(found, expected, atol=1e-6 * np.abs(expected).max())
    assert np.abs(np.abs(found) - np.abs(entering)).max() > 0.1 * np.abs(entering).max()


class Piecewise:
    """The equation of a fibre, without its kernel for whole steps."""

    uniform = True

    def __init__(self) -> None:
        equation = FibreEquation(dataclasses.replace(FIBRE, raman="blow-wood"), GRID)
        self.weights, self.whole = equation.weights, equation
        self.propagator_into = equation.propagator_into
        self.nonlinear_into = equation.nonlinear_into


def test_whole_steps_are_the_integrators_own() -> None:
    entering, pieces = np.fft.ifft(PULSE.envelope_on(GRID)), Piecewise()
    assert isinstance(pieces.whole, Steps)
    assert not isinstance(pieces, Steps)
    ours, theirs = carried(pieces.whole, entering), carried(pieces, entering)
    assert_allclose(ours, theirs, atol=1e-12 * np.abs(theirs).max())


def test_dispersion_that_rises_along_the_way_acts_by_its_integral() -> None:
    entering = np.fft.ifft(PULSE.envelope_on(GRID))
    equation = envelopes(VaryingLinear(lambda z: rates(2.0 * z / LENGTH)))
    found = np.empty_like(entering)
    equation.propagator_into(0.1, 0.4, found)
    assert_allclose(found, np.exp(rates() * (0.4**2 - 0.1**2) / LENGTH), rtol=1e-12)


def test_a_full_field_without_harmonics_is_the_envelope() -> None:
    # Carriers fall on a frequency of the grid, so that amplitudes go over one by one.
    grid = FieldGrid(
        n_points=4096, window=300 * 800e-9 / SPEED_OF_LIGHT, wavelength=800e-9,
        band=(0.1 * GRID.omega0, 2.4 * GRID.omega0),
    )  # fmt: skip
    narrow = Grid(n_points=512, window=grid.window, wavelength=800e-9)
    amplitudes = np.fft.ifft(PULSE.envelope_on(narrow))
    entering = np.zeros(grid.n_frequencies, np.complex128)
    places = 300 + np.round(narrow.detuning * grid.window / (2.0 * np.pi)).astype(int)
    entering[places] = amplitudes
    moved = grid.omega - grid.omega0
    full = UnidirectionalEquation(
        UniformLinear(1j * np.asarray(0.5 * 20e-30 * moved**2 + 0j)),
        ModeAverage(lambda _: AREA),
        [Kerr(lambda _: CHI3)],
        RealTransform((1, grid.n_points), grid.n_frequencies),
        omega=grid.omega,
        weights=grid.omega0 / np.maximum(grid.omega, grid.omega[1]),
        pass_band=grid.pass_band,
    )
    found = carried(full, entering, 0.1)
    expected = carried(FibreEquation(FIBRE, narrow), amplitudes, 0.1)
    assert_allclose(found[places], expected, atol=1e-4 * np.abs(expected).max())


def test_real_fields_and_their_amplitudes_belong_together() -> None:
    rng = np.random.default_rng(3)
    amplitudes = rng.standard_normal(17) + 1j * rng.standard_normal(17)
    amplitudes[0] = 0.0
    transform = RealTransform((64,), 17)
    field, back = np.empty(64), np.empty(17, np.complex128)
    transform.to_time_into(amplitudes, field)
    phase = np.exp(-2j * np.pi * np.outer(np.arange(64), np.arange(17)) / 64)
    assert_allclose(field, (phase @ amplitudes).real, atol=1e-13)
    transform.to_frequency_into(field, back)
    assert_allclose(back, amplitudes, atol=1e-14)


@pytest.mark.parametrize("shape", [(64,), (3, 512), (5, 16384)])
def test_bits_of_transforms_do_not_depend_on_the_threads(
    shape: tuple[int, ...],
) -> None:
    rng, n = np.random.default_rng(5), shape[-1]
    field = rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
    kept = (*shape[:-1], n // 4)
    found: list[list[NDArray[Any]]] = []
    for threads in (1, 2):
        whole, half = np.empty(shape, complex), np.empty(kept, complex)
        real = np.empty(shape)
        pairs = ComplexTransform(shape, threads)
        pairs.to_time_into(field, whole)
        packed = RealTransform(shape, kept[-1], threads)
        packed.to_frequency_into(np.ascontiguousarray(field.real), half)
        packed.to_time_into(half, real)
        found.append([whole, half, real])
    for one, two in zip(*found, strict=True):
        assert np.array_equal(one, two)
    assert_allclose(found[0][0], scipy.fft.fft(field), atol=1e-13 * np.sqrt(n))
    spectrum = 2.0 / n * scipy.fft.rfft(field.real).conj()[..., : kept[-1]]
    assert_allclose(found[0][1], spectrum, atol=1e-15)


@pytest.mark.parametrize("n_frequencies", [0, 33])
def test_more_frequencies_than_a_real_row_has_are_refused(n_frequencies: int) -> None:
    with pytest.raises(InvalidValue, match="n_frequencies must be between 1 and 32"):
        RealTransform((1, 64), n_frequencies)


def test_lengths_that_are_no_power_of_two_are_refused() -> None:
    with pytest.raises(InvalidValue, match="power of two >= 64, got 96"):
        RealTransform((96,), 17)
