"""Helium or neon: cutoff, yield, and what is left of the atoms after one pulse."""

from qleap.core.constants import ELECTRONVOLT, PLANCK
from qleap.core.style import figure, save_figure
from qleap.laser import Pulse, driving_field
from qleap.laser.harmonics import (
    harmonic_spectrum,
    plot_harmonics,
    sfa_dipole,
)
from qleap.laser.ionisation import atom, rate_table

INTENSITY = 6e18  # W/m^2, that is 6e14 W/cm^2

pulse = Pulse(wavelength=800e-9, fwhm=12e-15, energy=1e-3)
driving = driving_field(pulse, peak_intensity=INTENSITY, step=5e-18)
quiver = driving.ponderomotive_energy
print(f"quiver energy {quiver / ELECTRONVOLT:.1f} eV, {driving.time.size} times")

made, panel = figure(figsize=(7.0, 4.5))
above, alive = {}, {}
for name in ("He", "Ne"):
    bound = atom(name).ionisation_energy
    data = sfa_dipole(
        driving,
        name,
        rates=rate_table(name, "ppt", wavelength=driving.wavelength),
    )
    spectrum = harmonic_spectrum(data)
    plot_harmonics(spectrum, name=name, ax=panel)
    cutoff = (1.32 * bound + 3.17 * quiver) / ELECTRONVOLT
    photon = PLANCK * spectrum["frequency"].values / ELECTRONVOLT
    plateau = (photon > 40.0) & (photon < 110.0)
    above[name] = float(spectrum["spectrum"].values[0, plateau].sum())
    alive[name] = float(data["survival"].values[-1])
    print(f"{name}: cutoff {cutoff:.0f} eV, {100 * (1 - alive[name]):.1f} % ionised")
print(f"neon over helium, 40 to 110 eV: {above['Ne'] / above['He']:.2g}")
save_figure(made, "helium_and_neon.png")
print("the picture is helium_and_neon.png")

assert alive["Ne"] < alive["He"], "neon is bound less"
assert 1.0 < above["Ne"] / above["He"] < 50.0, "and emits more, while it lasts"
