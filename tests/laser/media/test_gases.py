"""Gases: published refractivities, densities of reference equations, nonlinearity."""

import numpy as np
import pytest
from scipy.constants import c, e, epsilon_0, k

from qleap.core.errors import InvalidValue
from qleap.laser import Material
from qleap.laser.media.gases import GASES


def close(expected: object, rel: float = 1e-6) -> object:
    """Return what equals ``expected`` relatively; pytest alone lets 1e-12 pass."""
    return pytest.approx(expected, rel=rel, abs=0.0)


ATM = 101_325.0
FITS = [(name, fit) for name, gas in GASES.items() for fit in gas.fits]


def normal(name: str, fit: str | None = None) -> Material:
    return Material(name=name, fit=fit, pressure=ATM, temperature=273.15)


@pytest.mark.parametrize(
    ("name", "fit", "wavelength", "refractivity"),
    [
        # Tables at 0 C, 1 atm at refractiveindex.info: P. L. Smith, M. C. E. Huber and
        # W. H. Parkinson, Phys. Rev. A 13, 1422 (1976); none of the fits used them.
        ("helium", "ermolov-2015", 253.0e-9, 3.587e-5),
        ("helium", "ermolov-2015", 184.75e-9, 3.719e-5),
        ("helium", "ermolov-2015", 167.96e-9, 3.782e-5),
    ],
)
def test_helium_follows_measurements_in_the_ultraviolet(
    name: str, fit: str, wavelength: float, refractivity: float
) -> None:
    # The fit is 0.9 % below them at the shortest wavelength.
    found = normal(name, fit).refractive_index(wavelength) - 1.0
    assert found == close(refractivity, rel=0.01)


def test_oxygen_extends_to_the_ultraviolet_within_its_stated_wrongness() -> None:
    # Smith, Huber and Parkinson (1976) at 288.24 nm; the fit ends at 400 nm.
    omega = 2 * np.pi * c / 288.24e-9
    found = float(normal("oxygen").index(omega, outside="extend")) - 1.0
    assert found == close(2.916e-4, rel=0.01)


@pytest.mark.parametrize(
    ("name", "one", "other", "wavelength", "accuracy"),
    [
        ("argon", "boerzsoenyi-2008", "peck-1964", 633e-9, 1e-3),
        ("argon", "bideau-mehu-1981", "peck-1964", 546e-9, 1e-3),
        ("nitrogen", "boerzsoenyi-2008", "peck-1966", 633e-9, 1e-3),
        ("helium", "ermolov-2015", "mansfield-1969", 633e-9, 2e-3),
        ("krypton", "boerzsoenyi-2008", "bideau-mehu-1981", 546e-9, 5e-3),
        ("air", "boerzsoenyi-2008", "ciddor-1996", 633e-9, 3e-3),
        # Refractivity of 0.4 to 0.6 um neon and xenon differs by 2 % between them.
        ("neon", "boerzsoenyi-2008", "bideau-mehu-1981", 500e-9, 0.02),
        ("xenon", "boerzsoenyi-2008", "bideau-mehu-1981", 546e-9, 0.022),
    ],
)
def test_independent_fits_agree_at_their_own_reference_states(
    name: str, one: str, other: str, wavelength: float, accuracy: float
) -> None:
    first = normal(name, one).refractive_index(wavelength) - 1.0
    second = normal(name, other).refractive_index(wavelength) - 1.0
    assert first == close(second, rel=accuracy)


@pytest.mark.parametrize(
    ("name", "refractivity"),
    [
        # Sodium D lines, 0 C, 1 atm: Chronological Scientific Tables (National
        # Astronomical Observatory of Japan, 2000), given to 1e-6.
        ("oxygen", 272e-6),
        ("hydrogen", 138e-6),
        ("carbon dioxide", 450e-6),
    ],
)
def test_molecules_have_the_published_refractivity(
    name: str, refractivity: float
) -> None:
    found = normal(name).refractive_index(589.3e-9) - 1.0
    assert found == pytest.approx(refractivity, abs=1.6e-6)


def test_air_of_ciddor_is_that_of_peck_and_reeder() -> None:
    # E. R. Peck and K. Reeder, J. Opt. Soc. Am. 62, 958 (1972), the measurement behind
    # it, at 15 C and 101 325 Pa: 8.06051e-5 + 2.480990e-2/(132.274 - s) +
    # 1.74557e-4/(39.32957 - s) with s = (um/wavelength)^2, 300 ppm CO2.
    air = Material(name="air", fit="ciddor-1996", pressure=ATM, temperature=288.15)
    s = 1.0 / 0.633**2
    expected = 8.06051e-5 + 2.480990e-2 / (132.274 - s) + 1.74557e-4 / (39.32957 - s)
    found = air.refractive_index(633e-9) - 1.0
    assert found == close(expected, rel=1e-4)


@pytest.mark.parametrize(("name", "fit"), FITS)
def test_a_fit_at_its_own_state_is_its_own_formula(name: str, fit: str) -> None:
    coefficients = GASES[name].fits[fit]
    assert coefficients.reference is not None
    pressure, temperature = coefficients.reference
    gas = Material(name=name, fit=fit, pressure=pressure, temperature=temperature)
    wavelength = float(np.sqrt(gas.valid[0] * gas.valid[1]))
    square = 1.0 + coefficients.susceptibility(np.array([wavelength * 1e6]))[0]
    assert gas.refractive_index(wavelength) == close(np.sqrt(square), rel=1e-14)


def test_an_ideal_gas_has_loschmidts_number_of_atoms() -> None:
    assert normal("argon").number_density == close(ATM / (k * 273.15))
    assert normal("argon").number_density == close(2.6868e25, rel=1e-4)


@pytest.mark.parametrize(
    ("name", "bar", "density", "accuracy"),
    [
        # mol/m^3 at 293.15 K from the reference equations in CoolProp 8.0.
        ("helium", 10, 408.2907, 1e-5),
        ("neon", 30, 1213.630, 1e-4),
        ("argon", 10, 413.0280, 1e-5),
        ("argon", 30, 1254.803, 1e-4),
        ("krypton", 10, 419.3686, 1e-4),
        ("krypton", 30, 1316.771, 1e-3),
        ("xenon", 10, 435.0980, 1e-4),
        ("xenon", 30, 1521.201, 5e-3),
        ("nitrogen", 30, 1237.139, 1e-4),
        ("oxygen", 30, 1255.580, 1e-4),
        ("hydrogen", 30, 1209.186, 1e-4),
        ("carbon dioxide", 10, 433.9608, 1e-3),
        ("sulfur hexafluoride", 10, 472.0440, 5e-3),
        ("air", 30, 1241.705, 5e-4),
    ],
)
def test_real_gases_have_the_density_of_reference_equations(
    name: str, bar: float, density: float, accuracy: float
) -> None:
    gas = Material(
        name=name,
        pressure=bar * 1e5,
        temperature=293.15,
        equation_of_state="virial",
    )
    assert gas.number_density / 6.02214076e23 == close(density, rel=accuracy)


@pytest.mark.parametrize(
    ("name", "bar"),
    # CoolProp at 293 K: 1.8 and 13 % off, liquid, and supercritical (46 % off).
    [
        ("carbon dioxide", 57),
        ("xenon", 54),
        ("sulfur hexafluoride", 25),
        ("xenon", 100),
    ],
)
def test_gases_too_dense_for_three_terms_are_refused(name: str, bar: float) -> None:
    gas = Material(
        name=name, pressure=bar * 1e5, temperature=293.0, equation_of_state="virial"
    )
    with pytest.raises(InvalidValue, match="more than three terms, or is a liquid"):
        _ = gas.number_density
    gas = Material(
        name="carbon dioxide", pressure=45e5, temperature=293.0,
        equation_of_state="virial",
    )  # fmt: skip
    ideal = 45e5 / (k * 293.0)
    assert gas.number_density / ideal == close(1.4402735, rel=5e-3)  # CoolProp 8.0


def test_the_susceptibility_goes_with_the_density_of_the_real_gas() -> None:
    omega = 2 * np.pi * c / np.array([500e-9, 800e-9])
    ideal = Material(name="xenon", pressure=1e6, temperature=293.15)
    real = Material(
        name="xenon", pressure=1e6, temperature=293.15, equation_of_state="virial"
    )
    ratio = real.susceptibility(omega) / ideal.susceptibility(omega)
    np.testing.assert_allclose(
        ratio, real.number_density / ideal.number_density, rtol=1e-13
    )
    assert ratio[0] > 1.05


@pytest.mark.parametrize(
    ("name", "n2", "accuracy"),
    [
        # m^2/W at 1 atm and room temperature, 800 nm: Wahlstrand et al., Phys. Rev. A
        # 85, 043820 (2012); Zahedpour et al., Opt. Lett. 40, 5794 (2015); Nibbering et
        # al., J. Opt. Soc. Am. B 14, 650 (1997). The values here of argon and xenon are
        # of Lehmeier et al. (1985), from third harmonics.
        ("argon", 9.7e-24, 0.15),
        ("argon", 10.1e-24, 0.2),
        ("xenon", 8.1e-23, 0.2),
        ("nitrogen", 7.4e-24, 0.1),
        ("oxygen", 9.5e-24, 0.2),
    ],
)
def test_nonlinear_indices_agree_with_other_measurements(
    name: str, n2: float, accuracy: float
) -> None:
    gas = Material(name=name, pressure=ATM, temperature=293.15)
    assert gas.n2 == close(n2, rel=accuracy)


def test_argon_is_23_5_times_as_nonlinear_as_helium() -> None:
    # Lehmeier, Leupacher and Penzkofer (1985), table 1.
    ratio = normal("argon").chi3 / normal("helium").chi3
    assert ratio == close(23.5)
    assert normal("helium").chi3 == close(4 * 3.43e-28)


def test_index_and_susceptibility_of_third_order_hang_together() -> None:
    silica = Material(name="fused silica")
    index = silica.refractive_index(1.03e-6)
    assert silica.chi3 == close(4 * epsilon_0 * c * index**2 * silica.n2 / 3, rel=1e-9)
    # Agrawal, Nonlinear Fiber Optics: 2.2e-20 to 3.4e-20 m^2/W.
    assert 2.1e-20 < silica.n2 < 3.4e-20
    assert "1030 nm" in silica.nonlinear_source


def test_helium_has_the_ionisation_energy_of_nist() -> None:
    # NIST Atomic Spectra Database: 24.587389 eV.
    assert normal("helium").ionisation_energy == close(24.587389 * e, rel=1e-8)


@pytest.mark.parametrize("name", GASES)
def test_every_gas_has_a_nonlinearity_with_a_source(name: str) -> None:
    assert normal(name).chi3 > 0.0
    assert len(normal(name).nonlinear_source) > 10


def test_what_a_medium_lacks_is_said() -> None:
    with pytest.raises(InvalidValue, match="no ionisation energy of air is known"):
        _ = normal("air").ionisation_energy
    with pytest.raises(InvalidValue, match="are for gases, but BK7 is none"):
        _ = Material(name="BK7").number_density
    with pytest.raises(InvalidValue, match="no nonlinear index of SF10 is known"):
        _ = Material(name="SF10").n2
    with pytest.raises(InvalidValue, match="fit must be one of"):
        Material(name="argon", fit="ciddor-1996")
    with pytest.raises(InvalidValue, match="temperature must"):
        Material(name="argon", temperature=100.0, equation_of_state="virial")
