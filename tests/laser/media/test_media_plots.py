"""Plots of media show what they are asked for."""

import numpy as np
import pytest
from scipy.constants import e

from qleap.core.errors import InvalidValue
from qleap.laser import Material
from qleap.laser.media import (
    Crystal,
    XuvMedium,
    plot_dispersion,
    plot_phase_matching,
    plot_transmission,
)


def close(expected: object, rel: float = 1e-6) -> object:
    """Return what equals ``expected`` relatively; pytest alone lets 1e-12 pass."""
    return pytest.approx(expected, rel=rel, abs=0.0)


pytest.importorskip("matplotlib").use("Agg")


def test_dispersion_has_a_curve_for_each_material() -> None:
    names = ("fused silica", "BK7")
    made = plot_dispersion([Material(name=name) for name in names])
    index, dispersion = made.axes
    assert [line.get_label() for line in dispersion.lines[:2]] == list(names)
    silica = dispersion.lines[0]
    at = np.interp(0.8, *np.array(silica.get_data(), float))
    assert at == close(36.16, rel=1e-3)
    assert index.get_ylabel() == "n − 1"
    with pytest.raises(InvalidValue, match="must hold at least one Material"):
        plot_dispersion([])


def test_phase_matching_curves_pass_through_the_known_angle() -> None:
    ax = plot_phase_matching(Crystal(name="BBO"), 400e-9, ["ooe"], (799.9e-9, 800.1e-9))
    angle = np.asarray(ax.lines[0].get_ydata(), float)
    assert np.median(angle) == pytest.approx(29.21, abs=0.01)


def test_transmission_is_drawn_over_photon_energies() -> None:
    pytest.importorskip("periodictable")
    ax = plot_transmission([XuvMedium(formula="Al")], 200e-9, (40 * e, 100 * e))
    energy, transmission = np.array(ax.lines[0].get_data(), float)
    assert energy[0] == close(40.0)
    assert transmission[energy < 72.0].min() > 0.5
    assert transmission[energy > 74.0].max() < 0.05
    assert "200 nm" in ax.get_title()
