"""The door to beams and its parts: shapes, planes, edges, threads, stores."""

import dataclasses
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline
from threadpoolctl import threadpool_info, threadpool_limits

from qleap.core import results, style
from qleap.core.errors import InvalidKind, InvalidValue, QleapWarning
from qleap.laser.grid import FieldGrid, Grid
from qleap.laser.ionisation.tables import rate_table
from qleap.laser.media import Material
from qleap.laser.media.nonlinear import n2_from_chi3
from qleap.laser.propagation import beam_evolution, integrator, run
from qleap.laser.propagation.beam import propagate_beam
from qleap.laser.propagation.beam_equation import BeamEquation
from qleap.laser.propagation.beam_plots import plot_beam
from qleap.laser.propagation.beam_shape import Beam
from qleap.laser.propagation.effects import Effects
from qleap.laser.propagation.hankel import HankelTransform
from qleap.laser.propagation.plane import PlaneGrid
from qleap.laser.propagation.team import Team
from qleap.laser.pulses.pulse import Pulse

Floats = NDArray[np.float64]

WAVELENGTH = 800e-9
WAVE = 2.0 * np.pi / WAVELENGTH
ARGON = Material(name="argon", pressure=1e5, temperature=293.0)
PULSE = Pulse(shape="gaussian", wavelength=WAVELENGTH, fwhm=40e-15, energy=150e-6)
GRID = Grid(n_points=64, window=2.4e-13, wavelength=WAVELENGTH)
TIGHT = Beam(radius=200e-6, focal_length=0.05)
PLANE = (8e-4, 64)


def test_without_symmetry_a_round_beam_is_what_it_is_with_it() -> None:
    given: dict[str, Any] = {
        "length": 0.038,
        "grid": GRID,
        "n_positions": 3,
        "tolerance": 1e-5,
    }
    plane = propagate_beam(
        PULSE, ARGON, TIGHT, symmetry="none", transverse=PLANE, **given
    )
    radial = propagate_beam(PULSE, ARGON, TIGHT, transverse=(9e-4, 64), **given)
    for name in ("energy", "photon_number", "peak_intensity", "beam_radius"):
        assert_allclose(plane[name], radial[name], rtol=5e-4, err_msg=name)
    assert radial["peak_intensity"][-1] > 4.0 * radial["peak_intensity"][0]
    middle = plane["fluence"].values[-1, 32, 32:44]
    line = plane["x"].values[32:44]
    curve = CubicSpline(radial["radius"], np.log(radial["fluence"][-1]))
    assert_allclose(middle[1:], np.exp(curve(line[1:])), atol=1e-3 * middle.max())


def test_an_elliptical_astigmatic_beam_has_two_waists() -> None:
    beam = Beam(radius=(150e-6, 100e-6), focal_length=(0.06, np.inf), tilt=(0.0, 2e-3))
    data = propagate_beam(
        dataclasses.replace(PULSE, fwhm=100e-15, peak_power=np.nan),
        None,
        beam,
        symmetry="none",
        length=0.05,
        grid=Grid(n_points=64, window=6e-13, wavelength=WAVELENGTH),
        transverse=(6e-4, 96),
        n_positions=3,
        soft_edge=False,
    )
    fluence, line, place = data["fluence"].values, data["x"].values, data["position"]
    for axis, radius, focal in ((2, 150e-6, 0.06), (1, 100e-6, np.inf)):
        profile = fluence.sum(axis=axis)
        centre = profile @ line / profile.sum(axis=1)
        spread = np.sqrt(profile @ line**2 / profile.sum(axis=1) - centre**2)
        z = place.values
        expected = radius * np.hypot(1 - z / focal, 2 * z / (WAVE * radius**2))
        assert_allclose(2.0 * spread, expected, rtol=1e-3)
        tilt = 2e-3 if axis == 1 else 0.0
        assert_allclose(centre, z * tilt, atol=2e-7)


def test_a_vortex_stays_dark_in_its_middle_and_has_the_quality_of_its_charge() -> None:
    data = propagate_beam(
        PULSE,
        None,
        Beam(radius=60e-6, charge=2),
        symmetry="none",
        length=0.02,
        grid=GRID,
        transverse=(5e-4, 96),
        n_positions=2,
        soft_edge=False,
    )
    # M^2 = 2 p + |l| + 1 of a Laguerre-Gaussian beam.
    assert_allclose(data["beam_quality"], 3.0, rtol=5e-3)
    assert data["fluence"][-1, 48, 48] < 1e-10 * data["fluence"][-1].max()


def test_a_beam_is_put_so_that_its_waist_lies_where_it_is_wanted() -> None:
    beam = Beam.with_waist(50e-6, 0.03, WAVELENGTH)
    small, large = beam.radius_at(0.03, WAVE)
    assert small == pytest.approx(50e-6, rel=1e-9)
    assert large == small
    assert beam.radius_at(0.0, WAVE)[0] == pytest.approx(beam.largest_radius)
    around = [beam.radius_at(0.03 + d, WAVE)[0] for d in (-1e-3, 1e-3)]
    assert around[0] == pytest.approx(around[1])
    assert Beam.with_waist(50e-6, -0.03, WAVELENGTH).radius_at(0.01, WAVE)[0] > small


def test_the_number_of_threads_does_not_change_a_bit() -> None:
    section = HankelTransform.on(9e-4, 40)
    omega0 = PULSE.omega0
    grid = FieldGrid(
        n_points=1024,
        window=1024 * 0.5 * np.pi / (5.0 * omega0),
        wavelength=WAVELENGTH,
        band=(0.25 * omega0, 4.9 * omega0),
    )
    rates = rate_table("Ar", "adk", cycle_average=False)
    pulse = dataclasses.replace(PULSE, fwhm=12e-15, peak_power=np.nan)
    signal = pulse.envelope(grid.time) * np.exp(-1j * omega0 * grid.time)
    over_time = np.fft.ifft(signal)[: grid.n_frequencies] * (grid.pass_band > 0.0)
    across = TIGHT.at_radii(section.radius, grid.omega / 3e8)
    across /= np.sqrt(section.area @ np.abs(across[:, 0]) ** 2)
    waves = np.empty(across.shape, complex)
    section.to_waves_into(np.ascontiguousarray(3.0 * across * over_time), waves)
    found = []
    for threads in (1, 2, 3):
        equation = BeamEquation(
            ARGON,
            section,
            grid,
            Effects(rates=rates),
            absorption=1.0,
            team=Team(threads),
        )
        found.append(np.empty_like(waves))
        equation.nonlinear_into(0.0, waves, found[-1])
    assert np.linalg.norm(found[0]) > 0.0
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])


def test_what_is_seen_of_a_beam_does_not_depend_on_threads_of_blas(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts: list[int] = []
    original = beam_evolution._core

    def counted(*arguments: Any) -> float:
        counts.extend(
            pool["num_threads"]
            for pool in threadpool_info()
            if pool["user_api"] == "blas"
        )
        return original(*arguments)

    monkeypatch.setattr(beam_evolution, "_core", counted)
    with threadpool_limits(2, user_api="blas"):
        propagate_beam(
            PULSE, None, 1e-4, length=1e-3, grid=GRID, transverse=(8e-4, 16),
            n_positions=2, estimate_error=False,
        )  # fmt: skip
    assert counts
    assert set(counts) == {1}


def test_the_estimated_error_is_that_of_the_spectra_of_all_waves() -> None:
    given: dict[str, Any] = {
        "length": 0.055,
        "grid": GRID,
        "transverse": (8e-4, 48),
        "n_positions": 3,
        "amplitudes": True,
    }
    exact = propagate_beam(
        PULSE, ARGON, TIGHT, tolerance=1e-10, estimate_error=False, **given
    )
    assert "estimated_error" not in exact
    found = propagate_beam(PULSE, ARGON, TIGHT, tolerance=1e-6, **given)
    power, right = (np.abs(data["amplitudes"].values) ** 2 for data in (found, exact))
    for place in (1, 2):
        error = np.linalg.norm(power[place] - right[place])
        error /= np.linalg.norm(right[place])
        assert 0.2 * error < float(found["estimated_error"][place]) < 5.0 * error
    assert float(found["estimated_error"][0]) == 0.0


def test_light_that_leaves_does_not_come_back_from_a_soft_edge() -> None:
    grid = Grid(n_points=128, window=4.8e-13, wavelength=WAVELENGTH)
    given: dict[str, Any] = {"length": 0.25, "grid": grid, "n_positions": 2}
    wide = propagate_beam(PULSE, None, 40e-6, transverse=(7e-3, 400), **given)
    with pytest.warns(QleapWarning, match="edge of the grid in radius"):
        narrow = propagate_beam(PULSE, None, 40e-6, transverse=(1.3e-3, 80), **given)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", QleapWarning)
        hard = propagate_beam(
            PULSE, None, 40e-6, transverse=(1.3e-3, 80), soft_edge=False, **given
        )

    def apart(data: Any) -> float:
        inner = np.linspace(0.0, 6e-4, 9)
        a, b = (np.interp(inner, d["radius"], d["fluence"][-1]) for d in (data, wide))
        return float(np.abs(a / b - 1.0).max())

    assert apart(narrow) < 0.01
    assert apart(hard) > 0.2
    assert narrow["energy"][-1] < 0.9 * narrow["energy"][0]


def test_grids_of_their_own_accord_hold_the_light() -> None:
    pulse = dataclasses.replace(PULSE, fwhm=20e-15, peak_power=np.nan)
    data = propagate_beam(
        pulse,
        None,
        Beam.with_waist(30e-6, 0.004, WAVELENGTH),
        length=0.02,
        n_positions=3,
    )
    assert data["edge_energy"].max() < 1e-4
    rayleigh = np.pi * 30e-6**2 / WAVELENGTH
    expected = 30e-6 * np.hypot(1.0, (data["position"] - 0.004) / rayleigh)
    assert_allclose(data["beam_radius"], expected, rtol=3e-3)


def test_a_stopped_beam_goes_on_to_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {
        "length": 0.05,
        "grid": GRID,
        "transverse": (8e-4, 32),
        "n_positions": 5,
        "tolerance": 1e-5,
        "amplitudes": True,
    }
    whole = propagate_beam(PULSE, ARGON, TIGHT, **given)
    march = integrator.march

    def stopping(*args: Any, **options: Any) -> Iterator[integrator.Snapshot]:
        for count, light in enumerate(march(*args, **options)):
            yield light
            if count == 8:
                raise KeyboardInterrupt

    store = tmp_path / "beam.nc"
    with monkeypatch.context() as patch:
        patch.setattr(run, "march", stopping)
        with pytest.raises(KeyboardInterrupt):
            propagate_beam(PULSE, ARGON, TIGHT, store=store, **given)
    resumed = propagate_beam(PULSE, ARGON, TIGHT, store=store, **given)
    for name in whole.variables:
        assert np.array_equal(resumed[name], whole[name]), name
    assert results.load(store).attrs["kind"] == "laser.beam"
    with pytest.raises(InvalidValue, match="other parameters"):
        propagate_beam(PULSE, ARGON, TIGHT, store=store, **{**given, "length": 0.04})


@dataclasses.dataclass(frozen=True)
class _Gas:
    """Without dispersion, and with a nonlinearity of either sign."""

    chi3: float
    number_density: float = 2.5e25

    def index(self, omega: ArrayLike, *, outside: str = "error") -> Floats:  # noqa: ARG002
        return np.ones(np.shape(omega))


def test_a_nonlinearity_below_zero_defocuses_and_turns_the_phase_back() -> None:
    turned = []
    for chi3 in (1e-24, -1e-24, 0.0):
        data = propagate_beam(
            PULSE, _Gas(chi3), 2e-3, length=0.1, grid=GRID, transverse=(8e-3, 48),
            n_positions=2, estimate_error=False, soft_edge=False,
        )  # fmt: skip
        field = data["axis_field"].values[-1]
        turned.append(np.angle(field[np.argmax(np.abs(field))]))
    n2 = n2_from_chi3(1e-24, 1.0)
    peak = 2.0 * PULSE.peak_power / (np.pi * 4e-6)
    assert_allclose(turned[0] - turned[2], WAVE * n2 * peak * 0.1, rtol=2e-3)
    assert_allclose(turned[1] - turned[2], -WAVE * n2 * peak * 0.1, rtol=2e-3)


def test_a_tilted_beam_walks_aside_by_its_angles() -> None:
    shape = Beam(radius=150e-6, tilt=(2e-3, -1e-3), offset=(-1e-4, 5e-5))
    data = propagate_beam(
        PULSE, None, shape, length=0.08, symmetry="none", transverse=(8e-4, 64),
        grid=GRID, n_positions=2, estimate_error=False, soft_edge=False,
    )  # fmt: skip
    weight = data["fluence"] / data["fluence"].sum(("x", "y"))
    for axis, begin, angle in (("x", -1e-4, 2e-3), ("y", 5e-5, -1e-3)):
        centre = (weight * data[axis]).sum(("x", "y")).values
        assert_allclose(centre, [begin, begin + 0.08 * np.tan(angle)], atol=2e-7)


def test_a_soft_edge_takes_its_rate_of_the_outermost_field() -> None:
    section = HankelTransform.on(1e-3, 64)
    equation = BeamEquation(None, section, GRID, Effects(kerr=False), absorption=3.0)
    points = np.zeros((64, 64), complex)
    points[-1] = 1.0
    waves, change, back = (np.empty_like(points) for _ in range(3))
    section.to_waves_into(points, waves)
    equation.nonlinear_into(0.0, waves, change)
    section.to_points_into(change, back)
    rise = (section.radius[-1] / section.edge - 0.8) / 0.2
    rate = 3.0 * np.sin(0.5 * np.pi * rise) ** 2
    assert_allclose(back[-1], -rate, rtol=1e-2)


def test_a_plane_keeps_the_energy_and_is_its_own_inverse() -> None:
    plane = PlaneGrid(1e-3, 12)
    rng = np.random.default_rng(5)
    waves = rng.standard_normal((144, 3)) + 1j * rng.standard_normal((144, 3))
    points, back = np.empty_like(waves), np.empty_like(waves)
    plane.to_points_into(waves, points)
    plane.to_waves_into(points, back)
    assert_allclose(back, waves, atol=1e-12)
    assert plane.area @ np.abs(points[:, 1]) ** 2 == pytest.approx(
        np.sum(np.abs(waves[:, 1]) ** 2)
    )
    assert_allclose(plane.axis @ waves, points[0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"beam": Beam(radius=(1e-4, 2e-4))}, "round"),
        ({"symmetry": "square"}, "symmetry"),
        ({"plasma": "ppt", "medium": None}, "rates"),
        ({"raman": True}, "raman needs"),
        ({"length": -1.0}, "length"),
        ({"wavelengths": (9e-7, 1e-6)}, "wavelengths"),
    ],
)
def test_what_makes_no_sense_is_refused(change: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"medium": ARGON, "beam": 1e-4, "length": 0.01, **change}
    with pytest.raises(InvalidValue, match=message):
        propagate_beam(PULSE, **given)


def test_a_picture_shows_the_way_of_the_beam() -> None:
    data = propagate_beam(
        PULSE,
        ARGON,
        TIGHT,
        length=0.05,
        grid=GRID,
        transverse=(8e-4, 32),
        tolerance=1e-3,
        n_positions=5,
        plasma="ppt",
    )
    figure = plot_beam(data)
    labels = [axes.get_ylabel() for axes in figure.axes]
    assert "radius (mm)" in labels
    assert any("electron density" in label for label in labels)
    left, right = (
        axes
        for axes in figure.axes
        if axes.get_ylabel().startswith(("peak intensity", "electron density"))
    )
    assert left.lines[0].get_linestyle() != right.lines[0].get_linestyle()
    for axes in (left, right):
        assert axes.lines[0].get_color() == axes.yaxis.label.get_color()
        assert axes.lines[0].get_color() in style.COLOURS
    with pytest.raises(InvalidValue, match=r"laser\.beam"):
        plot_beam(data.assign_attrs(kind="other"))


def test_the_name_of_a_medium_is_not_a_medium() -> None:
    with pytest.raises(InvalidKind, match=r"medium must be a Material.* got 'argon'"):
        propagate_beam(PULSE, "argon", TIGHT, length=0.1)  # type: ignore[arg-type]
