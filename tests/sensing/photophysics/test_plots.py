"""Plots of what light does."""

import numpy as np
import pytest

from qleap.core import style
from qleap.sensing.nv.photophysics import (
    CwOdmrModel,
    RateModel,
    plot_luminescence,
    plot_power_broadening,
    plot_transient,
)

pytest.importorskip("matplotlib")


def test_plots_draw_into_the_given_axes() -> None:
    figure, axes = style.figure(1, 3)
    model = CwOdmrModel(lines=(2.84e9, 2.90e9), dephasing_rate=3e5)
    powers = np.geomspace(1e5, 1e7, 5)
    plot_power_broadening(model, powers, powers, ax=axes[0])
    plot_transient(RateModel(), 3e7, window=3e-7, ax=axes[1])
    plot_luminescence(RateModel(), 3e6, angles=[0.0, 0.1], ax=axes[2])
    labels = [ax.get_xlabel() for ax in axes]
    assert labels == ["pump rate (1/s)", "time (ns)", "magnetic field (mT)"]
    assert [len(ax.get_lines()) for ax in axes[1:]] == [2, 2]
    figure.canvas.draw()
