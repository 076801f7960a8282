"""A pulse of ten femtoseconds frees electrons in argon, twice in every cycle."""

import math

import numpy as np

from qleap.core.constants import SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.core.style import figure, save_figure
from qleap.laser.ionisation import (
    atom,
    barrier_suppression_intensity,
    ionise,
    keldysh_parameter,
    plasma,
    plot_ionisation,
    rate_table,
)

WAVELENGTH = 800e-9
INTENSITY = 2e18  # W/m^2, that is 2e14 W/cm^2
FWHM = 10e-15
ATOMS = 2.5e25  # 1/m^3, about one bar

argon = atom("Ar")
peak = math.sqrt(2.0 * INTENSITY / (VACUUM_PERMITTIVITY * SPEED_OF_LIGHT))
print(f"peak field {peak:.3g} V/m")
print(f"Keldysh parameter {float(keldysh_parameter(peak, argon, WAVELENGTH)):.2f}")
share = INTENSITY / barrier_suppression_intensity(argon)
print(f"intensity over that of the suppressed barrier: {share:.2f}")

time = np.linspace(-30e-15, 30e-15, 8192)
envelope = peak * np.exp(-2.0 * math.log(2.0) * (time / FWHM) ** 2)
field = envelope * np.cos(2.0 * math.pi * SPEED_OF_LIGHT / WAVELENGTH * time)

momentary = rate_table(argon, "ppt", wavelength=WAVELENGTH)
averaged = rate_table(argon, "ppt", wavelength=WAVELENGTH, cycle_average=True)
print(f"largest error of a momentary rate in its table: {momentary.error:.1e}")

cycles = ionise(time, field, momentary, number_density=ATOMS)
smooth = ionise(
    time, envelope + 0j, averaged, number_density=ATOMS, wavelength=WAVELENGTH
)
for name, data in (("cycle by cycle", cycles), ("cycle averages", smooth)):
    print(f"ionised, {name}: {100.0 * float(data['electron_fraction'][-1]):.2f} %")

density = float(cycles["electron_density"][-1])
index = plasma.plasma_index(density, WAVELENGTH)
print(f"index of the electrons: 1 - {1.0 - float(index.real):.2e}")
growth = np.gradient(smooth["electron_density"].values, time).max()
shift = plasma.blue_shift(growth, 10e-6, WAVELENGTH) / (2.0 * math.pi)
print(f"largest blue shift in ten micrometres: {float(shift) * 1e-12:.1f} THz")

made, panels = figure(2, 1, figsize=(7.0, 6.0), sharex=True)
for panel, data in zip(panels, (cycles, smooth), strict=True):
    plot_ionisation(data, ax=panel)
save_figure(made, "ionisation.png")
print("the picture is ionisation.png")

ends = [float(data["electron_fraction"][-1]) for data in (cycles, smooth)]
assert abs(ends[0] / ends[1] - 1.0) < 0.03, "averages over cycles lose little"
