"""Cut a crystal for doubling 800 nm, and for amplifying what a 400 nm pump can."""

import numpy as np

from qleap.core.style import figure, save_figure
from qleap.laser.media import Crystal, ThreeWaveMixing, plot_phase_matching

LENGTH = 0.2e-3  # m

bbo = Crystal(name="BBO")
print(f"{bbo.name}: {bbo.source}; tensor: {bbo.tensor_source}")
doubling = ThreeWaveMixing.second_harmonic(bbo, 800e-9, "ooe")
theta = float(doubling.matching_angles()[0])
# A cut at phi = 90 degrees makes the most of the mirror plane's tensor.
phi = np.pi / 2

delay = doubling.group_velocity_mismatch(theta)[0]
bandwidth = doubling.acceptance_bandwidth(LENGTH, theta)
print(f"cut at {np.degrees(theta):.2f} degrees")
print(f"d_eff {doubling.effective_nonlinearity(theta, phi) * 1e12:.2f} pm/V")
print(f"walk-off {doubling.walk_offs(theta)[2] * 1e3:.1f} mrad")
print(f"the harmonic is late by {delay * 1e12:.0f} fs/mm")
print(f"bandwidth {bandwidth * 1e-12:.1f} THz in {LENGTH * 1e3:g} mm")

for signal in (500e-9, 600e-9, 700e-9):
    mixing = ThreeWaveMixing.parametric(
        bbo, pump=400e-9, signal=signal, polarisations="ooe"
    )
    angle = np.degrees(mixing.matching_angles()[0])
    idler = mixing.wavelengths[1]
    print(f"signal {signal * 1e9:.0f} nm, idler {idler * 1e9:.0f} nm: {angle:.2f} deg")

picture, axes = figure()
plot_phase_matching(bbo, 400e-9, ["ooe", "eoe"], (450e-9, 780e-9), ax=axes)
print(f"written to {save_figure(picture, 'phase_matching.png')}")

# SNLO, as usually quoted.
assert abs(np.degrees(theta) - 29.2) < 0.05, "degrees"
assert abs(delay * 1e12 - 194.0) < 2.0, "fs/mm"
