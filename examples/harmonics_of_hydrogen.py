"""An infrared pulse on hydrogen: harmonics it radiates, electrons it sets free."""

import numpy as np

from qleap.core.constants import ATOMIC_TIME, ELECTRONVOLT, HARTREE, PLANCK
from qleap.core.style import figure, save_figure
from qleap.laser import Pulse, driving_field
from qleap.laser.harmonics import harmonic_spectrum
from qleap.laser.tdse import electron_distribution, solve_atom

pulse = Pulse(wavelength=800e-9, fwhm=5e-15, energy=1e-6)
time = np.arange(-11e-15, 15e-15, 0.1 * ATOMIC_TIME)
driving = driving_field(pulse, peak_intensity=1.2e18, time=time)  # W/m^2
data = solve_atom(driving, "H", radial_step=0.25, time_step=0.1, surface=70.0)
print(f"ionised: {1.0 - float(data['survival'][-1]):.4f}")
print(f"still in the ground state: {float(data['ground_population']):.4f}")

shift = driving.ponderomotive_energy
cutoff = 1.32 * 0.5 * HARTREE + 3.17 * shift
print(f"ponderomotive energy {shift / ELECTRONVOLT:.2f} eV")
print(f"cutoff of the harmonics {cutoff / ELECTRONVOLT:.1f} eV")
spectrum = harmonic_spectrum(data)
photons = spectrum["frequency"].values * PLANCK / ELECTRONVOLT
energy = spectrum["spectrum"].values[0]


def mean(low: float, high: float) -> float:
    """Return the mean spectrum between two photon energies, eV."""
    return float(energy[(photons > low) & (photons < high)].mean())


electrons = np.linspace(1.0, 45.0, 60) * ELECTRONVOLT
found = electron_distribution(data, electrons, n_angles=16)
direct = 2.0 * shift / ELECTRONVOLT
print(f"electrons that never come back end at {direct:.1f} eV")

made, panels = figure(2, 1, figsize=(7.0, 6.5))
shown = photons < 60.0
panels[0].semilogy(photons[shown], energy[shown])
panels[0].axvline(cutoff / ELECTRONVOLT, linestyle="--", color="grey", label="cutoff")
panels[0].set(xlabel="photon energy (eV)", ylabel="radiated (J/Hz)")
panels[0].set_ylim(1e-12 * energy[photons > 5.0].max(), None)
panels[0].legend()
panels[1].semilogy(
    electrons / ELECTRONVOLT, found["spectrum"].values * ELECTRONVOLT, label="electrons"
)
panels[1].axvline(direct, linestyle="--", color="grey", label="twice the quiver energy")
panels[1].set(xlabel="electron energy (eV)", ylabel="probability (1/eV)")
panels[1].legend()
save_figure(made, "harmonics_of_hydrogen.png")
print("the picture is harmonics_of_hydrogen.png")

edge = cutoff / ELECTRONVOLT
assert mean(edge + 15.0, edge + 20.0) < 1e-3 * mean(20.0, edge), "the plateau ends"
assert mean(20.0, edge) > 1e-5 * mean(5.0, 15.0), "and is one"
