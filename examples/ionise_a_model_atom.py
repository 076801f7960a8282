"""A model atom in strong light: harmonics and photoelectrons from one wave function.

The electron of argon, on a line, meets a pulse of 400 nm. Some of it comes back and
radiates harmonics, some leaves with a whole number of photons more than it needs.
"""

import numpy as np
from scipy.signal import find_peaks

from qleap.core.constants import ELECTRONVOLT, HBAR
from qleap.core.style import figure, save_figure
from qleap.laser import Pulse, driving_field
from qleap.laser.harmonics import harmonic_spectrum
from qleap.laser.tdse import photoelectron_spectrum, soft_core, solve_line

pulse = Pulse(shape="gaussian", wavelength=400e-9, fwhm=8e-15, energy=1e-4)
time = np.arange(-18e-15, 27e-15, 10e-18)  # the slow ones need time to get out
field = driving_field(pulse, peak_intensity=8e17, time=time)

data = solve_line(field, soft_core("Ar"), estimate_error=True)
print(f"ionised: {1.0 - float(data['survival'][-1]):.3f}")
print(f"error of the acceleration: {float(data['estimated_error']):.0e} (estimated)")

harmonics = harmonic_spectrum(data)
energies = np.linspace(0.5, 19.0, 200) * ELECTRONVOLT
electrons = photoelectron_spectrum(data, energies)["spectrum"].sum("direction")

made, panels = figure(2, 1, figsize=(7.0, 6.0))
shown = harmonics["order"].values < 25.0
panels[0].semilogy(
    harmonics["order"].values[shown], harmonics["spectrum"].values[0][shown]
)
panels[0].set(xlabel="harmonic order", ylabel="radiated energy (J/Hz)")
panels[1].semilogy(energies / ELECTRONVOLT, electrons.values * ELECTRONVOLT)
panels[1].set(xlabel="energy of the electron (eV)", ylabel="probability (1/eV)")
save_figure(made, "model_atom.png")
print("the picture is model_atom.png")

photon = HBAR * field.omega0 / ELECTRONVOLT
at = find_peaks(np.log(electrons.values), distance=22)[0]
peaks = energies[at] / ELECTRONVOLT
print("peaks (eV):", ", ".join(f"{peak:.2f}" for peak in peaks))
print(f"apart on average: {np.diff(peaks).mean():.2f} eV, a photon has {photon:.2f} eV")

assert abs(np.diff(peaks).mean() / photon - 1.0) < 0.1, "one photon more each"
assert float(data["estimated_error"]) < 1e-3
