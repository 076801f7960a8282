"""A pulse of 50 fs becomes white light in three centimetres of crystal fibre."""

from dataclasses import replace
from pathlib import Path

from qleap.core.style import save_figure
from qleap.laser import (
    load_case,
    plot_evolution,
    propagate_fibre,
    spectral_extent,
)

HERE = Path(__file__).parent

case = load_case(HERE / "cases" / "dudley2006.toml")
pulse, grid = case.arguments["pulse"], case.arguments["grid"]
fibre = replace(case.arguments["fibre"], length=0.03)

order = fibre.soliton_order(pulse.peak_power, pulse.t0)
print(f"pulse energy {pulse.energy * 1e9:.3f} nJ, soliton order {order:.1f}")

light = propagate_fibre(pulse, fibre, grid=grid, n_positions=61)

low, high = spectral_extent(light, level=-30.0)
print(f"spectrum at -30 dB: {low * 1e9:.0f} nm to {high * 1e9:.0f} nm")

photons = light["photon_number"]
print(f"photon number changed by {float(photons[-1] / photons[0]) - 1.0:+.1e}")
print(f"estimated error of the spectrum: {float(light['estimated_error'][-1]):.1e}")

save_figure(plot_evolution(light), "supercontinuum.png")
print("the picture is supercontinuum.png")
