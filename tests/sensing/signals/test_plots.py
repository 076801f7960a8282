"""Plots show the models' numbers."""

import numpy as np
from numpy.testing import assert_allclose

from qleap.sensing.nv import NVCentre
from qleap.sensing.nv.signals import (
    NuclearLayer,
    PowderSpectrum,
    decoupled_coherence,
    plot_electric_rotation,
    plot_nuclear_dip,
    plot_powder,
)


def test_a_powder_is_drawn_with_its_edges() -> None:
    spectrum = PowderSpectrum(field=3e-3, fwhm=6e6, contrast=0.1)
    axes = plot_powder(spectrum)
    x, y = np.array(axes.get_lines()[0].get_data())
    assert_allclose(y, spectrum.evaluate(1e9 * x))
    assert len(axes.get_lines()) == 5


def test_an_electric_field_is_drawn_over_the_angle() -> None:
    axes = plot_electric_rotation(NVCentre(), [1e6, 0.0, 0.0], 4e-3)
    assert axes.name == "polar"
    wider, narrower = (np.array(line.get_data())[1] for line in axes.get_lines())
    assert np.all((wider == 0.0) | (narrower == 0.0))
    assert np.argmax(wider) % 180 == 90  # cos(2 phi) = -1


def test_a_dip_is_drawn_at_the_larmor_frequency() -> None:
    layer = NuclearLayer(depth=10e-9, density=6e28)
    axes = plot_nuclear_dip(layer, pulses=64, field=30e-3)
    x, y = np.array(axes.get_lines()[0].get_data())
    assert_allclose(1e6 * x[np.argmin(y)], layer.larmor_frequency(30e-3), rtol=2e-3)
    expected = decoupled_coherence(layer, 0.5e-6 / x[:5], pulses=64, field=30e-3)
    assert_allclose(y[:5], expected)
