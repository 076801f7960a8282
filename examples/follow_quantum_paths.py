"""Which electrons radiate which harmonic of neon, and when: quantum paths on a map."""

import numpy as np

from qleap.core.constants import ELECTRONVOLT, HBAR
from qleap.core.style import figure, save_figure
from qleap.laser import Pulse, driving_field
from qleap.laser.harmonics import (
    cutoff_energy,
    gabor,
    harmonic_spectrum,
    path_spectrum,
    plot_gabor,
    quantum_paths,
    recollisions,
    sfa_dipole,
)

WAVELENGTH = 800e-9
INTENSITY = 3e18  # W/m^2, that is 3e14 W/cm^2

pulse = Pulse(shape="gaussian", wavelength=WAVELENGTH, fwhm=5e-15, energy=1e-6)
driving = driving_field(pulse, peak_intensity=INTENSITY)
cutoff = cutoff_energy("Ne", INTENSITY, WAVELENGTH)
print(f"cutoff of an endless wave: {cutoff / ELECTRONVOLT:.1f} eV")

energies = np.linspace(24.0, 105.0, 140) * ELECTRONVOLT
paths = quantum_paths(driving, "Ne", energies, visits=3)
highest = paths.isel(pair=int(paths["cutoff"].values.real.argmax()))
print(f"highest of the pulse: {highest['cutoff'].values.real / ELECTRONVOLT:.1f} eV")
print(f"{paths.sizes['pair']} pairs of paths, {int(highest['visit'])} visit")

middle = highest.sel(photon_energy=60.0 * ELECTRONVOLT, method="nearest")
for path in ("short", "long"):
    one = middle.sel(path=path)
    print(
        f"{path} path at 60 eV: returns at {float(one['group_delay']) * 1e15:.2f} fs, "
        f"alpha = {float(one['intensity_slope']) * 1e18:.1f}e-14 cm^2/W, "
        f"attochirp {float(one['delay_dispersion']) * 1e36:.0f} as^2"
    )

dipole = sfa_dipole(driving, "Ne", longest_excursion=2.4 * driving.cycle)
radiated = gabor(dipole, 0.25e-15, energies)
made, panel = figure(figsize=(7.0, 4.4))
plot_gabor(radiated, paths=paths, classical=recollisions(driving), ax=panel)
save_figure(made, "quantum_paths.png")
print("the picture is quantum_paths.png")

# The paths' sum against the whole integral, where both are strong.
whole = harmonic_spectrum(dipole)
summed = path_spectrum(paths)
frequency = energies / (2.0 * np.pi * HBAR)
exact = np.interp(frequency, whole["frequency"], whole["spectrum"].values[0])
upper = (energies > 60.0 * ELECTRONVOLT) & (energies < 95.0 * ELECTRONVOLT)
ratio = summed["spectrum"].values[0][upper].sum() / exact[upper].sum()
print(f"radiated from 60 to 95 eV, paths over the integral: {ratio:.3f}")
assert abs(ratio - 1.0) < 0.05, "paths are all of the upper plateau"
