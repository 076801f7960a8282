"""An isolated attosecond pulse from a few-cycle driver, and its carrier phase.

Four femtoseconds at 800 nm in argon: only the strongest half-cycle reaches the highest
photon energies, so that a band at the cutoff holds one burst. Which phase is best is
read off a scan.
"""

import numpy as np

from qleap.core.constants import ELECTRONVOLT
from qleap.core.style import save_figure
from qleap.laser import Pulse
from qleap.laser.attosecond import (
    cep_scan,
    isolated_pulse,
    plot_bursts,
    plot_scan,
    with_cep,
)
from qleap.laser.driving import driving_field

BAND = (60 * ELECTRONVOLT, 90 * ELECTRONVOLT)
INTENSITY = 3e18  # W/m^2

pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=4e-15, peak_power=1.0)
scan = cep_scan(pulse, "Ar", BAND, intensity=INTENSITY)
satellites = np.maximum(scan["before"].values, scan["after"].values)
best = float(scan["cep"].values[np.argmin(satellites)])
print(f"fewest satellites at a phase of {best / np.pi:.3f} pi")

driving = driving_field(with_cep(pulse, best), peak_intensity=INTENSITY)
made = isolated_pulse(driving, "Ar", BAND)
print(made)
assert 150e-18 < made.bursts.fwhm < 300e-18, "about 250 as are expected"
assert made.bursts.satellite_ratio < 0.05, "the pulse must be isolated"

print("wrote", save_figure(plot_scan(scan), "isolate_a_pulse_phases.png"))
print("wrote", save_figure(plot_bursts(made.light), "isolate_a_pulse.png"))
