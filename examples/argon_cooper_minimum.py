"""Where argon's harmonics have their Cooper minimum: two potentials, published data."""

import numpy as np

from qleap.core.constants import ELECTRONVOLT, HBAR
from qleap.core.style import figure, save_figure
from qleap.laser import Pulse, driving_field
from qleap.laser.harmonics import (
    harmonic_spectrum,
    photoionisation_cross_section,
    photoionisation_table,
    recombination_element,
    rescattering_corrected,
    sfa_dipole,
)

table = photoionisation_table("Ar")
print(f"cross sections: {table.source}, to {100 * table.uncertainty:.0f} %")
energies = np.linspace(17.0, 100.0, 400)
photon = energies * ELECTRONVOLT
sections = {
    "Tong and Lin": photoionisation_cross_section("Ar", photon),
    "Muller": photoionisation_cross_section("Ar (Muller)", photon),
    "published": table.at(photon),
}

pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=30e-15, energy=1e-6)
driving = driving_field(pulse, peak_intensity=3e18)
plain = sfa_dipole(driving, "Ar", longest_excursion=0.65 * driving.cycle)
dipoles = {
    "plane waves": plain,
    "Tong and Lin": rescattering_corrected(plain, "Ar", "Ar"),
    "Muller": rescattering_corrected(plain, "Ar", "Ar (Muller)"),
    # Phase and asymmetry are Muller's, the cross section is the published one.
    "published": rescattering_corrected(
        plain, "Ar", recombination_element("Ar (Muller)", table=table)
    ),
}

colours = dict(zip(dipoles, ("0.6", "C0", "C1", "k"), strict=True))
made, (left, right) = figure(columns=2, figsize=(8.6, 3.6))
for name, sigma in sections.items():
    left.semilogy(energies, sigma / 1e-22, color=colours[name], label=name)
left.set(xlabel="Photon energy (eV)", ylabel="Cross section (Mb)")
left.legend()

lowest = {}
for name, dipole in dipoles.items():
    spectrum = harmonic_spectrum(dipole)
    at = 2.0 * np.pi * HBAR * spectrum["frequency"].values / ELECTRONVOLT
    near = np.exp(-0.5 * ((at - energies[:, None]) / 1.6) ** 2)
    smooth = near @ spectrum["spectrum"].values[0] / near.sum(axis=1)
    inside = (energies > 35.0) & (energies < 60.0)
    lowest[name] = float(energies[inside][smooth[inside].argmin()])
    right.semilogy(energies, smooth, color=colours[name], label=name)
    print(f"{name}: {lowest[name]:.1f} eV")
right.set(xlabel="Photon energy (eV)", ylabel="Spectrum (J/Hz)")
right.set(xlim=(15.0, 85.0), ylim=(1e-45, 5e-42))
right.legend(loc="upper right")
save_figure(made, "argon_cooper_minimum.png")
print("the picture is argon_cooper_minimum.png")

assert 47.0 < lowest["published"] < 52.0, "measured absorption has it at 48 eV"
assert lowest["Tong and Lin"] < 43.0, "one electron has it too low"
