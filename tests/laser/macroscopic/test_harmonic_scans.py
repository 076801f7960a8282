"""Scans of the whole model against the third harmonic of a focused beam."""

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
from qleap.laser import propagate_beam
from qleap.laser.macroscopic import harmonic_scan, harmonic_scans
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
