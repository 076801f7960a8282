"""An attosecond pulse is streaked, counted, and found again, with its error bar."""

import numpy as np

from qleap.core.constants import ELECTRONVOLT, HBAR, SPEED_OF_LIGHT
from qleap.core.style import save_figure
from qleap.laser import Pulse, driving_field
from qleap.laser.metrology import (
    count_electrons,
    plot_attosecond_retrieval,
    retrieve_crab,
    retrieve_streaking,
    streaking_trace,
)

NEON = 21.56 * ELECTRONVOLT
PHOTON = 100.0 * ELECTRONVOLT
COUNTS = 2000.0  # at the brightest point

pulse = Pulse(
    shape="gaussian",
    wavelength=2.0 * np.pi * HBAR * SPEED_OF_LIGHT / PHOTON,
    fwhm=80e-18,
    energy=1e-9,
    gdd=3e-33,  # s^2, left over from the atto-chirp
)
infrared = Pulse(shape="gaussian", wavelength=800e-9, fwhm=4e-15, energy=1e-6)
field = driving_field(infrared, peak_intensity=3e16, step=10e-18)

trace = streaking_trace(
    pulse,
    field,
    ionisation_energy=NEON,
    energies=np.linspace(24.0, 134.0, 100) * ELECTRONVOLT,
    delays=np.arange(-2.4e-15, 2.4e-15, 120e-18),
)
counted = count_electrons(trace, COUNTS, seed=1)

time = np.linspace(-0.5e-15, 0.5e-15, 4001)
power = np.abs(pulse.envelope(time)) ** 2
true = np.ptp(time[power > 0.5 * power.max()])
print(f"true duration: {true * 1e18:.1f} as")

quick = retrieve_crab(counted, ionisation_energy=NEON, n_points=128, seed=1)
found = retrieve_streaking(
    counted, ionisation_energy=NEON, wavelength=800e-9, seed=1, n_bootstrap=40
)
for result in (quick, found):
    low, high = result.fwhm_interval
    print(
        f"{result.method}: {result.fwhm * 1e18:.1f} as, 95 % between "
        f"{low * 1e18:.1f} and {high * 1e18:.1f} as, trace error {result.error:.1e}"
    )
print("what the trace cannot tell:")
for line in found.ambiguities:
    print(f"  {line}")

save_figure(plot_attosecond_retrieval(found), "streaking.png")
print("the picture is streaking.png")

assert abs(found.fwhm / true - 1.0) < 0.05, "the pulse is found again"
