"""Where harmonics of argon keep in step: a map over pressure and position."""

import numpy as np

from qleap.core.constants import ELECTRONVOLT
from qleap.core.style import figure, save_figure
from qleap.laser import Material, Pulse
from qleap.laser.macroscopic import (
    critical_ionisation,
    phase_matching_map,
    phase_matching_pressure,
    plot_phase_matching,
)

argon = Material(name="argon", temperature=293.0)
energy = 45 * ELECTRONVOLT
pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=20e-15, energy=1e-3)

# Electrons slow the driver's phase less than atoms do, up to a few per cent of them.
critical = critical_ionisation(argon, energy, pulse.wavelength)
print(f"argon is in step by itself with {100 * critical:.1f} % ionised")
hollow = phase_matching_pressure(argon, energy, 800e-9, core_radius=75e-6, ionised=0.02)
print(f"in a hollow fibre of 75 um at {hollow / 1e2:.0f} mbar, with 2 % ionised")

found = phase_matching_map(
    argon,
    energy,
    pulse,
    waist=60e-6,
    pressures=np.linspace(2e2, 2e4, 100),
    intensities=[1.5e18, 2e18, 2.5e18],
    positions=np.linspace(-20e-3, 20e-3, 121),
    length=2e-3,
)
for intensity in found["intensity"].values:
    here = found["yield"].sel(intensity=intensity)
    best = here.where(here == here.max(), drop=True)
    print(
        f"{intensity * 1e-18:.1f}e14 W/cm^2: most at "
        f"{float(best.pressure[0]) / 1e2:.0f} mbar, "
        f"{float(best.position[0]) * 1e3:+.1f} mm behind the focus"
    )

made, (left, right) = figure(1, 2, figsize=(9.0, 3.5))
plot_phase_matching(found, intensity=1.5e18, ax=left)
plot_phase_matching(found, intensity=2.5e18, ax=right)
left.set_title("1.5e14 W/cm^2")
right.set_title("2.5e14 W/cm^2")
print(f"written to {save_figure(made, 'phase_matching_map.png')}")

# Short trajectories are brought into step behind the focus, where intensity falls.
weak = found["yield"].sel(intensity=1.5e18)
best = weak.where(weak == weak.max(), drop=True)
assert float(best.position[0]) >= 0.0, "behind the focus"
assert 0.04 < critical < 0.06, "about five per cent, as is known of argon"
