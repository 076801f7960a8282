"""Pulses of 30 fs, broadened in a hollow fibre of neon and compressed to a few cycles.

Gas flows in at the far end, so that nothing happens in front of the fibre. More gas
broadens more, and frees more electrons.
"""

from qleap.core.style import save_figure
from qleap.laser import Capillary, Pulse, light_at, plot_capillary, propagate_capillary
from qleap.laser.pulses import compress_by_polynomial, transform_limited

fibre = Capillary(
    core_radius=125e-6,
    length=1.0,
    gas="neon",
    pressure=(0.0, 2.5e5),  # enters from vacuum
)
pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=30e-15, energy=0.8e-3)

light = propagate_capillary(pulse, fibre, tolerance=1e-5, n_positions=21)
energy = light["energy"].values
empty = fibre.transmission(pulse.wavelength)
print(f"transmission {energy[-1] / energy[0]:.2f} (of weak light {empty:.2f})")
print(f"electrons {light['electron_density'].values.max() * 1e-6:.1e} per cm^3, "
      f"error of the spectrum {light['estimated_error'].values[-1]:.0e}")  # fmt: skip

out = light_at(light, fibre.length, wavelength=780e-9)
compressed = compress_by_polynomial(out)
limit = transform_limited(out).peak_power
print(f"leaves with {out.peak_power * 1e-9:.0f} GW of at most {limit * 1e-9:.0f} GW, "
      f"compressed to {compressed.fwhm * 1e15:.1f} fs by "
      f"{compressed.settings[0] * 1e30:.0f} fs^2")  # fmt: skip
print(f"written to {save_figure(plot_capillary(light), 'hollow_fibre.png')}")

assert 0.95 * empty < energy[-1] / energy[0] < empty, "few electrons take little"
assert 0.5 * limit < compressed.pulse.peak_power < limit, "nearly all is compressed"
