"""From an 800 nm pulse to an isolated attosecond pulse, and back from its trace.

The driver makes one burst at the cutoff of argon; that burst frees electrons from neon
in a weak copy of the driver, and the electrons' spectra over the delay tell its shape.
"""

import numpy as np

from qleap.core.constants import ELECTRONVOLT
from qleap.core.style import save_figure
from qleap.laser import Pulse, driving_field
from qleap.laser.attosecond import cep_scan, isolated_pulse, with_cep
from qleap.laser.metrology import (
    count_electrons,
    plot_attosecond_retrieval,
    retrieve_streaking,
    streaking_trace,
)

BAND = (60 * ELECTRONVOLT, 90 * ELECTRONVOLT)
INTENSITY = 3e18  # W/m^2
NEON = 21.56 * ELECTRONVOLT

# The driver: its phase is the one with the fewest satellites.
pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=4e-15, energy=1e-4)
scan = cep_scan(pulse, "Ar", BAND, intensity=INTENSITY)
satellites = np.maximum(scan["before"].values, scan["after"].values)
driver = with_cep(pulse, float(scan["cep"].values[np.argmin(satellites)]))

# The attosecond pulse.
made = isolated_pulse(driving_field(driver, peak_intensity=INTENSITY), "Ar", BAND)
print(f"made: {made.bursts.fwhm * 1e18:.0f} as, satellites {satellites.min():.1e}")

# Its trace, with electrons counted one by one, and what is found in it.
trace = streaking_trace(
    made.light,
    driving_field(driver, peak_intensity=2e16, step=10e-18),
    ionisation_energy=NEON,
    energies=np.linspace(20.0, 85.0, 96) * ELECTRONVOLT,
    delays=np.arange(-2.4e-15, 2.4e-15, 120e-18),
)
found = retrieve_streaking(
    count_electrons(trace, 3000.0, seed=1),
    ionisation_energy=NEON,
    wavelength=800e-9,
    seed=1,
    n_bootstrap=20,
)
low, high = found.fwhm_interval
print(
    f"retrieved: {found.fwhm * 1e18:.0f} as, 95 % between {low * 1e18:.0f} and "
    f"{high * 1e18:.0f} as, trace error {found.error:.1e}"
)
print(
    "written to", save_figure(plot_attosecond_retrieval(found), "attosecond_chain.png")
)

assert 150e-18 < made.bursts.fwhm < 300e-18, "about 250 as"
assert abs(found.fwhm / made.bursts.fwhm - 1.0) < 0.05, "the pulse is found again"
