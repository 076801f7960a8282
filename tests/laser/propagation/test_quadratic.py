"""Second-order mixing of continuous waves against closed forms and SciPy."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.constants import c, epsilon_0
from scipy.integrate import solve_ivp
from scipy.optimize import brentq
from scipy.special import ellipj

from qleap.core.errors import InvalidValue
from qleap.laser._kernels import quadratic as kernels
from qleap.laser._reference import quadratic as reference
from qleap.laser.grid import FieldGrid
from qleap.laser.media import Crystal, ThreeWaveMixing
from qleap.laser.propagation.crystal_equation import CrystalEquation, Cut
from qleap.laser.propagation.crystal_waves import rotated_tensor
from qleap.laser.propagation.integrator import Snapshot, march
from qleap.laser.propagation.quadratic import Poling, Quadratic

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

BBO = Crystal(name="BBO")
DOUBLING = ThreeWaveMixing.second_harmonic(BBO, 1.064e-6, "ooe")
MATCHED = float(DOUBLING.matching_angles()[0])
AREA, INTENSITY, CYCLES = 1e-8, 1e13, 32


def grid_of(wavelength: float, cycles: int, *, last: float) -> FieldGrid:
    """Return a grid on which ``wavelength`` is the bin ``cycles``."""
    omega = 2.0 * np.pi * c / wavelength
    return FieldGrid(
        n_points=512,
        window=cycles * wavelength / c,
        wavelength=wavelength,
        band=(0.2 * omega, last * omega),
    )


def travel(
    cut: Cut,
    grid: FieldGrid,
    entering: Complex,
    places: Floats,
    *,
    tolerance: float = 1e-9,
    step: float = 1e-5,
) -> Complex:
    """Return the amplitudes at the places."""
    start = Snapshot(position=0.0, amplitudes=entering, step=step)
    equation = CrystalEquation(cut, grid, cut.crystal.polarisations[0])
    wanted = places.tolist()
    lights = march(start, equation, wanted, tolerance=tolerance)
    return np.stack([x.amplitudes.copy() for x in lights if x.position in wanted])


def wave(row: int, column: int, intensity: float, grid: FieldGrid) -> Complex:
    amplitudes = np.zeros((2, grid.n_frequencies), complex)
    amplitudes[row, column] = math.sqrt(intensity * AREA)
    return amplitudes


def conversion_length(mixing: ThreeWaveMixing, theta: float, phi: float) -> float:
    """Return l of tanh^2(z / l), walk-off included, for `INTENSITY`."""
    first, _, third = mixing.all_wavelengths
    n1, n3 = (
        float(BBO.refractive_index(x, p, theta))
        for x, p in ((first, "o"), (third, "e"))
    )
    d = mixing.effective_nonlinearity(theta, phi)
    omega = 2.0 * np.pi * c / first
    square = 2.0 * omega**2 * d**2 * INTENSITY / (n1**2 * n3 * epsilon_0 * c**3)
    return math.cos(mixing.walk_offs(theta)[2]) / math.sqrt(square)


def doubled(theta: float, places: Floats) -> Floats:
    grid = grid_of(1.064e-6, CYCLES, last=2.5)
    entering = wave(0, CYCLES, INTENSITY, grid)
    cut = Cut(
        crystal=BBO, length=float(places[-1]), theta=theta, phi=np.pi / 2, area=AREA
    )
    found = travel(cut, grid, entering, places)
    power = np.abs(found[:, 1, 2 * CYCLES]) ** 2
    return np.asarray(power / (INTENSITY * AREA))


def test_kernel_and_twin_agree(rng: np.random.Generator) -> None:
    tensor, field = rng.standard_normal((3, 6)), rng.standard_normal((3, 1000))
    found = [np.ones((3, 1000)), np.ones((3, 1000))]
    for module, out in zip((kernels, reference), found, strict=True):
        module.add_quadratic_into(tensor, 0.3, field, out)
    assert_allclose(found[0], found[1], rtol=1e-12, atol=1e-13)


def test_the_polarisation_is_the_contraction_of_the_tensor(
    rng: np.random.Generator,
) -> None:
    d, field = rng.standard_normal((3, 3, 3)), rng.standard_normal((3, 20))
    d = d + d.transpose(0, 2, 1)
    found, none = np.zeros((3, 20)), np.zeros((3, 20))
    Quadratic(d, 0.7).add_into(0.0, field, found, none)
    expected = 2.0 * np.einsum("ijk,jt,kt->it", d, field, field)
    expected += 0.7 * np.sum(field**2, axis=0) * field
    assert_allclose(found, epsilon_0 * expected, rtol=1e-10, atol=1e-13 * epsilon_0)


def test_the_tensor_in_the_frame_of_the_wave_gives_the_effective_nonlinearity() -> None:
    lbo = Crystal(name="LBO")
    theta, phi = 0.9, 0.3
    mixing = ThreeWaveMixing.second_harmonic(lbo, 1.064e-6, "ssf")
    rows = np.array(
        [
            [np.cos(theta) * np.cos(phi), np.cos(theta) * np.sin(phi), -np.sin(theta)],
            [-np.sin(phi), np.cos(phi), 0.0],
            [np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)],
        ]
    )
    slow = rows @ lbo.field_direction(1.064e-6, "s", theta, phi)
    fast = rows @ lbo.field_direction(0.532e-6, "f", theta, phi)
    d = rotated_tensor(lbo, theta, phi)
    found = abs(np.einsum("ijk,i,j,k", d, fast, slow, slow))
    expected = mixing.effective_nonlinearity(theta, phi)
    assert found == pytest.approx(expected, rel=1e-12, abs=0.0)


def test_matched_doubling_depletes_as_the_hyperbolic_tangent() -> None:
    # J. A. Armstrong et al., Phys. Rev. 127, 1918 (1962): tanh^2(z / l).
    length = conversion_length(DOUBLING, MATCHED, np.pi / 2)
    places = np.linspace(0.4, 2.8, 4) * length
    expected = np.tanh(places / length) ** 2
    assert_allclose(doubled(MATCHED, places), expected, rtol=1e-6)


@pytest.mark.parametrize("turn", [3e-4, -1e-3])
def test_mismatched_doubling_with_depletion_is_jacobis_function(turn: float) -> None:
    # Ibid.: v^2 sn^2(z / (l v), v^4), 1 / v = s / 4 + sqrt(1 + (s / 4)^2), s = dk l.
    theta = MATCHED + turn
    length = conversion_length(DOUBLING, theta, np.pi / 2)
    s = abs(float(DOUBLING.mismatch(theta))) * length
    v = 1.0 / (s / 4.0 + math.sqrt(1.0 + (s / 4.0) ** 2))
    places = np.linspace(0.2, 4.0, 12) * length
    sn = ellipj(places / (length * v), v**4)[0]
    assert_allclose(doubled(theta, places), v**2 * sn**2, rtol=1e-6, atol=1e-9)
    assert s > 0.5


def test_weak_doubling_is_the_square_of_the_cardinal_sine() -> None:
    theta = MATCHED + 2e-3
    mismatch = float(DOUBLING.mismatch(theta))
    grid = grid_of(1.064e-6, CYCLES, last=2.5)
    places = np.linspace(0.1, 1.0, 10) * 8.0 / abs(mismatch)
    cut = Cut(
        crystal=BBO, length=float(places[-1]), theta=theta, phi=np.pi / 2, area=AREA
    )
    entering = wave(0, CYCLES, 1e-6 * INTENSITY, grid)
    ended = travel(cut, grid, entering, places, tolerance=1e-12)
    found = np.abs(ended[:, 1, 2 * CYCLES]) ** 2
    length = conversion_length(DOUBLING, theta, np.pi / 2) * 1e3
    expected = (places / length) ** 2 * np.sinc(0.5 * mismatch * places / np.pi) ** 2
    scale = 1e-6 * INTENSITY * AREA
    assert_allclose(found / scale, expected, rtol=1e-5, atol=1e-6 * expected.max())


def coupled(z: float, a: Complex, kappa: float, mismatch: float) -> Complex:
    """Three waves in square roots of photon fluxes."""
    turn = np.exp(1j * mismatch * z)
    return np.array(
        [
            1j * kappa * np.conj(a[1]) * a[2] * turn,
            1j * kappa * np.conj(a[0]) * a[2] * turn,
            1j * kappa * a[0] * a[1] * np.conj(turn),
        ]
    )


def coupling(mixing: ThreeWaveMixing, theta: float, phi: float) -> float:
    """Return kappa for amplitudes in sqrt(W s): da3/dz = i kappa a1 a2."""
    crystal, product = mixing.crystal, 1.0
    for x, p in zip(mixing.all_wavelengths, mixing.polarisations, strict=True):
        index = float(crystal.refractive_index(x, p, theta, phi))
        cosine = math.cos(crystal.walk_off(x, p, theta, phi))
        product *= 2.0 * np.pi * c / x / (index * cosine**2)
    d = mixing.effective_nonlinearity(theta, phi)
    return 2.0 * d * math.sqrt(product / (2.0 * epsilon_0 * c**3 * AREA))


@pytest.mark.parametrize("turn", [0.0, 4e-4])
def test_three_waves_follow_the_coupled_equations_of_scipy(turn: float) -> None:
    # Type II sum of 1.2 um (o) and 0.9 um (e): bins 30 and 40 make 70.
    mixing = ThreeWaveMixing(
        crystal=BBO, wavelengths=(1.2e-6, 0.9e-6), polarisations="oee"
    )
    theta, phi = float(mixing.matching_angles()[0]) + turn, 0.0
    grid = grid_of(1.2e-6, 30, last=2.7)
    entering = wave(0, 30, 6e11, grid) + wave(1, 40, 2.8e11, grid)
    places = np.linspace(5e-3, 30e-3, 6)
    cut = Cut(crystal=BBO, length=30e-3, theta=theta, phi=phi, area=AREA)
    found = travel(cut, grid, entering, places, tolerance=1e-7)
    omega = 2.0 * np.pi * c / np.array(mixing.all_wavelengths)
    start = np.array([entering[0, 30], entering[1, 40], 0.0]) / np.sqrt(omega)
    ours = found[:, [0, 1, 1], [30, 40, 70]] / np.sqrt(omega)
    mismatch = float(mixing.mismatch(theta, phi))
    kappa = coupling(mixing, theta, phi)
    solved = solve_ivp(
        coupled, (0.0, 30e-3), start, "DOP853", places, rtol=1e-11, atol=1e-20,
        args=(kappa, mismatch),
    )  # fmt: skip
    # What does not match takes a little, and is not in the equations.
    scale = np.abs(start).max() ** 2
    assert_allclose(np.abs(ours.T) ** 2, np.abs(solved.y) ** 2, atol=3e-4 * scale)
    assert np.abs(solved.y[2]).max() ** 2 > 0.1 * scale


def amplified(length: float, pump: float, signal: float) -> tuple[Floats, float, float]:
    """Return powers of signal, idler and pump over theirs, and the gain's exponent."""
    mixing = ThreeWaveMixing.parametric(
        BBO, pump=0.532e-6, signal=0.532e-6 * 50 / 28, polarisations="ooe"
    )
    theta, phi = float(mixing.matching_angles()[0]), np.pi / 2
    grid = grid_of(0.532e-6, 50, last=1.3)
    entering = wave(1, 50, pump, grid) + wave(0, 28, signal, grid)
    cut = Cut(crystal=BBO, length=length, theta=theta, phi=phi, area=AREA)
    (found,) = travel(cut, grid, entering, np.array([length]), tolerance=1e-8)
    omega = 2.0 * np.pi * c / mixing.all_wavelengths[2]
    exponent = coupling(mixing, theta, phi) * math.sqrt(pump * AREA / omega) * length
    photons = np.abs(found[[0, 0, 1], [28, 22, 50]]) ** 2 / np.array([28, 22, 50])
    return photons, exponent, signal * AREA / 28


def test_parametric_gain_is_the_square_of_the_hyperbolic_cosine() -> None:
    photons, exponent, entered = amplified(2e-2, 1e12, 1e6)
    assert exponent > 3.0
    gain = math.cosh(exponent) ** 2
    assert photons[0] / entered == pytest.approx(gain, rel=3e-4)
    assert photons[1] / entered == pytest.approx(gain - 1.0, rel=3e-4)


def test_signal_and_idler_gain_the_photons_that_the_pump_loses() -> None:
    # J. M. Manley and H. E. Rowe, Proc. IRE 44, 904 (1956).
    photons, _, entered = amplified(3e-2, 1e12, 1e10)
    lost = 1e12 * AREA / 50 - photons[2]
    assert lost > 0.3 * 1e12 * AREA / 50
    assert photons[0] - entered == pytest.approx(lost, rel=1e-4, abs=0.0)
    assert photons[1] == pytest.approx(lost, rel=1e-4, abs=0.0)


def test_a_cascade_turns_the_phase_as_a_nonlinear_index_does() -> None:
    # R. DeSalvo et al., Opt. Lett. 17, 28 (1992):
    # n2 = -4 pi d^2 / (c eps0 lambda n1^2 n3 dk) far from matching.
    theta = MATCHED + 0.06
    mismatch = float(DOUBLING.mismatch(theta))
    grid = grid_of(1.064e-6, CYCLES, last=2.5)
    whole = 2.0 * np.pi / abs(mismatch) * 20
    cut = Cut(crystal=BBO, length=whole, theta=theta, phi=np.pi / 2, area=AREA)
    entering = wave(0, CYCLES, INTENSITY, grid)
    weak = travel(cut, grid, 1e-4 * entering, np.array([whole]))
    strong = travel(cut, grid, entering, np.array([whole]))
    turned = np.angle(strong[0, 0, CYCLES] / weak[0, 0, CYCLES])
    length = conversion_length(DOUBLING, theta, np.pi / 2)
    assert turned == pytest.approx(-whole / (length**2 * mismatch), rel=1e-3, abs=0.0)
    assert abs(turned) > 1e-3


NIOBATE = Crystal(name="MgO:LiNbO3")
POLED = ThreeWaveMixing.second_harmonic(NIOBATE, 1.55e-6, "eee")


@pytest.mark.parametrize(
    ("order", "duty_cycle", "factor"),
    [
        (1, 0.5, 2.0 / np.pi),
        (1, 0.3, 2.0 / np.pi * np.sin(0.3 * np.pi)),
        (3, 0.5, 2.0 / (3.0 * np.pi)),
    ],
)
def test_poling_leaves_its_fourier_component_of_the_nonlinearity(
    order: int, duty_cycle: float, factor: float
) -> None:
    # M. M. Fejer et al., IEEE J. Quantum Electron. 28, 2631 (1992).
    poling = Poling(period=POLED.poling_period(order=order), duty_cycle=duty_cycle)
    grid = grid_of(1.55e-6, CYCLES, last=2.5)
    cut = Cut(
        crystal=NIOBATE, length=12 * poling.period, theta=np.pi / 2, phi=0.0,
        area=AREA, poling=poling,
    )  # fmt: skip
    entering = wave(1, CYCLES, 1e8, grid)
    (found,) = travel(cut, grid, entering, np.array([cut.length]), tolerance=1e-11)
    n1, n3 = (
        float(NIOBATE.refractive_index(x, "e", np.pi / 2)) for x in (1.55e-6, 0.775e-6)
    )
    omega = 2.0 * np.pi * c / 1.55e-6
    square = (
        2.0 * omega**2 * (factor * 25e-12) ** 2 * 1e8 / (n1**2 * n3 * epsilon_0 * c**3)
    )
    efficiency = np.abs(found[1, 2 * CYCLES]) ** 2 / (1e8 * AREA)
    assert efficiency == pytest.approx(square * cut.length**2, rel=2e-5, abs=0.0)


def test_walls_of_a_chirped_grating_are_where_its_phase_says() -> None:
    poling = Poling(period=20e-6, duty_cycle=0.4, end_period=12e-6)
    walls = poling.walls(1e-3)
    first, last = 1 / 20e-6, 1 / 12e-6

    def counted(z: float) -> float:
        return first * z + 0.5 * (last - first) * z**2 / 1e-3

    expected = [0.4 + k for k in range(70)] + [float(k) for k in range(1, 70)]
    expected = sorted(x for x in expected if x < counted(1e-3))
    places = [
        brentq(lambda z, x=x: counted(z) - x, 0, 1e-3, xtol=1e-18) for x in expected
    ]
    assert_allclose(walls, places, rtol=1e-9)
    assert poling.wave_number(1e-3, 1e-3) == pytest.approx(2 * np.pi / 12e-6)
    with pytest.raises(InvalidValue, match="period must be >="):
        Poling(period=1e-9).walls(1.0)


def test_no_step_crosses_a_wall() -> None:
    poling = Poling(period=POLED.poling_period())
    cut = Cut(
        crystal=NIOBATE, length=5.3 * poling.period, theta=np.pi / 2, phi=0.0,
        area=AREA, poling=poling,
    )  # fmt: skip
    grid = grid_of(1.55e-6, CYCLES, last=2.5)
    equation = CrystalEquation(cut, grid, "e")
    start = Snapshot(
        position=0.0, amplitudes=wave(1, CYCLES, 1e8, grid), step=cut.length
    )
    met = [x.position for x in march(start, equation, [cut.length], tolerance=0.0)]
    assert met == [*poling.walls(cut.length).tolist(), cut.length]


def test_the_error_falls_with_the_fourth_power_of_the_step() -> None:
    length = 3e-3
    grid = grid_of(1.064e-6, CYCLES, last=2.5)
    cut = Cut(crystal=BBO, length=length, theta=MATCHED, phi=np.pi / 2, area=AREA)
    entering = wave(0, CYCLES, INTENSITY, grid)
    lights = [
        travel(cut, grid, entering, np.array([length]), tolerance=0.0, step=length / n)
        for n in (8, 16, 32, 256)
    ]
    errors = [float(np.linalg.norm(x - lights[-1])) for x in lights[:-1]]
    orders = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert_allclose(orders, 4.0, atol=0.25)


def test_absorption_takes_its_share_of_each_wavelength() -> None:
    grid = grid_of(1.064e-6, CYCLES, last=2.5)
    cut = Cut(
        crystal=BBO, length=1e-2, theta=0.1, phi=0.0, area=AREA,
        absorption=lambda wavelengths: np.where(wavelengths < 0.8e-6, 200.0, 30.0),
    )  # fmt: skip
    entering = wave(0, CYCLES, 1.0, grid) + wave(1, 2 * CYCLES, 1.0, grid)
    (found,) = travel(cut, grid, entering, np.array([1e-2]))
    power = np.abs(found[[0, 1], [CYCLES, 2 * CYCLES]]) ** 2 / AREA
    assert_allclose(power, np.exp([-0.3, -2.0]), rtol=1e-8)


def test_the_third_order_response_turns_the_phase_by_the_intensity() -> None:
    cut = Cut(crystal=BBO, length=1e-3, theta=0.0, phi=np.pi / 2, area=AREA, n2=5e-20)
    grid = grid_of(1.064e-6, CYCLES, last=1.6)
    entering = wave(1, CYCLES, 1e15, grid)
    (found,) = travel(cut, grid, entering, np.array([1e-3]))
    (weak,) = travel(cut, grid, 1e-6 * entering, np.array([1e-3]))
    turned = np.angle(found[1, CYCLES] / weak[1, CYCLES])
    expected = 2.0 * np.pi / 1.064e-6 * 5e-20 * 1e15 * 1e-3
    assert turned == pytest.approx(expected, rel=1e-2)


def test_what_absorption_returns_is_checked() -> None:
    cut = Cut(
        crystal=BBO, length=1e-2, theta=0.1, phi=0.0, area=AREA,
        absorption=lambda wavelengths: -wavelengths,
    )  # fmt: skip
    with pytest.raises(InvalidValue, match="absorption must return one number >= 0"):
        CrystalEquation(cut, grid_of(1.064e-6, CYCLES, last=2.5), "o")
