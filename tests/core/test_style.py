"""One look for plots, and files that are whole."""

from pathlib import Path

import matplotlib
import numpy as np
import pytest

from qleap.core import style
from qleap.core.errors import InvalidValue, StorageError


def test_new_axes_are_in_the_house_style_and_given_ones_are_kept() -> None:
    ax = style.axes()
    assert not ax.spines["top"].get_visible()
    assert style.axes(ax) is ax


def test_labels_carry_units_unless_there_is_none() -> None:
    assert style.label("frequency", "Hz") == "frequency (Hz)"
    assert style.label("contrast", "1") == "contrast"


@pytest.mark.parametrize(
    ("value", "scaled", "unit"),
    [(2.87e9, 2.87, "GHz"), (5e-14, 50.0, "fs"), (0.0, 0.0, "s"), (1e-30, 1e-12, "aT")],
)
def test_numbers_get_the_prefix_that_suits(
    value: float, scaled: float, unit: str
) -> None:
    base = unit[-1] if unit != "GHz" else "Hz"
    found, name = style.engineering([value], base)
    assert name == unit
    assert found[0] == pytest.approx(scaled)


def test_numbers_that_are_not_finite_do_not_set_the_prefix() -> None:
    found, name = style.engineering([1e-3, np.inf], "s")
    assert (found[0], name) == (1.0, "ms")


def test_figures_are_saved_whole(tmp_path: Path) -> None:
    ax = style.axes()
    ax.plot([0, 1], [0, 1])
    path = style.save_figure(ax.get_figure(), tmp_path / "a.png")  # type: ignore[arg-type]
    assert path.read_bytes().startswith(b"\x89PNG")


def test_a_folder_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="could not be written"):
        style.save_figure(style.figure()[0], tmp_path / "none" / "a.png")


def test_an_ending_that_names_no_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"must end in \.png, \.pdf, \.svg, got"):
        style.save_figure(style.figure()[0], tmp_path / "a.xyz")


def test_a_scale_on_the_right_has_a_spine_there_and_no_grid() -> None:
    ax = style.axes()
    with matplotlib.rc_context({"axes.grid": True, "axes.spines.right": False}):
        right = style.beside(ax)
    assert right.spines.right.get_visible()
    assert not right.spines.top.get_visible()
    assert not any(line.get_visible() for line in right.yaxis.get_gridlines())
