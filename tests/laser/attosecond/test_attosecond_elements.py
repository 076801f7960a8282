"""Films and mirrors as elements: against the media they are made of."""

import numpy as np
import pytest

from qleap.core.constants import ELECTRONVOLT, HBAR, SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind
from qleap.laser import Grid
from qleap.laser.attosecond import MultilayerMirror, ThinFilm
from qleap.laser.media import Layer, Multilayer, XuvMedium
from qleap.laser.pulses import Element, SampledPulse, through

pytest.importorskip("periodictable")

ALUMINIUM = XuvMedium(formula="Al")
ZIRCONIUM = XuvMedium(formula="Zr")


def burst(centre: float, fwhm: float) -> SampledPulse:
    """Return a Gaussian burst at a photon energy in eV."""
    wavelength = 2.0 * np.pi * SPEED_OF_LIGHT * HBAR / (centre * ELECTRONVOLT)
    grid = Grid(n_points=256, window=10e-15, wavelength=wavelength)
    shape = np.exp(-2.0 * np.log(2.0) * (grid.time / fwhm) ** 2)
    return SampledPulse(grid=grid, samples=shape.astype(complex))


def dispersion(element: Element, centre: float, half: float) -> float:
    """Return the GDD (s^2) from a parabola through the phase."""
    omega = np.linspace(centre - half, centre + half, 61) * ELECTRONVOLT / HBAR
    away = (omega - omega.mean()) / np.ptp(omega)
    bent = np.polyfit(away, element.phase(omega), 2)[0]
    return float(2.0 * bent / np.ptp(omega) ** 2)


def test_energy_behind_a_film_is_the_transmission_of_its_medium() -> None:
    film = ThinFilm(medium=ZIRCONIUM, thickness=300e-9)
    light = burst(90.0, 200e-18)
    passed = through(light, film, grid=light.grid)
    omega = light.grid.omega
    density = np.abs(light.grid.to_frequency(light.samples)) ** 2
    known = (omega > film.valid[0]) & (omega < film.valid[1])
    share = ZIRCONIUM.transmission(omega[known], 300e-9)
    expected = np.sum(density[known] * share) / density.sum()
    assert passed.energy / light.energy == pytest.approx(expected, rel=1e-9)
    assert isinstance(film, Element)


def test_aluminium_disperses_as_its_free_electrons_do() -> None:
    # Three electrons an atom, hbar omega_p = 15.8 eV; 600 nm at 35 and 45 eV.
    plasma = 15.77 * ELECTRONVOLT / HBAR
    for centre, error in ((35.0, 0.15), (45.0, 0.35)):
        omega = centre * ELECTRONVOLT / HBAR
        expected = -(plasma**2) * 600e-9 / (omega**3 * SPEED_OF_LIGHT)
        found = dispersion(ThinFilm(medium=ALUMINIUM, thickness=600e-9), centre, 4.5)
        assert found < 0.0
        assert found == pytest.approx(expected, rel=error)


@pytest.mark.parametrize("tables", ["henke", "chantler"])
@pytest.mark.parametrize(
    ("formula", "turn"), [("Al", 50.0), ("Si", 69.0), ("Be", 81.0), ("B", 141.0)]
)
def test_films_compress_below_the_energy_that_is_told_and_stretch_above(
    formula: str, turn: float, tables: str
) -> None:
    if tables == "chantler":
        pytest.importorskip("xraydb")
    film = ThinFilm(medium=XuvMedium(formula=formula, tables=tables), thickness=1e-7)
    assert dispersion(film, turn - 3.0, 6.0) < 0.0 < dispersion(film, turn + 3.0, 6.0)


def test_zirconium_compresses_between_its_edges() -> None:
    film = ThinFilm(medium=ZIRCONIUM, thickness=1e-7)
    for centre in np.arange(65.0, 141.0, 5.0):
        assert dispersion(film, centre, 5.0) < 0.0


def test_film_of_no_thickness_changes_nothing() -> None:
    light = burst(60.0, 150e-18)
    film = ThinFilm(medium=ALUMINIUM, thickness=0.0)
    passed = through(light, film, grid=light.grid)
    # Light below 30 eV, of which tables do not tell, is cut.
    np.testing.assert_allclose(passed.samples, light.samples, atol=1e-4)


def test_mirror_reflects_as_its_stack_and_its_phase_has_no_jumps() -> None:
    silicon, molybdenum = XuvMedium(formula="Si"), XuvMedium(formula="Mo")
    stack = Multilayer(
        period=(
            Layer(medium=silicon, thickness=4.1e-9),
            Layer(medium=molybdenum, thickness=2.8e-9),
        ),
        n_periods=12,
        substrate=silicon,
    )
    mirror = MultilayerMirror(stack=stack, incidence=0.1)
    omega = np.linspace(70.0, 110.0, 401) * ELECTRONVOLT / HBAR
    expected = stack.reflectivity(omega, 0.1)
    np.testing.assert_allclose(mirror.transmission(omega), expected, rtol=1e-12)
    shuffled = np.random.default_rng(1).permutation(omega.size)
    phase = mirror.phase(omega)
    assert np.abs(np.diff(phase)).max() < 0.5
    np.testing.assert_allclose(mirror.phase(omega[shuffled]), phase[shuffled])
    reflected = stack.reflection(omega, 0.1)
    np.testing.assert_allclose(np.exp(1j * phase), reflected / np.abs(reflected))
    twice = MultilayerMirror(stack=stack, incidence=0.1, bounces=2)
    np.testing.assert_allclose(twice.transmission(omega), expected**2)
    light = burst(91.0, 250e-18)
    delayed = through(light, mirror, grid=light.grid)
    assert 0.05 < delayed.energy / light.energy < expected.max()


def test_other_objects_than_media_and_stacks_are_refused() -> None:
    with pytest.raises(InvalidKind, match="medium"):
        ThinFilm(medium="Al", thickness=1e-7)  # type: ignore[arg-type]
    with pytest.raises(InvalidKind, match="stack"):
        MultilayerMirror(stack=ALUMINIUM)  # type: ignore[arg-type]
