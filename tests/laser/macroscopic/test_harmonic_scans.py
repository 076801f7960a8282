"""Scans of the whole model against the third harmonic of a focused beam."""

import dataclasses
import pickle
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import Beam, propagate_beam
from qleap.laser.macroscopic import (
    gas_scan,
    generate_harmonics,
    harmonic_scan,
    harmonic_scans,
)
from tests.laser.macroscopic.test_generation import (
    GAS,
    PULSE,
    RAYLEIGH,
    THIRD,
    WAIST,
    Cubic,
)

LENGTH = 0.4 * RAYLEIGH


class Elsewhere(Executor):
    """Runs what was pickled on its way, as on a cluster's worker."""

    def submit(
        self, function: Callable[..., Any], /, *args: Any, **options: Any
    ) -> "Future[Any]":
        call, given = pickle.loads(pickle.dumps((function, args)))
        found: Future[Any] = Future()
        try:
            found.set_result(call(*given, **options))
        except Exception as error:
            found.set_exception(error)
        return found


def third_harmonics(**changes: Any) -> Any:
    options: dict[str, Any] = {
        "energies": THIRD,
        "waist": WAIST,
        "pressures": [10.0, 20.0],
        "intensities": [1e16, 2e16],
        "positions": [0.0, RAYLEIGH],
        "length": LENGTH,
        "n_positions": 9,
        "n_radii": 32,
        "weakest": 0.1,
        "dispersion": None,
        "driver": {"kerr": False, "full_field": False},
        "workers": 1,
    }
    return harmonic_scan(GAS, PULSE, Cubic(), **{**options, **changes})


def focal_integral(position: float) -> complex:
    """Return J_3 of Boyd, Nonlinear Optics, eq. 2.10.9, about a position, m."""

    def part(z: float) -> complex:
        return 1.0 / (1.0 + 1j * z / RAYLEIGH) ** 2

    ends = position - 0.5 * LENGTH, position + 0.5 * LENGTH
    return complex(
        quad(lambda z: part(z).real, *ends)[0], quad(lambda z: part(z).imag, *ends)[0]
    )


def test_third_harmonics_over_pressure_intensity_and_position_are_boyds() -> None:
    energy = third_harmonics(pressures=[10.0])["energy"]
    assert energy.dims == ("intensity", "position", "pressure")
    values = energy.values[:, :, 0]
    assert_allclose(values[1], 8.0 * values[0], rtol=3e-3)
    off = abs(focal_integral(RAYLEIGH) / focal_integral(0.0)) ** 2
    assert off < 0.3
    assert_allclose(values[:, 1], off * values[:, 0], rtol=3e-3)


def test_a_scan_goes_on_from_its_store_and_may_be_sent_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small: dict[str, Any] = {"positions": [0.0], "n_positions": 5, "n_radii": 16}
    seen: list[object] = []

    def counted(*args: Any, **options: Any) -> Any:
        seen.append(args)
        if len(seen) == 3:
            raise RuntimeError("the light went out")
        return propagate_beam(*args, **options)

    counted.__kwdefaults__ = propagate_beam.__kwdefaults__
    monkeypatch.setattr(harmonic_scans, "propagate_beam", counted)
    with pytest.raises(RuntimeError, match="went out"):
        third_harmonics(store=tmp_path / "scan", **small)
    again = third_harmonics(store=tmp_path / "scan", executor=Elsewhere(), **small)
    assert len(seen) == 3 + 2
    monkeypatch.undo()
    whole = third_harmonics(**small)
    # Squares of the number of atoms.
    denser = whole["energy"].values[..., 1]
    assert_allclose(denser, 4.0 * whole["energy"].values[..., 0], rtol=3e-3)
    for name in ("energy", "photon_number", "peak_intensity", "estimated_error"):
        assert np.array_equal(whole[name].values, again[name].values)
    # The innermost of so few radii lies off the axis.
    assert_allclose(whole["peak_intensity"][:, 0, 0], [1e16, 2e16], rtol=5e-2)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"driver": {"length": 1.0}}, InvalidValue, "unknown key 'length'"),
        ({"driver": {"plasmas": "ppt"}}, InvalidValue, "did you mean 'plasma'"),
        ({"driver": "ppt"}, InvalidKind, "driver must be a mapping"),
        ({"pressures": [0.0, 1.0]}, InvalidValue, r"pressures\[0\] must be > 0 Pa"),
        ({"intensities": [2e16, 1e16]}, InvalidValue, "intensities must increase"),
        ({"positions": []}, InvalidValue, "positions must have at least 1"),
    ],
)
def test_scans_of_what_is_none_are_refused(
    change: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        third_harmonics(**change)


FEW: dict[str, Any] = {"energies": THIRD, "n_radii": 16, "dispersion": None}


def flat_top(order: float, pressure: float) -> Any:
    return propagate_beam(
        PULSE,
        dataclasses.replace(GAS, pressure=pressure),
        Beam(radius=WAIST, order=int(order)),
        length=0.1 * RAYLEIGH,
        kerr=False,
        full_field=False,
        n_positions=5,
        amplitudes=True,
        estimate_error=False,
        threads=1,
    )


def test_scans_of_any_beam_are_its_single_calls(tmp_path: Path) -> None:
    options: dict[str, Any] = {"units": {"pressure": "Pa"}, **FEW}
    values: dict[str, Any] = {"order": [1, 4], "pressure": [5.0, 10.0]}
    found = gas_scan(
        flat_top, values, Cubic(), store=tmp_path, executor=Elsewhere(), **options
    )
    assert found["energy"].dims == ("order", "pressure")
    assert [found[name].attrs["units"] for name in values] == ["1", "Pa"]
    alone = generate_harmonics(flat_top(4, 10.0), Cubic(), **FEW)
    assert float(found["energy"][1, 1]) == float(alone["energy"][-1])
    assert float(found["peak_intensity"][1, 1]) == float(alone["peak_intensity"].max())
    energy = found["energy"].values
    assert_allclose(energy[:, 1], 4.0 * energy[:, 0], rtol=3e-3)
    # Of one power: third harmonics go as the integral of the cube of the intensity.
    orders = np.array([1, 4])
    area = np.array([Beam(radius=WAIST, order=n).peak_area for n in (1, 4)])
    u = np.linspace(0.0, 4.0, 4001)
    cubes = np.trapezoid(u * np.exp(-6.0 * u ** (2 * orders[:, None])), u)
    expected = cubes / area**3
    assert_allclose(energy[1] / energy[0], expected[1] / expected[0], rtol=0.03)


def test_scans_of_gaussian_beams_are_those_of_their_drivers() -> None:
    small: dict[str, Any] = {"n_positions": 5, "n_radii": 16, "positions": [0.0]}
    ours = third_harmonics(pressures=[10.0], intensities=[1e16], **small)
    ready = propagate_beam(
        dataclasses.replace(
            PULSE, energy=np.nan, peak_power=0.5 * np.pi * WAIST**2 * 1e16
        ),
        GAS,
        Beam.with_waist(WAIST, 0.5 * LENGTH, PULSE.wavelength),
        length=LENGTH,
        kerr=False,
        full_field=False,
        n_positions=5,
        amplitudes=True,
        estimate_error=False,
    )
    found = gas_scan(lambda **_: ready, {"x": [0.1]}, Cubic(), weakest=0.1, **FEW)
    assert_allclose(found["energy"][0], ours["energy"][0, 0, 0], rtol=1e-9)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"make": "beam"}, InvalidKind, "a ready one is lambda"),
        ({"values": {}}, InvalidKind, "values must be names"),
        ({"values": {"energy": [1.0]}}, InvalidValue, "name of a result"),
        ({"values": {"p": [2.0, 1.0]}}, InvalidValue, "p must increase"),
        ({"units": {"P": "Pa"}}, InvalidValue, "unknown key 'P'"),
        ({"units": {"p": 3}}, InvalidKind, "unit of p must be text, got 3"),
        ({"make": lambda **_: None}, InvalidValue, "driver must be .* got NoneType"),
        ({"make": lambda **_: None, "store": "s"}, InvalidKind, "function of a module"),
    ],
)
def test_drivers_and_values_that_are_none_are_refused(
    change: dict[str, Any], error: type[Exception], words: str
) -> None:
    given = {"make": flat_top, "values": {"p": [1.0]}, **change}
    with pytest.raises(error, match=words):
        gas_scan(emitter=Cubic(), **FEW, **given)
