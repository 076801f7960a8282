"""A filament: light that holds itself together in argon, until the electrons part it.

Pulses of 30 fs and nearly the critical power are focused in 1 bar. Kerr focusing wins
over diffraction, free electrons stop it at some 1e14 W/cm^2, and both go on so.
"""

import numpy as np

from qleap.core.style import save_figure
from qleap.laser import (
    Beam,
    Material,
    Pulse,
    critical_power,
    plot_beam,
    propagate_beam,
)

argon = Material(name="argon", pressure=1e5, temperature=293.0)
pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=30e-15, energy=0.3e-3)
beam = Beam(radius=1e-3, focal_length=0.5)

light = propagate_beam(
    pulse,
    argon,
    beam,
    length=0.7,
    plasma="ppt",
    transverse=(4e-3, 160),
    tolerance=1e-4,
    n_positions=71,
)

ratio = pulse.peak_power / critical_power(argon, 800e-9)
intensity = light["peak_intensity"].values
density = light["axis_electron_density"].values
place = light["position"].values
channel = place[density > 0.1 * density.max()]
print(f"{ratio:.2f} critical powers")
print(f"clamped at {intensity.max() * 1e-4:.1e} W/cm^2 "
      f"with {density.max() * 1e-6:.1e} electrons per cm^3")  # fmt: skip
print(f"channel of {np.ptp(channel) * 100:.0f} cm, "
      f"core of {light['core_radius'].values.min() * 1e6:.0f} um")  # fmt: skip
energy = light["energy"].values
print(f"{100 * (1 - energy[-1] / energy[0]):.1f} % of the energy lost, "
      f"sum of local errors {light['accumulated_error'].values[-1]:.0e}")  # fmt: skip
figure = plot_beam(light, radius=1.5e-3)
print(f"written to {save_figure(figure, 'filament_in_argon.png')}")

# Where electrons part the light, it has some 1e14 W/cm^2.
assert 5e17 < intensity.max() < 1.5e18, "W/m^2"
