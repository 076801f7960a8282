"""Extreme-ultraviolet optics: published constants, sum rules, thin-film limits."""

import builtins
from collections.abc import Mapping, Sequence
from types import ModuleType

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.constants import c, e, hbar

from qleap.core.errors import InvalidKind, InvalidValue, MissingExtra
from qleap.laser.media import Layer, Multilayer, XuvMedium
from qleap.laser.media.xuv import _henke


def close(expected: object, rel: float = 1e-6) -> object:
    """Return what equals ``expected`` relatively; pytest alone lets 1e-12 pass."""
    return pytest.approx(expected, rel=rel, abs=0.0)


periodictable = pytest.importorskip("periodictable")
xraydb = pytest.importorskip("xraydb")

EV = e / hbar
EUV = 2 * np.pi * c / 13.5e-9
SILICON = XuvMedium(formula="Si")
MOLYBDENUM = XuvMedium(formula="Mo")
ANGSTROM = 1e-10


def mirror(roughness: float = 0.0, n_periods: int = 40) -> Multilayer:
    return Multilayer(
        period=(
            Layer(medium=SILICON, thickness=4.14e-9, roughness=roughness),
            Layer(medium=MOLYBDENUM, thickness=2.76e-9, roughness=roughness),
        ),
        n_periods=n_periods,
        substrate=SILICON,
    )


@pytest.mark.parametrize(
    ("formula", "index", "absorption"),
    [
        # CXRO at 13.5 nm, as commonly quoted.
        ("Si", 0.99900, 0.00183),
        ("Mo", 0.92380, 0.00644),
    ],
)
def test_constants_at_13_5_nm_are_those_of_cxro(
    formula: str, index: float, absorption: float
) -> None:
    found = complex(XuvMedium(formula=formula).index(EUV))
    assert found.real == pytest.approx(index, abs=1e-5)
    assert found.imag == pytest.approx(absorption, abs=1e-5)


def test_chantlers_constants_are_those_xraydb_computes() -> None:
    energy = np.array([60.0, 91.84, 500.0])
    delta, beta, _ = xraydb.xray_delta_beta("Al2O3", 3.97, energy)
    medium = XuvMedium(formula="Al2O3", mass_density=3970.0, tables="chantler")
    found = medium.index(energy * EV)
    assert_allclose(1.0 - found.real, delta, rtol=2e-4)
    assert_allclose(found.imag, beta, rtol=2e-4)


@pytest.mark.parametrize("formula", ["Al", "Zr", "Ar", "Ne"])
def test_both_tables_agree_well_above_the_edges(formula: str) -> None:
    for energy in (4000.0, 8000.0):
        pair = [
            XuvMedium(formula=formula, mass_density=1000.0, tables=tables).index(
                energy * EV
            )
            for tables in ("henke", "chantler")
        ]
        assert pair[0].imag == close(float(pair[1].imag), rel=0.06)


def test_argon_has_as_many_electrons_as_its_absorption_says() -> None:
    # Thomas, Reiche and Kuhn: (2/pi) int f2 dE/E = Z, for free atoms.
    argon = XuvMedium(formula="Ar", mass_density=1.0)
    energy = np.geomspace(30.0, 30e3, 20_001)
    f2 = argon.scattering_factors(energy * EV).imag
    # Between 10 eV and 30 eV, where f1 is not tabulated, from the table itself.
    grid, _, low = np.asarray(periodictable.Ar.xray.sftable) * [[1e3], [1.0], [1.0]]
    below = grid <= 30.0
    found = np.trapezoid(f2, np.log(energy)) + np.trapezoid(
        low[below], np.log(grid[below])
    )
    assert 2 / np.pi * found == close(18.0, rel=0.03)


@pytest.mark.parametrize("energy", [800.0, 1500.0])
def test_refraction_and_absorption_obey_kramers_and_kronig(energy: float) -> None:
    # f1(E) = Z + (2/pi) P int x f2(x) / (E^2 - x^2) dx (Henke et al., eq. 3), silicon.
    log_grid, _, log_f2 = _henke("Si")
    x = np.exp(np.linspace(log_grid[0], log_grid[-1], 400_001))
    f2 = np.exp(np.interp(np.log(x), log_grid, log_f2))
    at = float(np.exp(np.interp(np.log(energy), log_grid, log_f2)))
    # Principal value by subtraction of the pole; its own integral is a logarithm.
    smooth = (x * f2 - energy * at) / (energy**2 - x**2)
    smooth[np.argmin(np.abs(x - energy))] = 0.0
    ends = np.log((x + energy) / np.abs(x - energy)) / (2 * energy)
    integral = np.trapezoid(smooth, x) + energy * at * (ends[-1] - ends[0])
    expected = 14.0 + 2 / np.pi * integral
    found = float(SILICON.scattering_factors(energy * EV).real)
    assert found == pytest.approx(expected, abs=0.35)


def test_light_is_refracted_like_free_electrons_at_high_energies() -> None:
    # delta = omega_p^2 / (2 omega^2) with all electrons of silicon free.
    omega = 20e3 * EV
    electrons = 14 * SILICON.number_density
    plasma = electrons * e**2 / (8.8541878188e-12 * 9.1093837139e-31)
    found = 1.0 - float(SILICON.index(omega).real)
    assert found == close(plasma / (2 * omega**2), rel=0.01)


def test_aluminium_is_a_filter_up_to_its_edge_at_72_7_ev() -> None:
    film = XuvMedium(formula="Al")
    below, above = film.transmission(np.array([70.0, 75.0]) * EV, 200e-9)
    assert below > 0.7
    assert above < 0.05


def test_absorption_of_layers_adds_up() -> None:
    gas = XuvMedium.gas("Ar", pressure=1e3, temperature=293.0)
    omega = np.array([40.0, 90.0, 250.0]) * EV
    once = gas.transmission(omega, 1e-2)
    assert_allclose(gas.transmission(omega, 3e-2), once**3, rtol=1e-12)
    denser = XuvMedium.gas("Ar", pressure=3e3, temperature=293.0)
    assert_allclose(denser.transmission(omega, 1e-2), once**3, rtol=1e-12)
    assert_allclose(gas.attenuation_length(omega), -1e-2 / np.log(once), rtol=1e-12)


def test_argon_absorbs_with_the_cross_section_of_its_tables() -> None:
    # sigma = 2 r_e lambda f2; at 40 eV nothing but the outer shell.
    gas = XuvMedium.gas("Ar", pressure=101_325.0, temperature=273.15)
    omega = 100.0 * EV
    factor = float(gas.scattering_factors(omega).imag)
    sigma = 2 * 2.8179403e-15 * (2 * np.pi * c / omega) * factor
    expected = 1.0 / (2.6867811e25 * sigma)
    assert float(gas.attenuation_length(omega)) == close(expected, rel=1e-5)


def test_molybdenum_and_silicon_reflect_seventy_per_cent() -> None:
    # Sharp boundaries give 73 %, measured mirrors with 0.5 to 0.7 nm of roughness 67 to
    # 70 %, near normal incidence with a width of half a nanometre.
    wavelength = np.linspace(12.8e-9, 14.2e-9, 281)
    omega = 2 * np.pi * c / wavelength
    sharp = mirror().reflectivity(omega)
    rough = mirror(0.5e-9).reflectivity(omega)
    assert sharp.max() == pytest.approx(0.73, abs=0.01)
    assert rough.max() == pytest.approx(0.70, abs=0.01)
    assert wavelength[np.argmax(rough)] == pytest.approx(13.5e-9, abs=0.1e-9)
    width = np.ptp(wavelength[rough > 0.5 * rough.max()])
    assert width == pytest.approx(0.57e-9, abs=0.06e-9)


@pytest.mark.parametrize("polarisation", ["s", "p"])
def test_a_bare_substrate_has_fresnels_reflectivity(polarisation: str) -> None:
    bare = mirror(n_periods=0)
    angle = np.radians(60.0)
    n = complex(SILICON.index(EUV))
    inside = np.sqrt(n**2 - np.sin(angle) ** 2)
    if polarisation == "s":
        expected = (np.cos(angle) - inside) / (np.cos(angle) + inside)
    else:
        expected = (n**2 * np.cos(angle) - inside) / (n**2 * np.cos(angle) + inside)
    found = complex(bare.reflection(EUV, angle, polarisation=polarisation))
    assert found == close(expected, rel=1e-12)


def test_one_film_has_the_reflection_of_airy() -> None:
    film = Multilayer(
        period=(Layer(medium=MOLYBDENUM, thickness=5e-9),),
        n_periods=1,
        substrate=SILICON,
    )
    n1, n2 = complex(MOLYBDENUM.index(EUV)), complex(SILICON.index(EUV))
    r01, r12 = (1 - n1) / (1 + n1), (n1 - n2) / (n1 + n2)
    phase = np.exp(2j * n1 * EUV / c * 5e-9)
    expected = (r01 + r12 * phase) / (1 + r01 * r12 * phase)
    assert complex(film.reflection(EUV)) == close(expected, rel=1e-12)


@pytest.mark.parametrize("polarisation", ["s", "p"])
def test_stacks_reflect_like_the_product_of_characteristic_matrices(
    polarisation: str,
) -> None:
    # Born and Wolf, section 1.6: another way than the recursion.
    angle = np.radians(35.0)
    stack = mirror(n_periods=6)
    sine = np.sin(angle)

    def admittance(n: complex) -> tuple[complex, complex]:
        cosine = np.sqrt(1 - (sine / n) ** 2 + 0j)
        return n * cosine, (n * cosine if polarisation == "s" else cosine / n)

    product = np.eye(2, dtype=complex)
    for _ in range(6):
        for medium, thickness in ((SILICON, 4.14e-9), (MOLYBDENUM, 2.76e-9)):
            path, p = admittance(complex(medium.index(EUV)))
            b = EUV / c * path * thickness
            product = product @ np.array(
                [[np.cos(b), -1j * np.sin(b) / p], [-1j * p * np.sin(b), np.cos(b)]]
            )
    _, p1 = admittance(1.0 + 0j)
    _, pl = admittance(complex(SILICON.index(EUV)))
    up = (product[0, 0] + product[0, 1] * pl) * p1
    down = product[1, 0] + product[1, 1] * pl
    expected = (up - down) / (up + down)
    found = complex(stack.reflection(EUV, angle, polarisation=polarisation))
    assert found == close(expected, rel=1e-10)


def test_xraydb_finds_the_same_reflectivity() -> None:
    # Its angle is from the surface; it gives roughness to the substrate alone.
    energy = np.linspace(85.0, 98.0, 27)
    silicon, molybdenum = (
        XuvMedium(formula=f, mass_density=rho, tables="chantler")
        for f, rho in (("Si", 2330.0), ("Mo", 10_220.0))
    )
    stack = Multilayer(
        period=(
            Layer(medium=silicon, thickness=41.4 * ANGSTROM),
            Layer(medium=molybdenum, thickness=27.6 * ANGSTROM),
        ),
        n_periods=20,
        substrate=silicon,
    )
    grazing = np.radians(80.0)
    expected = xraydb.multilayer_reflectivity(
        ["Si", "Mo"],
        [41.4, 27.6],
        "Si",
        grazing,
        energy,
        n_periods=20,
        density=[2.33, 10.22],
        substrate_density=2.33,
    )
    found = stack.reflectivity(energy * EV, 0.5 * np.pi - grazing)
    assert_allclose(found, expected, rtol=2e-3)


def test_roughness_loses_light_by_nevot_and_croces_factor() -> None:
    sharp = Multilayer(period=(), n_periods=0, substrate=MOLYBDENUM)
    rough = Multilayer(
        period=(), n_periods=0, substrate=MOLYBDENUM, substrate_roughness=1e-9
    )
    n = complex(MOLYBDENUM.index(EUV))
    factor = np.exp(-2 * (EUV / c) ** 2 * n * 1e-18)
    ratio = complex(rough.reflection(EUV)) / complex(sharp.reflection(EUV))
    assert ratio == close(factor, rel=1e-12)


def test_what_is_not_tabulated_is_refused_with_the_way_out() -> None:
    with pytest.raises(InvalidValue, match="photons between 30 and 30000 eV"):
        SILICON.index(10.0 * EV)
    with pytest.raises(InvalidValue, match="mass_density of Al2O3 is not tabulated"):
        XuvMedium(formula="Al2O3")
    with pytest.raises(InvalidValue, match="mass_density of Ar is not tabulated"):
        XuvMedium(formula="Ar")
    with pytest.raises(InvalidValue, match="formula must be a chemical formula"):
        XuvMedium(formula="Xx2")


def test_stacks_of_what_is_no_film_are_refused() -> None:
    silicon = XuvMedium(formula="Si")
    film = Layer(medium=silicon, thickness=3e-9)
    with pytest.raises(InvalidKind, match=r"period must be a tuple .*\(layer,\)"):
        Multilayer(period=film, n_periods=2, substrate=silicon)  # type: ignore[arg-type]
    with pytest.raises(InvalidKind, match=r"take XuvMedium\(formula='Si'\)"):
        Layer(medium="Si", thickness=3e-9)  # type: ignore[arg-type]
    with pytest.raises(InvalidKind, match="substrate must be an XuvMedium"):
        Multilayer(period=(film,), n_periods=2, substrate="Si")  # type: ignore[arg-type]
    mirror = Multilayer(period=(film,), n_periods=2, substrate=silicon)
    with pytest.raises(InvalidValue, match=r"incidence must lie .* got 45; np.radians"):
        mirror.reflectivity(1.4e17, 45.0)


def test_a_missing_package_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from qleap.laser.media import xuv

    real = builtins.__import__

    def without(
        name: str,
        globals_: Mapping[str, object] | None = None,
        locals_: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        if name == "periodictable":
            raise ImportError(name)
        return real(name, globals_, locals_, fromlist, level)

    monkeypatch.setattr(builtins, "__import__", without)
    xuv._formula.cache_clear()
    with pytest.raises(MissingExtra, match=r"pip install 'qleap\[xray\]'"):
        XuvMedium(formula="Al")
