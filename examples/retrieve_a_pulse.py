"""A pulse from its second-harmonic FROG trace, with noise, and how sure we may be.

The same two lines read and retrieve a trace that was measured:

    trace = read_trace("trace.csv", axes="axes.csv", units=("fs", "rad/fs"),
                       wavelength=1550e-9)
    found = retrieve(trace)
"""

import numpy as np

from qleap.core.style import save_figure
from qleap.laser import Grid, Pulse
from qleap.laser.metrology import (
    compare_pulses,
    plot_retrieval,
    retrieve,
    simulate_trace,
)
from qleap.laser.pulses import to_samples

grid = Grid(n_points=128, window=640e-15, wavelength=800e-9)
pulse = Pulse(
    shape="gaussian", wavelength=800e-9, fwhm=25e-15, energy=1e-6, gdd=500e-30,
    tod=6e3 * 1e-45,
)  # fmt: skip

measured = simulate_trace(pulse, grid=grid).with_noise(0.02, np.random.default_rng(1))
found = retrieve(measured, energy=1e-6, starts=4, resamples=12, seed=1)

low, high = found.fwhm_interval
print(f"duration {found.fwhm * 1e15:.2f} fs, 95 % from {low * 1e15:.2f} to "
      f"{high * 1e15:.2f} fs; trace error R = {found.error:.4f}")  # fmt: skip
print(f"{found.agreeing} of {found.start_errors.size} starts agree")
for said in found.ambiguities:
    print(f"  {said}")

off = compare_pulses(found.pulse, to_samples(pulse, grid), either_direction=True)
print(f"difference from the pulse put in: {100 * off.error:.1f} % of its field")
print(f"written to {save_figure(plot_retrieval(found), 'retrieved.png')}")

assert abs(found.error - 0.02) < 2e-3, "what is left is the noise"
assert off.error < 0.05
