"""Rotation and vibration of gases: published lines and gain, classical limits."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.constants import Boltzmann, c, epsilon_0, hbar

from qleap.core.errors import InvalidValue
from qleap.laser import Material
from qleap.laser.media import RAMAN_GASES, GasRaman
from qleap.laser.media.raman_gas import AMAGAT, MOLECULES


def close(expected: object, rel: float = 1e-6) -> object:
    """Return what equals ``expected`` relatively; pytest alone lets 1e-12 pass."""
    return pytest.approx(expected, rel=rel, abs=0.0)


PER_CM = 200 * np.pi * c


def shifts(name: str, **options: float | bool) -> np.ndarray:
    """Return the shifts of the strongest four lines, 1/cm, strongest first."""
    gas = GasRaman(name=name, number_density=AMAGAT, **options)  # type: ignore[arg-type]
    omega, strength, _ = gas.lines()
    return np.asarray(omega[np.argsort(-np.abs(strength))[:4]] / PER_CM)


def test_hydrogen_has_its_known_lines() -> None:
    # S0(1) 587.03, S0(0) 354.37, Q(1) 4155.25 1/cm: textbook values, and Komasa et al.
    # (2011). Lines are a hundredth of 1/cm wide, so 0.1 % would not be enough.
    rotation = shifts("hydrogen", vibrational=False)
    assert_allclose(rotation[:2], [587.03, 354.37], rtol=1e-4)
    vibration = shifts("hydrogen", rotational=False)
    assert_allclose(vibration[:2], [4155.25, 4161.17], rtol=5e-6)


def test_deuterium_has_its_known_lines() -> None:
    # Komasa et al. (2011): Q(2), Q(1), Q(0); S0(2), S0(0), in 1/cm.
    vibration = shifts("deuterium", rotational=False)
    assert_allclose(vibration[:3], [2987.29, 2991.51, 2993.62], rtol=5e-6)
    rotation = shifts("deuterium", vibrational=False)
    assert_allclose(rotation[:2], [414.65, 179.07], rtol=2e-4)


def test_even_levels_of_nitrogen_weigh_twice_and_oxygen_has_none() -> None:
    gas = GasRaman(name="oxygen", number_density=AMAGAT, vibrational=False)
    omega, _, _ = gas.lines()
    # S(1), S(3), ...: 10 B, 18 B, 26 B apart by 8 B, where all J would be 4 B apart.
    step = np.diff(omega / PER_CM)[:3]
    assert_allclose(step, 8 * MOLECULES["oxygen"].rotation, rtol=2e-3)
    gas = GasRaman(name="nitrogen", number_density=AMAGAT, vibrational=False)
    _, strength, _ = gas.lines()
    near = strength[8] / np.sqrt(strength[7] * strength[9])
    assert near == close(2.0, rel=0.03)


def test_nitrogen_has_the_published_rotational_gain() -> None:
    # Herring, Dyer and Bischel, Opt. Lett. 11, 348 (1986): 4.8e-12 cm/W (5 %) for the
    # strongest line, Stokes light of 568 nm, room temperature. Theirs holds a larger
    # anisotropy at 568 nm and a narrower line than the one width of all lines here.
    gas = GasRaman(
        name="nitrogen", number_density=AMAGAT, temperature=295.0, vibrational=False
    )
    omega, strength, rate = gas.lines()
    line = omega[np.argmax(strength / rate)]
    response = gas.polarisability(np.array([line]))[0]
    stokes = 2 * np.pi * c / 568e-9
    gain = stokes * response.imag / (epsilon_0 * c) ** 2
    assert gain * 1e2 == close(4.8e-12, rel=0.2)


def test_warm_rotors_answer_with_three_quarters_of_the_classical_orientation() -> None:
    # Dipoles along a static field: <cos^2> - 1/3 = (2/45) d_alpha E^2 / kT. A rotor in
    # free flight lacks the part that does not rotate, one quarter of the variance.
    # Quanta lower it by about 2 B/kT, 0.7 % here.
    temperature, density = 900.0, AMAGAT
    gas = GasRaman(
        name="nitrogen",
        number_density=density,
        temperature=temperature,
        vibrational=False,
    )
    anisotropy = 4 * np.pi * epsilon_0 * 6.7e-31
    classical = density * anisotropy**2 * 2 / 45 / (Boltzmann * temperature)
    found = gas.polarisability(np.zeros(1))[0].real
    assert found == close(0.75 * classical, rel=0.01)


def test_a_slow_vibration_follows_like_a_spring() -> None:
    # Q = alpha' E^2 / (2 mu omega^2), P = N alpha' Q E.
    gas = GasRaman(name="nitrogen", number_density=AMAGAT, rotational=False)
    slope = 4 * np.pi * epsilon_0 * 1.75e-20
    reduced = 14.0067e-3 / 6.02214076e23 / 2
    spring = AMAGAT * slope**2 / (2 * reduced * (2329.9 * PER_CM) ** 2)
    found = gas.polarisability(np.zeros(1))[0].real
    assert found == close(spring, rel=2e-3)


@pytest.mark.parametrize("name", RAMAN_GASES)
def test_the_transform_is_that_of_the_sum_of_oscillations(name: str) -> None:
    # Thick gas, so that the sum in time ends soon.
    gas = GasRaman(name=name, number_density=300 * AMAGAT)
    omega, strength, rate = gas.lines()
    step = 2e-16
    t = (np.arange(60_000) + 0.5) * step
    response = np.zeros_like(t)
    for w, k, g in zip(omega, strength, rate, strict=True):
        response += k * np.sin(w * t) * np.exp(-g * t)
    # The rest of the tail matters where lines are narrow: window it the same way.
    for detuning in (0.0, 2e13):
        decayed = response * np.exp(1j * (detuning + 3e12j) * t)
        expected = np.sum(decayed) * step
        exact = sum(
            k * w / ((g + 3e12 - 1j * detuning) ** 2 + w**2)
            for w, k, g in zip(omega, strength, rate, strict=True)
        )
        assert expected == close(exact, rel=0.02)
        total = gas.polarisability(np.array([detuning]))[0]
        lorentz = np.sum(strength * omega / ((rate - 1j * detuning) ** 2 + omega**2))
        assert total == close(lorentz, rel=1e-12)


def test_response_and_strength_go_with_density_while_lines_broaden() -> None:
    thin = GasRaman(name="nitrogen", number_density=AMAGAT)
    thick = GasRaman(name="nitrogen", number_density=10 * AMAGAT)
    assert thick.chi3 == close(10 * thin.chi3, rel=1e-3)
    assert_allclose(thick.lines()[2], 10 * thin.lines()[2])


def test_hydrogens_vibration_is_narrowest_where_diffusion_and_collisions_balance() -> (
    None
):
    # Bischel and Dyer: 309/rho + 52.2 rho MHz, least at 2.4 amagat.
    def width(amagats: float) -> float:
        gas = GasRaman(
            name="hydrogen", number_density=amagats * AMAGAT, rotational=False
        )
        return float(gas.lines()[2][0] / np.pi)

    least = np.sqrt(309 / 52.2)
    assert width(least) == close(2 * np.sqrt(309e6 * 52.2e6))
    assert width(0.5 * least) > width(least) < width(2 * least)
    # In thin gas the Doppler width, about 1 GHz, is the end of it.
    assert 0.8e9 < width(1e-3) < 1.2e9


def test_the_model_is_normalised_and_shares_the_nonlinearity() -> None:
    gas = Material(name="nitrogen", pressure=101_325.0, temperature=293.15)
    motion = GasRaman(name="nitrogen", number_density=gas.number_density)
    model = motion.model(gas.chi3)
    assert_allclose(model.transform(np.zeros(1)), [1.0], rtol=1e-14)
    assert_allclose(model.response(np.zeros(1)), [1.0], rtol=1e-14)
    assert model.fraction == close(motion.chi3 / (motion.chi3 + gas.chi3))
    # Rotation outweighs the electrons in long pulses about three times.
    assert model.fraction == pytest.approx(0.75, abs=0.03)
    low = model.response(np.array([-1.4e13, 1.4e13]))
    assert low[0] == close(np.conj(low[1]))


def test_the_long_pulse_index_is_of_the_published_size() -> None:
    # Yu. N. Ponomarev and S. R. Uogintas: 2e-19 and 4e-19 cm^2/W of rotation, averaged
    # over a femtosecond pulse, so somewhat below the full response.
    nitrogen = GasRaman(name="nitrogen", number_density=2.5e25, vibrational=False)
    oxygen = GasRaman(name="oxygen", number_density=2.5e25, vibrational=False)
    assert 2e-23 < nitrogen.n2() < 3e-23
    assert 4e-23 < oxygen.n2() < 6e-23


def test_h2_gain_of_vibration_is_stronger_than_of_rotation_at_high_density() -> None:
    gas = GasRaman(name="hydrogen", number_density=20 * AMAGAT)
    omega, strength, rate = gas.lines()
    gain = strength / rate
    fastest = omega[np.argmax(gain)] / PER_CM
    assert fastest == pytest.approx(4152.0, abs=5.0)
    assert hbar * omega.max() < 1.0e-19


def test_gases_without_constants_are_refused() -> None:
    with pytest.raises(InvalidValue, match="name must be one of nitrogen"):
        GasRaman(name="argon", number_density=1e25)
    with pytest.raises(InvalidValue, match="number_density must be > 0"):
        GasRaman(name="nitrogen", number_density=0.0)
