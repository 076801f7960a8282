"""Hollow guides against exact modes, published lengths and another program's values."""

import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidValue
from qleap.laser.guides.antiresonant import AntiresonantFibre
from qleap.laser.guides.capillary import Capillary
from qleap.laser.guides.modes import Mode, gaussian_coupling, linear_modes
from qleap.laser.guides.profiles import Profile
from qleap.laser.guides.tube_lattice import TubeLatticeFibre
from tests.laser.guides.exact_modes import exact_excess

C = 299_792_458.0
OMEGA = 2.0 * np.pi * C / 800e-9
MODES = (
    (Mode(), 1),
    (Mode(radial=2), 1),
    (Mode(kind="TE", azimuthal=0), 0),
    (Mode(kind="TM", azimuthal=0), 0),
    (Mode(azimuthal=2), 2),
    (Mode(kind="EH"), 1),
)


def named(modes: object) -> object:
    return getattr(modes, "name", modes)


def helium(**changes: object) -> Capillary:
    values = {"core_radius": 125e-6, "length": 3.0, "gas": "helium", "pressure": 1e5}
    return Capillary(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(("mode", "order"), MODES, ids=named)
def test_modes_of_a_capillary_are_those_of_maxwells_equations(
    mode: Mode, order: int
) -> None:
    guide = helium(core_radius=50e-6, pressure=0.0, cladding=1.45)
    found = complex(guide.index_excess(OMEGA, 0.0, mode))
    exact = exact_excess(OMEGA, [50e-6], [1.0, 1.45], order, found)
    assert_allclose(found.real, exact.real, rtol=1e-4)
    assert_allclose(found.imag, exact.imag, rtol=3e-4)


@pytest.mark.parametrize(("mode", "order"), MODES, ids=named)
@pytest.mark.parametrize("omega", [2.0e15, 2.9e15])
def test_modes_of_a_thin_tube_are_those_of_maxwells_equations(
    mode: Mode, order: int, omega: float
) -> None:
    guide = AntiresonantFibre(
        core_radius=20e-6, length=1.0, gas="helium", pressure=0.0, cladding=1.45,
        wall_thickness=0.7e-6,
    )  # fmt: skip
    found = complex(guide.index_excess(omega, 0.0, mode))
    exact = exact_excess(omega, [20e-6, 20.7e-6], [1.0, 1.45, 1.0], order, found)
    assert_allclose(found.real, exact.real, rtol=5e-4)
    assert_allclose(found.imag, exact.imag, rtol=0.1)


def test_walls_resonate_where_light_fits_into_them() -> None:
    guide = AntiresonantFibre(
        core_radius=20e-6, length=1.0, gas="helium", pressure=0.0, cladding=1.45,
        wall_thickness=0.7e-6,
    )  # fmt: skip
    first = guide.resonances(2)
    assert_allclose(first, 1.4e-6 / np.array([1.0, 2.0]) * np.sqrt(1.45**2 - 1.0))
    loss = [guide.attenuation(2.0 * np.pi * C / (first[0] * x)) for x in (1.003, 1.4)]
    assert loss[0] > 100.0 * loss[1]


def test_loss_and_zero_dispersion_are_those_of_luna() -> None:
    # Values of Luna.jl's test_capillary.jl; its gases are not ideal.
    thin = helium(model="reduced")
    assert_allclose(1.0 / thin.attenuation(OMEGA), 7.0593180702769, rtol=1e-6)
    wide = helium(model="reduced", core_radius=250e-6)
    assert_allclose(thin.attenuation(OMEGA), 8.0 * wide.attenuation(OMEGA), rtol=1e-12)
    for radius, pressure, expected in ((125e-6, 0.4e5, 379e-9), (75e-6, 5.9e5, 562e-9)):
        guide = helium(
            model="reduced", core_radius=radius, pressure=pressure,
            fit="boerzsoenyi-2008",
        )  # fmt: skip
        found = guide.zero_dispersion(300e-9, 900e-9)
        assert_allclose(found, expected, atol=1e-9)


def test_dispersion_is_that_of_luna() -> None:
    guide = Capillary(
        core_radius=50e-6, length=1.0, gas="argon", pressure=2e5, temperature=294.0,
        cladding=1.45,
    )  # fmt: skip
    # As above; 0.1 % is how far argon is from an ideal gas there.
    assert_allclose(guide.attenuation(OMEGA), 2.21505826015050, rtol=1e-6)
    found = guide.propagation_constant(OMEGA) - OMEGA / C
    assert_allclose(found, 7857865.68069111 - OMEGA / C, rtol=2e-3)
    beta1 = guide.delay_beyond_vacuum(800e-9) + 1.0 / C
    assert_allclose(beta1, 3.33744357233436e-9, rtol=1e-6)
    beta2 = guide.group_velocity_dispersion(800e-9)
    assert_allclose(beta2, -1.68088637707608e-29, rtol=3e-3)
    metal = dataclasses.replace(guide, cladding=0.036759 + 5.5698j)
    assert_allclose(metal.attenuation(OMEGA), 0.0290115706883820, rtol=1e-5)


def test_published_loss_of_the_best_guide_is_met() -> None:
    # Marcatili and Schmeltzer's eq. (1): alpha = (u/2 pi)^2 lambda^2/a^3 Re nu in
    # the field, in the words of every later paper.
    guide = helium(model="reduced", cladding=1.5)
    nu = (1.5**2 + 1.0) / (2.0 * np.sqrt(1.5**2 - 1.0))
    field = (2.404825557695773 / (2.0 * np.pi)) ** 2 * 800e-9**2 / 125e-6**3 * nu
    assert_allclose(guide.attenuation(OMEGA), 2.0 * field, rtol=1e-12)
    assert_allclose(guide.transmission(800e-9), np.exp(-6.0 * field), rtol=1e-12)


def test_fields_are_normalised_and_do_not_overlap() -> None:
    x, w = np.polynomial.legendre.leggauss(60)
    r, weight = 0.5 * (x + 1.0), np.pi * w * 0.5 * (x + 1.0) / 32.0
    theta = np.arange(32) * (2.0 * np.pi / 32.0)
    modes = [mode for mode, _ in MODES] + [Mode(angle=0.5 * np.pi)]
    fields = np.stack([m.field(r[:, None], theta) for m in modes])
    overlap = np.einsum("acrt,bcrt,r->ab", fields, fields, weight)
    assert_allclose(overlap, np.eye(len(modes)), atol=1e-12)


def test_effective_areas_are_their_definition() -> None:
    guide = helium(core_radius=75e-6)
    # Luna.jl's test_capillary.jl.
    assert_allclose(guide.effective_area(), 8.42157534886545e-09, rtol=1e-10)
    x, w = np.polynomial.legendre.leggauss(80)
    r, weight = 0.5 * (x + 1.0), np.pi * w * 0.5 * (x + 1.0)
    for mode in (*linear_modes(3), Mode(kind="TE", azimuthal=0)):
        square = np.sum(mode.field(r) ** 2, axis=0)
        assert_allclose(mode.relative_area, 1.0 / (weight @ square**2), rtol=1e-10)


def test_gas_flows_from_vacuum_as_the_root_of_the_length() -> None:
    guide = helium(pressure=(0.0, 2e5))
    assert_allclose([guide.pressure_at(z) for z in (0.0, 0.75, 3.0)], [0.0, 1e5, 2e5])
    assert guide.chi3(0.0) == 0.0
    assert_allclose(guide.chi3(0.75), helium().chi3(), rtol=1e-12)
    cells = helium(pressure=Profile(positions=(0.0, 1.0, 3.0), values=(0.0, 1e5, 0.0)))
    assert_allclose(cells.pressure_at(2.0), 1e5 * np.sqrt(0.5))
    assert_allclose(cells.pressure_at(9.0), 0.0)


def test_a_taper_has_the_areas_of_its_width() -> None:
    guide = helium(core_radius=(125e-6, 75e-6))
    assert_allclose(guide.effective_area(3.0), 8.42157534886545e-09, rtol=1e-10)
    assert_allclose(guide.core_radius_at(1.5), 100e-6)


def test_guides_that_cannot_be_are_refused() -> None:
    with pytest.raises(InvalidValue, match="core_radius must be <= 5 mm"):
        helium(core_radius=125.0)
    with pytest.raises(InvalidValue, match="core_radius must be > 0"):
        helium(core_radius=(1e-4, 0.0))
    with pytest.raises(InvalidValue, match="a pair for both ends or a Profile"):
        helium(pressure=(0.0, 1e5, 2e5))
    with pytest.raises(InvalidValue, match="azimuthal must be 0 for TE"):
        Mode(kind="TE")
    with pytest.raises(InvalidValue, match="values must be >= 0"):
        Profile(positions=(0.0, 1.0), values=(1.0, -1.0))
    with pytest.raises(InvalidValue, match="must change its sign"):
        helium().zero_dispersion(1e-6, 1.1e-6)


def test_a_beam_of_the_right_waist_gets_into_the_first_mode() -> None:
    # The number that everybody aligns by.
    waists = np.linspace(0.6, 0.7, 26)
    shares = [gaussian_coupling(w, 1.0, [Mode()])[0] ** 2 for w in waists]
    assert_allclose(max(shares), 0.981, atol=5e-4)
    assert_allclose(waists[np.argmax(shares)], 0.643, atol=3e-3)
    crossed = [Mode(angle=0.5 * np.pi), Mode(azimuthal=2), Mode(kind="TM", azimuthal=0)]
    assert_allclose(gaussian_coupling(0.6, 1.0, crossed), 0.0, atol=1e-12)
    many = gaussian_coupling(0.3, 1.0, linear_modes(30))
    assert_allclose(many @ many, 1.0, atol=1e-6)


def test_a_ring_of_tubes_has_the_index_and_loss_that_luna_has() -> None:
    sine = np.sin(np.pi / 8.0)
    core = 10e-6 * (1.25 / sine - 1.0)
    fibre = TubeLatticeFibre(
        core_radius=core, length=1.0, gas="helium", pressure=0.0, cladding=1.44,
        wall_thickness=1e-6, tube_radius=10e-6, n_tubes=8,
    )  # fmt: skip
    assert_allclose(fibre.gap, 5e-6, rtol=1e-12)
    omega = 2.0 * np.pi * C / 1030e-9
    # Luna.jl, test/test_antiresonant.jl; its imaginary part is alpha c/omega.
    found = fibre.index_excess(np.array(omega))
    assert_allclose(found.real, 0.9998598623672965 - 1.0, rtol=1e-11)
    alpha = 3.4579455755137454e-8 * omega / C
    assert_allclose(fibre.attenuation(np.array(omega)), alpha, rtol=1e-12)
    with pytest.raises(InvalidValue, match="tube_radius must be <="):
        dataclasses.replace(fibre, tube_radius=20e-6)
    with pytest.raises(InvalidValue, match="those of HE11 alone"):
        fibre.attenuation(np.array(omega), 0.0, Mode(radial=2))


def test_ends_of_one_pressure_are_a_uniform_guide() -> None:
    both = [
        helium(pressure=pressure).index_excess(OMEGA, 1.0)
        for pressure in (1e5, (1e5, 1e5))
    ]
    assert_allclose(both[0], both[1], rtol=1e-12)
