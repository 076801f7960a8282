"""Cases as a whole: changes, scans, the schema, summaries and pictures."""

import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from qleap.core import results
from qleap.core.errors import InvalidValue
from qleap.laser import (
    analytic_signal,
    load_case,
    plot_output,
    plot_propagation,
    propagate_fibre,
)
from qleap.laser.cases import case_schema, plot_scan, summary
from qleap.laser.cases.outputs import light_of

CASES = sorted((Path(__file__).parents[3] / "examples" / "cases").glob("*.toml"))

SOLITON = """
[pulse]
wavelength = "1550 nm"
fwhm = "200 fs"
peak_power = "300 W"
[fibre]
length = "5 cm"
gamma = "0.01 1/(W m)"
betas = ["-20 ps^2/km"]
raman = "none"
[grid]
n_points = 512
window = "4 ps"
[solver]
n_positions = 3
"""
# A soliton of first order keeps its shape: P0 = |beta2| / (gamma T0^2).
FIRST_ORDER = 20e-27 / (0.01 * (200e-15 / 1.7627471740390859) ** 2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "case.toml"
    made.write_text(SOLITON)
    return made


@pytest.mark.parametrize("example", CASES, ids=lambda path: path.stem)
def test_the_shipped_cases_are_right(example: Path) -> None:
    case = load_case(example)
    assert case.title != example.stem
    assert case.door in {"fibre", "capillary", "beam", "crystal"}


def test_there_is_a_case_for_every_door_and_for_a_scan() -> None:
    cases = [load_case(example) for example in CASES]
    assert {case.door for case in cases} == {"fibre", "capillary", "beam", "crystal"}
    assert any(case.axes for case in cases)


def test_keys_can_be_changed_without_the_file(path: Path) -> None:
    changes = {"pulse.peak_power": "1 kW", "effects": {}, "solver.tolerance": 1e-6}
    case = load_case(path, changes)
    assert case.arguments["pulse"].peak_power == 1e3
    assert case.arguments["tolerance"] == 1e-6
    assert path.read_text() == SOLITON


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"pulse.fhwm": "1 fs"},
            r"the key pulse\.fhwm is unknown; did you mean 'fwhm'",
        ),
        ({"pulse.fwhm.x": 1}, r"pulse\.fwhm\.x is no key, as fwhm has a value"),
        ({"title.x": 1}, r"title\.x is no key|unknown"),
    ],
)
def test_wrong_changes_are_said(
    path: Path, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(InvalidValue, match=words):
        load_case(path, {"title": "a", **changes})


def test_one_of_several_pulses_is_changed_by_its_number(path: Path) -> None:
    several = SOLITON.replace("[pulse]", "[[pulse]]")
    path.write_text(several)
    case = load_case(path, {"pulse.0.peak_power": "1 kW"})
    assert case.arguments["pulse"].peak_power == 1e3
    with pytest.raises(
        InvalidValue, match=r"one of several; write pulse\.0\.peak_power"
    ):
        load_case(path, {"pulse.peak_power": "1 kW"})
    with pytest.raises(InvalidValue, match=r"a number from 0 to 0 in place of '7'"):
        load_case(path, {"pulse.7.peak_power": "1 kW"})


def test_a_file_and_its_script_make_the_same_bits(path: Path) -> None:
    from qleap.laser import Fibre, Grid, Pulse

    pulse = Pulse(wavelength=1550e-9, fwhm=200e-15, peak_power=300.0)
    fibre = Fibre(
        length=5e-2, wavelength=1550e-9, betas=(-20e-27,), gamma=0.01, raman=None
    )
    grid = Grid(n_points=512, window=4e-12, wavelength=1550e-9)
    wanted = propagate_fibre(pulse, fibre, grid=grid, n_positions=3)
    found = load_case(path).propagate()
    xr.testing.assert_equal(found, wanted)
    assert results.parameters(found) == results.parameters(wanted)


def test_a_scan_of_a_case_has_its_values_in_si(path: Path) -> None:
    scanned = """
[scan]
pulse.peak_power = ["100 W", "0.3 kW"]
solver.tolerance = { start = 1e-8, stop = 1e-6, n_points = 3, spacing = "logarithmic" }
"""
    path.write_text(SOLITON + scanned)
    case = load_case(path)
    data = case.propagate()
    assert data.sizes["pulse_peak_power"] == 2
    assert data["pulse_peak_power"].values.tolist() == [100.0, 300.0]
    assert data["pulse_peak_power"].attrs["units"] == "W"
    np.testing.assert_allclose(data["solver_tolerance"], [1e-8, 1e-7, 1e-6])
    path.write_text(SOLITON)
    one = load_case(path, {"solver.tolerance": 1e-7}).propagate()
    found = data.isel(pulse_peak_power=1, solver_tolerance=1)
    np.testing.assert_array_equal(found["spectrum"], one["spectrum"])


def test_a_zipped_scan_has_a_point_for_each_pair(path: Path) -> None:
    scanned = '[scan]\nzipped = true\nfibre.raman = ["none", "blow-wood"]\n'
    path.write_text(SOLITON + scanned + 'fibre.length = ["1 cm", "2 cm"]\n')
    data = load_case(path).propagate(workers=2)
    assert data["fibre_raman"].values.tolist() == ["none", "blow-wood"]
    assert data["position"].values[:, -1].tolist() == [0.01, 0.02]


@pytest.mark.parametrize(
    ("scanned", "words"),
    [
        ("", r"\[scan\] must name a key and its values"),
        ('pulse.fhwm = ["1 fs"]', r"the key pulse\.fhwm is unknown; did you mean"),
        ('pulse.fwhm = ["1 fs", "2 bar"]', r"pulse\.fwhm: .* number with a unit"),
        ('pulse.fwhm = "1 fs"', r"scan\.pulse\.fwhm must be a list of values"),
        ("pulse.fwhm = []", r"scan\.pulse\.fwhm must be a list of values"),
        ("zipped = 1", r"scan\.zipped must be true or false"),
        (
            'zipped = true\npulse.fwhm = ["1 fs"]\nfibre.loss = [0, 1]',
            "must be equally many, got 1 of pulse.fwhm, 2 of fibre.loss",
        ),
        (
            'pulse.fwhm = { start = "1 fs", stop = "2 fs" }',
            r"scan\.pulse\.fwhm\.n_points: Field required",
        ),
        (
            'pulse.fwhm = { start = "0 fs", stop = "2 fs", n_points = 3, '
            'spacing = "logarithmic" }',
            "both ends > 0 where the spacing is logarithmic",
        ),
        (
            'pulse.fwhm = { start = "1 bar", stop = "2 fs", n_points = 3 }',
            r"scan\.pulse\.fwhm: .* number with a unit",
        ),
    ],
)
def test_a_wrong_scan_is_said_before_anything_is_computed(
    path: Path, scanned: str, words: str
) -> None:
    path.write_text(f"{SOLITON}[scan]\n{scanned}\n")
    with pytest.raises(InvalidValue, match=words) as caught:
        load_case(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def _resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        part = schema["$defs"][part["$ref"].rsplit("/", 1)[1]]
    return part


def test_the_schema_names_every_key_of_the_shipped_cases() -> None:
    schema = case_schema()
    for example in CASES:
        for name, section in tomllib.loads(example.read_text()).items():
            assert name in schema["properties"]
            if not isinstance(section, dict) or name == "scan":
                continue
            part = _resolved(schema, schema["properties"][name])
            options = [_resolved(schema, one) for one in part.get("anyOf", [part])]
            known = next(one for one in options if "properties" in one)
            assert known["additionalProperties"] is False
            assert set(section) <= set(known["properties"])


def test_the_schema_says_how_quantities_are_written() -> None:
    schema = case_schema()
    fwhm = schema["$defs"]["PulseSection"]["properties"]["fwhm"]["anyOf"][0]
    pattern = next(x["pattern"] for x in fwhm["anyOf"] if x["type"] == "string")
    for right in ("50 fs", "1.5e-3 ps", " -2 s "):
        assert re.search(pattern, right)
    for wrong in ("50", "50 nm", "fs"):
        assert not re.search(pattern, wrong)


def test_a_summary_of_a_soliton_says_what_a_soliton_does(path: Path) -> None:
    changes = {"pulse.peak_power": FIRST_ORDER, "fibre.self_steepening": False}
    data = load_case(path, changes).propagate()
    found = summary(data)
    assert found["input_fwhm_s"] == pytest.approx(200e-15, rel=1e-3)
    assert found["output_fwhm_s"] == pytest.approx(200e-15, rel=1e-3)
    assert abs(found["lost_share"]) < 1e-8
    assert found["estimated_error"] < 1e-5
    # sech^2(pi Omega T0 / 2) is at -30 dB where Omega = 2 arcosh(10^1.5) / (pi T0).
    t0 = 200e-15 / 1.7627471740390859
    half = 2.0 * np.arccosh(10.0**1.5) / (np.pi * t0)
    omega = 2.0 * np.pi * 2.99792458e8 / 1550e-9
    ends = 2.0 * np.pi * 2.99792458e8 / np.array([omega + half, omega - half])
    np.testing.assert_allclose(
        [found["spectrum_from_m"], found["spectrum_to_m"]], ends, rtol=1.5e-3
    )


def test_losses_are_summed_up(path: Path) -> None:
    data = load_case(path, {"fibre.loss": "20 dB/m", "fibre.gamma": 0.0}).propagate()
    assert summary(data)["lost_share"] == pytest.approx(1.0 - 10.0**-0.1, rel=1e-9)


def test_the_light_of_a_capillary_is_an_envelope_with_its_energy(path: Path) -> None:
    path.write_text("""
[pulse]
shape = "gaussian"
wavelength = "800 nm"
fwhm = "30 fs"
energy = "10 uJ"
[capillary]
core_radius = "125 um"
length = "1 cm"
gas = "argon"
pressure = "0.1 bar"
[effects]
plasma = "none"
[solver]
n_positions = 2
""")
    data = load_case(path).propagate()
    light = light_of(data, -1)
    assert light.energy == pytest.approx(float(data["energy"][-1]), rel=1e-6)
    time = data["time"].values
    field = analytic_signal(data, float(data["position"][-1])).real
    # Its harmonics lie beyond twice the carrier or are weak.
    apart = np.abs(light.field(time) - field).max()
    assert apart < 1e-2 * np.abs(field).max()
    assert summary(data)["output_fwhm_s"] == pytest.approx(30e-15, rel=1e-2)
    assert len(plot_propagation(data).axes) >= 4
    assert len(plot_output(data).axes) == 5


def test_pictures_and_summaries_of_other_data_are_refused() -> None:
    other = xr.Dataset(attrs={"kind": "odmr"})
    for refuse in (plot_propagation, plot_scan):
        with pytest.raises(InvalidValue, match=r"got .*'odmr'"):
            refuse(other)
    with pytest.raises(InvalidValue, match="got a scan; choose a point"):
        summary(xr.Dataset(attrs={"kind": "laser.scan"}))


def test_a_picture_of_a_scan_is_over_its_numbers(path: Path) -> None:
    scanned = '[scan]\npulse.peak_power = ["100 W", "300 W", "900 W"]\n'
    path.write_text(SOLITON + scanned + 'fibre.raman = ["none", "blow-wood"]\n')
    made = plot_scan(load_case(path).propagate())
    energy = next(ax for ax in made.axes if ax.get_ylabel().startswith("energy"))
    assert energy.get_xlabel() == "pulse peak power (W)"
    for curve in energy.lines:
        power, found = (np.asarray(axis) for axis in curve.get_data())
        np.testing.assert_allclose(found / power, found[0] / power[0], rtol=1e-3)
    legend = energy.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "fibre raman: none",
        "fibre raman: blow-wood",
    ]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_processes_of_a_dask_cluster_compute_and_store_the_same_bits(
    path: Path,
) -> None:
    # Of processes: within one, xarray finds the lock that a cluster does not know.
    distributed = pytest.importorskip("distributed", reason="needs qleap[distributed]")
    path.write_text(SOLITON + '[scan]\npulse.peak_power = ["100 W", "300 W"]\n')
    case, store = load_case(path), path.with_name("points")
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        found = case.propagate(store, executor=client)
    wanted = case.propagate()
    for name in found.variables:
        assert np.array_equal(found[name], wanted[name]), name
    assert len(list(store.glob("point-*.nc"))) == 2
