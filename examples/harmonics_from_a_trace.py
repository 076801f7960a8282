"""From a measured driver to its harmonics: a noisy FROG trace, the pulse, argon.

A trace that was measured goes the same way: ``trace = read_trace("trace.csv",
axes="axes.csv", wavelength=800e-9)``. What the trace leaves open stays open: the
carrier-envelope phase is taken as 0, and the direction of time is told by a
`reference`, here what the compressor is known to leave.
"""

import numpy as np

from qleap.core.constants import ELECTRONVOLT, PLANCK
from qleap.core.style import figure, save_figure
from qleap.laser import Grid, Pulse, driving_field
from qleap.laser.harmonics import (
    cutoff_energy,
    harmonic_spectrum,
    plot_harmonics,
    sfa_dipole,
)
from qleap.laser.ionisation import atom, rate_table
from qleap.laser.metrology import compare_pulses, retrieve, simulate_trace
from qleap.laser.pulses import to_samples

ENERGY = 1e-4  # J: no trace knows it, a power meter does
WAIST = 35e-6  # m, of the focus

grid = Grid(n_points=128, window=400e-15, wavelength=800e-9)
pulse = Pulse(
    shape="gaussian", wavelength=800e-9, fwhm=20e-15, energy=ENERGY, gdd=150e-30
)
known = to_samples(pulse, grid)
trace = simulate_trace(pulse, grid=grid).with_noise(0.02, np.random.default_rng(1))
found = retrieve(trace, energy=ENERGY, starts=4, resamples=12, reference=pulse, seed=1)
low, high = found.fwhm_interval
off = compare_pulses(found.pulse, known)
print(f"duration {found.fwhm * 1e15:.2f} fs, 95 % from {low * 1e15:.2f} to "
      f"{high * 1e15:.2f} fs; the field is off by {100 * off.error:.1f} %")  # fmt: skip

rates = rate_table("Ar", "ppt", wavelength=800e-9)
bound = atom("Ar").ionisation_energy / ELECTRONVOLT
made, panel = figure(figsize=(7.0, 4.5))
laws, ends, plateaus = {}, {}, {}
for name, light in (("known", known), ("retrieved", off.pulse)):
    driving = driving_field(light, waist=WAIST, step=1.2e-17)
    peak = driving.peak_intensity
    laws[name] = cutoff_energy("Ar", peak, 800e-9) / ELECTRONVOLT
    spectrum = harmonic_spectrum(sfa_dipole(driving, "Ar", rates=rates))
    plot_harmonics(spectrum, name=name, ax=panel)
    photon = PLANCK * spectrum["frequency"].values / ELECTRONVOLT
    power = spectrum["spectrum"].values[0]
    # over one harmonic distance, so that single peaks do not decide
    width = round(3.1 / (photon[1] - photon[0]))
    smooth = np.convolve(power, np.ones(width) / width, mode="same")
    plateau = (photon > bound + 5.0) & (photon < laws[name])
    plateaus[name] = np.trapezoid(power[plateau], photon[plateau])
    ends[name] = photon[smooth > 0.1 * np.median(smooth[plateau])].max()
    print(f"{name}: {peak / 1e18:.2f}e14 W/cm^2, law {laws[name]:.1f} eV, a tenth of "
          f"the plateau at {ends[name]:.1f} eV")  # fmt: skip
print(f"plateau, retrieved over known: {plateaus['retrieved'] / plateaus['known']:.2f}")
save_figure(made, "harmonics_from_a_trace.png")
print("the picture is harmonics_from_a_trace.png")

assert off.error < 0.05, "of the field"
assert abs(laws["retrieved"] - laws["known"]) < 1.0
assert abs(ends["retrieved"] - ends["known"]) < 1.0
assert abs(ends["known"] - laws["known"]) < 5.0, "within two harmonics of the law"
assert abs(plateaus["retrieved"] / plateaus["known"] - 1.0) < 0.15
