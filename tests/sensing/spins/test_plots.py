"""Level diagrams: what they show, with units."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidValue
from qleap.sensing import NVCentre, plot_levels, plot_transitions
from qleap.sensing.spins import silicon_vacancy


def test_level_diagram_shows_three_levels_and_their_anticrossing_at_102_mt() -> None:
    # Ground-state level anticrossing: D / (g mu_B / h) = 102.4 mT.
    axes = plot_levels(NVCentre(), [0.02, 0.0, 1.0])
    assert axes.get_xlabel() == "magnetic field (mT)"
    assert axes.get_ylabel() == "energy / h (GHz)"
    (drawn,) = axes.collections
    assert isinstance(drawn, LineCollection)
    segments = np.array(drawn.get_segments())
    assert segments.shape == (3 * 600, 2, 2)
    energies = NVCentre().electron_energies([0.0, 0.0, 0.0]) / 1e9
    assert_allclose(segments[:3, 0, 1], energies, atol=1e-9)
    (ring,) = axes.lines
    assert abs(float(np.asarray(ring.get_xdata())[0]) - 102.4) < 0.1
    assert "gap" in axes.texts[0].get_text()


def test_colours_of_a_level_diagram_are_projections() -> None:
    axes = plot_levels(NVCentre(), [0.0, 0.0, 1.0], largest=0.05)
    shades = np.asarray(axes.collections[0].get_array()).reshape(-1, 3)
    assert_allclose(shades[10:], np.tile([0.0, -1.0, 1.0], (590, 1)), atol=1e-9)
    assert len(axes.lines) == 0  # levels that cross are not marked


def test_lines_of_a_spin_three_halves_run_to_their_largest_frequency() -> None:
    axes = plot_transitions(silicon_vacancy("V2"), [0.0, 0.0, 1.0], largest=5e-3)
    assert axes.get_ylabel() == "transition frequency (GHz)"
    # Aligned: gamma B and gamma B +- 2 D, with 2 D = 70 MHz.
    step = silicon_vacancy("V2").energies([0.0, 0.0, 5e-3])
    assert_allclose(axes.get_ylim()[1], 1.02 * (step[3] - step[2]) / 1e9, rtol=1e-6)


def test_a_direction_of_zero_is_refused() -> None:
    with pytest.raises(InvalidValue, match="direction must not be zero"):
        plot_levels(NVCentre(), [0.0, 0.0, 0.0])
