"""Intensities: integrals of beams and pulses, and published constants."""

import math

import pytest
from scipy import constants
from scipy.integrate import dblquad, quad

from qleap.core.errors import InvalidValue
from qleap.laser import Pulse
from qleap.laser.pulses import (
    effective_area,
    field_amplitude,
    intensity_of_field,
    keldysh_parameter,
    normalised_vector_potential,
    peak_fluence,
    peak_intensity,
    peak_power,
    ponderomotive_energy,
)


def test_a_gaussian_beam_holds_the_energy_however_its_width_is_named() -> None:
    waist = 30e-6
    area, _ = dblquad(
        lambda y, x: math.exp(-2.0 * (x * x + y * y)), -4.0, 4.0, -4.0, 4.0
    )
    assert effective_area(waist=waist) == pytest.approx(
        area * waist**2, rel=1e-8, abs=0.0
    )
    at_half = waist * math.sqrt(2.0 * math.log(2.0))
    assert math.exp(-2.0 * (0.5 * at_half / waist) ** 2) == pytest.approx(
        0.5, rel=1e-6, abs=0.0
    )
    assert effective_area(beam_fwhm=at_half) == pytest.approx(
        area * waist**2, rel=1e-6, abs=0.0
    )
    assert effective_area(top_hat_width=2.0) == pytest.approx(
        math.pi, rel=1e-6, abs=0.0
    )
    assert effective_area(effective_area=1e-9) == 1e-9


@pytest.mark.parametrize(
    ("shape", "factor"), [("gaussian", 0.939437), ("sech", 0.881374)]
)
def test_peak_powers_have_the_textbook_factors(shape: str, factor: float) -> None:
    # 2 sqrt(ln2/pi) and arcosh(sqrt 2).
    assert peak_power(1e-3, 30e-15, shape=shape) == pytest.approx(
        factor * 1e-3 / 30e-15, rel=1e-6, abs=0.0
    )


def test_the_peak_intensity_integrates_to_the_energy() -> None:
    top = peak_intensity(1e-3, 30e-15, shape="sech", waist=50e-6)
    pulse = Pulse(shape="sech", wavelength=800e-9, fwhm=30e-15, peak_power=1.0)
    over_time = (
        1e-15
        * quad(lambda t: abs(pulse.envelope([t * 1e-15])[0]) ** 2, -300.0, 300.0)[0]
    )
    over_beam = (
        1e-12
        * quad(
            lambda r: 2.0 * math.pi * r * math.exp(-2.0 * (r / 50.0) ** 2), 0.0, 500.0
        )[0]
    )
    assert top * over_time * over_beam == pytest.approx(1e-3, rel=1e-6, abs=0.0)
    assert peak_fluence(1e-3, waist=50e-6) * over_beam == pytest.approx(
        1e-3, rel=1e-6, abs=0.0
    )


def test_strong_field_numbers_are_the_known_ones() -> None:
    # U_p = 9.33 eV and a0 = 0.855e-9 sqrt(I/(W/cm^2)) at 1 um, as every textbook of
    # strong fields has them; here also by the constants of SciPy.
    electron_volt = constants.e
    quiver = ponderomotive_energy(1e18, 1e-6)
    assert quiver / electron_volt == pytest.approx(9.33, rel=1e-6, abs=0.01)
    omega = 2.0 * math.pi * constants.c / 1e-6
    field = field_amplitude(1e18)
    assert quiver == pytest.approx(
        (constants.e * field / omega) ** 2 / (4.0 * constants.m_e), rel=1e-8, abs=0.0
    )
    assert normalised_vector_potential(1e22, 1e-6) == pytest.approx(0.855, abs=5e-4)
    # Atomic unit of intensity: 3.509e16 W/cm^2 for 5.142e11 V/m.
    assert intensity_of_field(5.14220675112e11) == pytest.approx(
        3.50945e20, rel=1e-5, abs=0.0
    )
    assert intensity_of_field(field_amplitude(3e17)) == pytest.approx(
        3e17, rel=1e-6, abs=0.0
    )


def test_the_keldysh_parameter_is_that_of_the_field() -> None:
    # gamma = omega sqrt(2 m Ip) / (e E), Keldysh 1965.
    bound = 15.7596 * constants.e
    omega = 2.0 * math.pi * constants.c / 800e-9
    field = field_amplitude(1e18)
    wanted = omega * math.sqrt(2.0 * constants.m_e * bound) / (constants.e * field)
    assert keldysh_parameter(1e18, 800e-9, bound) == pytest.approx(
        wanted, rel=1e-8, abs=0.0
    )


def test_a_beam_without_or_with_two_widths_is_refused() -> None:
    with pytest.raises(InvalidValue, match="exactly one of waist, beam_fwhm"):
        peak_intensity(1e-3, 30e-15)
    with pytest.raises(InvalidValue, match=r"got \['waist', 'beam_fwhm'\]"):
        peak_intensity(1e-3, 30e-15, waist=1e-5, beam_fwhm=1e-5)
    with pytest.raises(InvalidValue, match="energy must be > 0 J"):
        peak_intensity(-1e-3, 30e-15, waist=1e-5)
