"""A soliton in a helium-filled capillary emits light in the far ultraviolet.

Pulses of 10 fs at 800 nm compress themselves below one cycle, as in Travers et al.,
Nature Photonics 13, 547 (2019). The compressed pulse loses light to a wave that keeps
in phase with it, and more gas puts that wave at a longer wavelength. Its dispersion
must be known there: the fit of helium reaches down to 90 nm.
"""

import numpy as np

from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.style import figure, save_figure
from qleap.laser import (
    Capillary,
    Pulse,
    analytic_signal,
    band_energy,
    fwhm,
    propagate_capillary,
)

SETTINGS = ((0.725e5, 200e-6), (1.0e5, 170e-6), (1.5e5, 130e-6))  # Pa, J

picture, axes = figure()
found = []
for pressure, energy in SETTINGS:
    guide = Capillary(core_radius=125e-6, length=3.0, gas="helium",
                      pressure=pressure, fit="ermolov-2015")  # fmt: skip
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=10e-15, energy=energy)
    light = propagate_capillary(
        pulse, guide, tolerance=1e-5, n_positions=61, wavelengths=(90e-9, 3e-6)
    )
    time, places = light["time"].values, light["position"].values
    durations = [fwhm(time, np.abs(analytic_signal(light, z)) ** 2) for z in places]
    shortest = int(np.argmin(durations))

    frequency = light["frequency"].values[1:]
    wavelength = SPEED_OF_LIGHT / frequency
    density = light["spectrum"].values[-1][1:] * frequency**2 / SPEED_OF_LIGHT
    ultraviolet = np.where(wavelength < 300e-9, density, 0.0)
    wave = wavelength[np.argmax(ultraviolet)]
    held = band_energy(light, (0.8 * wave, 1.2 * wave))[-1]
    found.append((wave, held, durations[shortest]))
    print(f"{pressure * 1e-5:.2f} bar, {energy * 1e6:.0f} uJ: "
          f"{durations[shortest] * 1e15:.2f} fs after {places[shortest]:.2f} m, "
          f"then {held * 1e6:.0f} uJ at {wave * 1e9:.0f} nm")  # fmt: skip
    axes.semilogy(wavelength * 1e9, density * 1e-3, label=f"{pressure * 1e-5:.2f} bar")

axes.set(xlim=(100, 1200), ylim=(1e-5, 10), xlabel="wavelength (nm)",
         ylabel="spectral density (µJ/nm)")  # fmt: skip
axes.legend()
print(f"written to {save_figure(picture, 'deep_ultraviolet.png')}")

waves, energies, shortest_ones = (np.array(x) for x in zip(*found, strict=True))
assert np.diff(waves).min() > 0.0, "more gas must put the wave at a longer wavelength"
assert waves.min() > 110e-9, "the published range"
assert waves.max() < 400e-9, "the published range"
assert min(energies) > 1e-6, "the published least energy"
assert max(shortest_ones) < 800e-9 / SPEED_OF_LIGHT, "shorter than a cycle"
