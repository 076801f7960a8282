"""Tables of rates: as exact as they say, from theories, arrays and files."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.core.errors import InvalidValue, StorageError
from qleap.laser.ionisation import (
    adk,
    ppt,
    rate_table,
    read_rates,
    tabulated_rates,
)


def test_smooth_rates_are_exact_to_nine_digits() -> None:
    for name in ("He", "Xe"):
        table = rate_table(name, "adk")
        low, high = table.lowest_field, table.highest_field
        field = np.geomspace(low * 1.0001, high * 0.9999, 5000)
        assert_allclose(table(field), adk(field, name), rtol=2e-9)
        assert table.error < 2e-9


def test_momentary_multiphoton_rates_are_exact_too() -> None:
    table = rate_table("He", "ppt", wavelength=800e-9)
    field = np.geomspace(table.lowest_field * 1.0001, 4e11, 3000)
    theory = ppt(field, "He", 800e-9, cycle_average=False, thresholds=False)
    assert_allclose(table(field), theory, rtol=2e-9)


def test_stated_error_holds_where_channels_close() -> None:
    table = rate_table("He", "ppt", wavelength=800e-9, cycle_average=True)
    field = np.geomspace(table.lowest_field * 1.0001, 4e11, 4000)
    off = np.abs(table(field) / ppt(field, "He", 800e-9) - 1.0)
    assert off.max() < 1.6 * table.error < 0.3
    assert np.quantile(off, 0.99) < 0.02
    assert np.median(off) < 1e-4


def test_cells_join_even_where_channels_close() -> None:
    cells = rate_table("He", "ppt", wavelength=800e-9, cycle_average=True).cells
    assert_allclose(cells.sum(axis=0)[:-1], cells[0, 1:], rtol=1e-12, atol=1e-11)


def test_rates_below_the_table_are_zero_and_small_at_its_edge() -> None:
    table = rate_table("Ar", "ppt", wavelength=800e-9)
    assert table(0.999 * table.lowest_field) == 0.0
    assert 0.0 < table(1.001 * table.lowest_field) < 1.2e-3
    assert table(0.0) == 0.0


def test_sign_and_phase_of_the_field_do_not_matter() -> None:
    table = rate_table("Ar", "adk")
    assert table(-3e10) == table(3e10)
    assert_allclose(table(3e10 * np.exp(0.7j)), table(3e10), rtol=1e-12)
    assert table(np.full((2, 3), 3e10)).shape == (2, 3)


def test_the_same_call_returns_the_same_table() -> None:
    assert rate_table("Ar", "adk", m=0) is rate_table("Ar", "adk", m=0)
    assert rate_table("Ar", "adk", m=0) is not rate_table("Ar", "adk")


def test_options_reach_the_theory() -> None:
    table = rate_table("Ar", "adk", m=0, electrons=1.0, barrier_suppression=True)
    expected = adk(3e10, "Ar", m=0, electrons=1.0, barrier_suppression=True)
    assert_allclose(table(3e10), expected, rtol=1e-8)
    averaged = rate_table("Ar", "adk", cycle_average=True)
    assert_allclose(averaged(3e10), adk(3e10, "Ar", cycle_average=True), rtol=1e-8)


def test_given_rates_come_back_at_their_points_and_between() -> None:
    field = np.geomspace(1e10, 1e11, 60)
    table = tabulated_rates(field, adk(field, "Ar"), "Ar", cycle_average=False)
    inner = np.geomspace(1.05e10, 9e10, 500)
    # Between sixty points of a rate of twelve decades.
    assert_allclose(table(inner), adk(inner, "Ar"), rtol=5e-3)
    assert table(0.9e10) == 0.0
    assert (np.diff(table(inner)) > 0.0).all()


@pytest.mark.parametrize(
    ("unit", "scale"),
    [
        ("V/m", 1.0),
        ("V/cm", 1e-2),
        ("au", 1.0 / ATOMIC_ELECTRIC_FIELD),
        ("W/cm^2", None),
        ("W/m^2", None),
    ],
)
def test_files_are_read_in_their_units(
    tmp_path: Path, unit: str, scale: float | None
) -> None:
    field = np.geomspace(1e10, 1e11, 60)
    column = field * (scale or 1.0)
    if scale is None:
        column = 0.5 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * field**2
        column *= 1e-4 if unit == "W/cm^2" else 1.0
    path = tmp_path / "rates.csv"
    columns = zip(column.tolist(), adk(field, "Ar").tolist(), strict=True)
    rows = [f"{x!r}, {y!r}" for x, y in columns]
    path.write_text("# field, rate\n" + "\n".join(reversed(rows)) + "\n")
    table = read_rates(path, "Ar", field_unit=unit, cycle_average=False)
    assert_allclose(table(field[20]), adk(field[20], "Ar"), rtol=1e-4)
    fast = read_rates(
        path, "Ar", field_unit=unit, rate_unit="1/fs", cycle_average=False
    )
    assert_allclose(fast(field[20]), 1e15 * table(field[20]), rtol=1e-9)
    slow = read_rates(path, "Ar", field_unit=unit, rate_unit="au", cycle_average=False)
    assert_allclose(slow(field[20]) * ATOMIC_TIME, table(field[20]), rtol=1e-9)


def test_named_columns_and_further_ones_are_read(shared_data: Path) -> None:
    path = shared_data / "laser" / "hydrogen_static_field_rates.csv"
    if not path.exists():
        pytest.skip("the table of exact rates is not on this machine")
    options = {"field_unit": "au", "rate_unit": "au"}
    table = read_rates(path, "H", cycle_average=False, **options)
    rate = table(0.06 * ATOMIC_ELECTRIC_FIELD) * ATOMIC_TIME
    assert_allclose(rate, 5.150775e-4, rtol=2e-3)


@pytest.mark.parametrize("text", ["1 2 3\n4 5\n", "1e10 fast\n", "1e10\n2e10\n", ""])
def test_files_of_another_shape_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rates.txt"
    path.write_text(text)
    with pytest.raises(StorageError, match=r"rates\.txt.* must (have|hold)"):
        read_rates(path, "Ar", field_unit="V/m", cycle_average=False)
    with pytest.raises(StorageError, match="columns of numbers"):
        read_rates(tmp_path / "none", "Ar", field_unit="V/m", cycle_average=False)


def given(field: list[float], rate: list[float]) -> Callable[[], object]:
    return lambda: tabulated_rates(field, rate, "Ar", cycle_average=False)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: rate_table("Ar", "ppt"), "wavelength must be given"),
        (lambda: rate_table("Ar", "adk", wavelength=8e-7), "wavelength must be given"),
        (lambda: rate_table("Ar", "keldysh"), "model must be one of"),
        (lambda: rate_table("Ar", "adk", coulomb="popov"), "unknown key 'coulomb'"),
        (lambda: rate_table("Ar", "adk", highest_field=1e9), "must ionise Ar"),
        (lambda: rate_table("Ar", "adk")(1e13), "larger highest_field"),
        (lambda: rate_table("Ar", "adk")(math.nan), "field must be finite"),
        (given([1e9, 2e9, 3e9, 2e9], [1, 2, 3, 4]), "must increase"),
        (given([1e9, 2e9, 3e9, 4e9], [0, 2, 3, 4]), "rate must be > 0"),
        (given([0.0, 2e9, 3e9, 4e9], [1, 2, 3, 4]), "field must be > 0"),
        (given([1e9, 2e9, 3e9, 4e9], [1, 2, 3]), "one value for each field"),
        (
            lambda: read_rates("x", "Ar", field_unit="kV", cycle_average=True),
            "field_unit must be one of",
        ),
    ],
)
def test_what_has_no_sense_is_refused_in_words(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidValue, match=words):
        call()
