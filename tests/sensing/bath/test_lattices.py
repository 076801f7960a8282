"""Crystals and random baths against geometry, statistics and closed forms."""

import numpy as np
import pytest

from qleap.core.constants import PLANCK, VACUUM_PERMEABILITY
from qleap.core.errors import InvalidValue
from qleap.sensing.bath import (
    BORON_NITRIDE,
    DIAMOND,
    SILICON_CARBIDE,
    BathSpins,
    Crystal,
    diamond_lattice,
    join_baths,
    nitrogen_bath,
    proton_layer,
    random_bath,
)
from qleap.sensing.bath.expansion import coherence
from qleap.sensing.nv import NVCentre
from qleap.sensing.spins import ISOTOPES

CARBON = ISOTOPES["13C"].gyromagnetic_ratio
ELECTRON = NVCentre().gyromagnetic_ratios[2]
DIPOLE = VACUUM_PERMEABILITY * PLANCK / (4.0 * np.pi)
NATURAL = ISOTOPES["13C"].abundance


@pytest.mark.parametrize(
    ("crystal", "number", "bond"),
    [
        (DIAMOND, 4, 0.15446e-9),
        (SILICON_CARBIDE, 4, 0.1885e-9),
        (BORON_NITRIDE, 3, 0.14457e-9),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_each_atom_has_the_neighbours_of_its_crystal(
    crystal: Crystal, number: int, bond: float
) -> None:
    position, kind = crystal.within(2.0e-10)
    away = np.linalg.norm(position, axis=1)
    assert kind[0] == 0
    assert away[0] == 0.0
    assert len(position) == number + 1
    assert away[1:] == pytest.approx(bond, rel=5e-3)
    assert {crystal.elements[k] for k in kind[1:]} <= {"C", "N"}


def test_the_axis_of_the_diamond_is_z_and_x_lies_in_a_mirror_plane() -> None:
    position, _ = DIAMOND.within(2.0e-10)
    bonds = position[1:] / np.linalg.norm(position[1:], axis=1)[:, None]
    along = bonds[:, 2] > 0.9
    assert bonds[along] == pytest.approx(np.array([[0.0, 0.0, 1.0]]), abs=1e-9)
    assert bonds[~along, 2] == pytest.approx(-1.0 / 3.0)
    everything, _ = DIAMOND.within(1e-9)
    mirrored = everything * [1.0, -1.0, 1.0]
    distance = np.linalg.norm(everything[:, None] - mirrored, axis=-1).min(axis=0)
    assert distance.max() < 1e-13


def test_the_density_of_sites_is_that_of_the_cell() -> None:
    position, _ = DIAMOND.within(3e-9)
    volume = 4.0 / 3.0 * np.pi * (3e-9) ** 3
    assert len(position) / volume == pytest.approx(DIAMOND.density("C"), rel=0.01)
    assert DIAMOND.density("C") == pytest.approx(1.763e29, rel=1e-3)


def test_the_sites_of_the_defect_are_empty() -> None:
    bath = diamond_lattice(1e-9, abundance=1.0)
    sites, _ = DIAMOND.within(1e-9)
    assert len(bath) == len(sites) - 2
    away = np.linalg.norm(bath.position - [0.0, 0.0, 0.15446e-9], axis=1)
    assert away.min() > 1.5e-10
    assert np.linalg.norm(bath.position, axis=1).min() > 1.5e-10


def test_the_same_seed_gives_the_same_spins_and_more_of_them_further_out() -> None:
    bath, again = diamond_lattice(3e-9, seed=4), diamond_lattice(3e-9, seed=4)
    np.testing.assert_array_equal(bath.position, again.position)
    larger = diamond_lattice(4e-9, seed=4)
    np.testing.assert_array_equal(bath.position, larger.position[: len(bath)])
    purer = diamond_lattice(3e-9, abundance=0.003, seed=4)
    known = {tuple(place) for place in bath.position}
    assert 0 < len(purer) < len(bath)
    assert {tuple(place) for place in purer.position} <= known
    assert len(diamond_lattice(3e-9, seed=5)) != len(bath)


def test_the_number_of_spins_follows_the_abundance() -> None:
    rng = np.random.default_rng(1)
    sites = len(DIAMOND.within(3e-9)[0]) - 2
    numbers = [len(diamond_lattice(3e-9, seed=rng)) for _ in range(200)]
    error = np.sqrt(NATURAL * sites / 200)
    assert np.mean(numbers) == pytest.approx(NATURAL * sites, abs=4.0 * error)


def test_hyperfine_tensors_are_those_of_point_dipoles() -> None:
    bath = diamond_lattice(2e-9, seed=3)
    assert np.trace(bath.hyperfine, axis1=1, axis2=2) == pytest.approx(
        0.0, abs=1e-3 * np.abs(bath.hyperfine).max()
    )
    away = np.linalg.norm(bath.position, axis=1)
    cosine = bath.position[:, 2] / away
    expected = -DIPOLE * ELECTRON * CARBON / away**3 * (1.0 - 3.0 * cosine**2)
    assert bath.hyperfine[:, 2, 2] == pytest.approx(expected)


def test_an_inner_radius_and_own_tensors_are_taken() -> None:
    def contact(position: np.ndarray, zeeman: float) -> np.ndarray:
        return np.full((len(position), 1, 1), zeeman) * np.eye(3)

    bath = diamond_lattice(2e-9, seed=3, inner_radius=1e-9, hyperfine=contact)
    assert np.linalg.norm(bath.position, axis=1).min() >= 1e-9
    assert bath.hyperfine[:, 1, 1] == pytest.approx(-CARBON)


def test_silicon_carbide_has_both_nuclei_in_their_natural_shares() -> None:
    bath = random_bath(SILICON_CARBIDE, 5e-9, seed=2)
    silicon = int(np.sum(bath.zeeman > 0.0))
    carbon = len(bath) - silicon
    ratio = ISOTOPES["29Si"].abundance / NATURAL
    assert silicon / carbon == pytest.approx(ratio, rel=0.2)


def test_every_site_of_boron_nitride_has_a_spin() -> None:
    bath = random_bath(BORON_NITRIDE, 1e-9, seed=2)
    expected = len(BORON_NITRIDE.within(1e-9)[0]) - 1
    assert abs(len(bath) - expected) <= 2  # 0.4 % 15N have spin 1/2
    assert set(bath.spin) <= {0.5, 1.0, 1.5, 3.0}


@pytest.mark.parametrize(
    ("isotopes", "message"),
    [
        ({"13C": 1.2}, "13C"),
        ({"29Si": 0.1}, "element"),
        ({"13C": 0.7, "14N": 0.1}, "element"),
    ],
)
def test_isotopes_that_cannot_be_there_are_refused(
    isotopes: dict[str, float], message: str
) -> None:
    with pytest.raises(InvalidValue, match=message):
        random_bath(DIAMOND, 1e-9, isotopes=isotopes)


def test_shares_of_one_element_must_not_exceed_it() -> None:
    with pytest.raises(InvalidValue, match="share each element up to 1"):
        random_bath(BORON_NITRIDE, 1e-9, isotopes={"10B": 0.6, "11B": 0.6})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("vectors", np.zeros((3, 3))),
        ("vectors", np.eye(2)),
        ("frame", 2.0 * np.eye(3)),
        ("sites", np.zeros((2, 3))),
    ],
)
def test_a_crystal_that_is_none_is_refused(field: str, value: np.ndarray) -> None:
    given = {"vectors": 1e-10 * np.eye(3), "sites": np.zeros((1, 3)), field: value}
    with pytest.raises(InvalidValue, match=field):
        Crystal(name="none", elements=("C",), **given)


def test_a_sphere_of_too_many_sites_is_refused() -> None:
    with pytest.raises(InvalidValue, match="random_sites"):
        diamond_lattice(1e-7)


def test_random_sites_are_different_sites_of_the_crystal() -> None:
    rng = np.random.default_rng(3)
    drawn = DIAMOND.random_sites(500, 2e-9, rng)
    sites, _ = DIAMOND.within(2.2e-9)
    distance = np.linalg.norm(drawn[:, None] - sites, axis=-1)
    assert distance.min(axis=1).max() < 1e-13
    assert len(set(np.argmin(distance, axis=1))) == 500
    radius = np.linalg.norm(drawn, axis=1)
    assert radius.max() <= 2e-9
    assert np.mean(radius**3) == pytest.approx(0.5 * 8e-27, rel=0.1)


def test_p1_centres_have_the_density_and_the_lines_of_nitrogen() -> None:
    bath = nitrogen_bath(150e-9, ppm=1.0, seed=6)
    expected = 1e-6 * DIAMOND.density("C") * 4.0 / 3.0 * np.pi * (150e-9) ** 3
    assert len(bath) == pytest.approx(expected, abs=4.0 * np.sqrt(expected))
    assert bath.local is not None
    shift = np.abs(bath.local[:, 2]) / 1e6
    on_axis = np.isclose(shift, 114.3, atol=0.3)
    off_axis = np.isclose(shift, np.hypot(114.3, np.sqrt(8.0) * 81.8) / 3.0, atol=0.3)
    shares = [np.mean(shift == 0.0), np.mean(on_axis), np.mean(off_axis)]
    assert shares == pytest.approx([1.0 / 3.0, 1.0 / 6.0, 0.5], abs=0.05)


@pytest.mark.parametrize("ppm", [1.0, 30.0])
def test_free_induction_of_dilute_spins_decays_exponentially(ppm: float) -> None:
    # Average over dipoles at random places, levels 0 and -1, spins 1/2:
    # 1 / T2* = 8 pi^3 / (9 sqrt 3) n C with C = mu_0 h z_1 z_2 / 4 pi.
    density = 1e-6 * ppm * DIAMOND.density("C")
    zeeman = float(nitrogen_bath(1e-7, ppm=10.0, seed=1).zeeman[0])
    rate = 8.0 * np.pi**3 / (9.0 * np.sqrt(3.0)) * density * DIPOLE * ELECTRON * zeeman
    assert 1.0 / rate == pytest.approx(6.86e-6 / ppm, rel=0.01)
    times = np.linspace(0.0, 2.0, 9) / rate
    rng = np.random.default_rng(2)
    curves = [
        coherence(
            nitrogen_bath(60e-9 / np.cbrt(ppm), ppm=ppm, seed=rng),
            times,
            field=[0.0, 0.0, 1.0],
            pulses=0,
            order=1,
            distance=1e-9,
        ).real
        for _ in range(400)
    ]
    error = np.std(curves, axis=0) / 20.0
    away = np.mean(curves, axis=0) - np.exp(-rate * times)
    assert np.all(np.abs(away) <= 4.0 * error + 1e-3)


def test_a_layer_of_protons_makes_the_field_of_a_slab() -> None:
    # sum of A_zz^2 = density C^2 (pi / 4) (1 / d^3 - 1 / (d + h)^3), normal along z
    depth, thick = 5e-9, 1e-9
    proton = DIPOLE * ELECTRON * ISOTOPES["1H"].gyromagnetic_ratio
    slab = np.pi / 4.0 * (depth**-3 - (depth + thick) ** -3)
    sums = [
        np.sum(
            proton_layer(depth, density=2e27, radius=50e-9, seed=k).hyperfine[:, 2, 2]
            ** 2
        )
        for k in range(20)
    ]
    expected = 2e27 * proton**2 * slab
    error = np.std(sums) / np.sqrt(20)
    assert np.mean(sums) == pytest.approx(expected, abs=4.0 * error)
    assert error < 0.05 * expected


def test_a_tilted_layer_lies_above_the_centre() -> None:
    normal = np.array([np.sqrt(2.0 / 3.0), 0.0, np.sqrt(1.0 / 3.0)])
    bath = proton_layer(5e-9, normal=normal, density=1e27, seed=1)
    height = bath.position @ normal
    assert height.min() >= 5e-9
    assert height.max() <= 6e-9


def test_a_layer_that_cannot_be_is_refused() -> None:
    with pytest.raises(InvalidValue, match="normal must not be 0"):
        proton_layer(5e-9, normal=[0.0, 0.0, 0.0])
    with pytest.raises(InvalidValue, match=r"density must be >= 0 1/m\^3"):
        proton_layer(5e-9, density=-1.0)


def test_tensors_of_the_wrong_shape_are_refused() -> None:
    with pytest.raises(
        InvalidValue, match=r"hyperfine must .*, 3, 3\), Hz, got .*\(3,"
    ):
        diamond_lattice(2e-9, seed=3, hyperfine=lambda _r, _z: np.eye(3))


def test_joined_baths_keep_their_optional_terms() -> None:
    nuclei = diamond_lattice(2e-9, seed=1)
    both = join_baths(nuclei, nitrogen_bath(50e-9, ppm=1.0, seed=1))
    assert isinstance(both, BathSpins)
    assert both.local is not None
    assert both.quadratic is None
    np.testing.assert_array_equal(both.local[: len(nuclei)], 0.0)
    assert np.any(both.local[len(nuclei) :] != 0.0)
    with pytest.raises(InvalidValue, match="at least one"):
        join_baths()


def test_a_field_that_holds_the_nuclei_lengthens_free_induction() -> None:
    # High field: prod cos(pi A_zz t); none: prod cos(pi |A_z| t). Over directions
    # <A_zz^2> = 4/5 and <|A_z|^2> = 2 in the same unit, so T2* grows by sqrt(5/2).
    times = np.linspace(0.0, 12e-6, 121)
    ratios = []
    for seed in range(100):
        bath = diamond_lattice(2.5e-9, seed=seed, inner_radius=5e-10)
        high, none = (
            np.abs(
                coherence(
                    bath,
                    times,
                    field=[0.0, 0.0, size],
                    pulses=0,
                    order=1,
                    distance=1e-9,
                )
            )
            for size in (0.5, 0.0)
        )
        below = [float(np.argmax(curve < np.exp(-1.0))) for curve in (high, none)]
        ratios.append(below[0] / below[1])
    error = np.std(ratios) / 10.0
    assert np.mean(ratios) == pytest.approx(np.sqrt(2.5), abs=4.0 * float(error))
    assert error < 0.05
