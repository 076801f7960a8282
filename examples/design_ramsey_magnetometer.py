"""Design a Ramsey magnetometer for 10 pT/sqrt(Hz): what time, diamond and quietness.

From a diamond and its readout to the precession time, the volume under the laser, a
noise budget, and a simulated record whose Allan deviation checks the design.
"""

import dataclasses
import math

import numpy as np

from qleap.core import style
from qleap.sensing.nv import NITROGEN_14, NVCentre
from qleap.sensing.sensitivity import (
    Device,
    NoiseSpectrum,
    Ramsey,
    TechnicalNoise,
    allan_deviation,
    best_ramsey,
    noise_budget,
    nv_count,
    plot_allan,
    plot_noise_budget,
    plot_tradeoff,
    sequence_sensitivity,
    tradeoff,
)
from qleap.sensing.sequences import Free, Pulse, Sequence, rotating_frame

GOAL = 10e-12  # T/sqrt(Hz)
MARGIN = 1.5  # left for everything that is not photons and spins
PPM = 1.0  # NV- in the diamond
DIAMOND = Device(
    sensors=1.0, photons=0.3, detection_efficiency=0.05, contrast=0.03,
    dephasing_time=8e-6, double_quantum_dephasing_time=6e-6,
    initialisation=6e-6, readout=1e-6,
)  # fmt: skip
DISTURBED = TechnicalNoise(
    intensity=NoiseSpectrum(white=1e-7, corner=3e3), rejection=0.05,
    microwave_phase=NoiseSpectrum(white=1e-7, corner=1e4, exponent=2.0),
    magnetic=NoiseSpectrum(white=1e-12, corner=2.0, exponent=2.0),
    temperature=NoiseSpectrum(white=3e-7, corner=10.0, exponent=2.0),
)  # fmt: skip


def simulated(device: Device, tau: float) -> float:
    """Return the sensitivity of the pulses themselves, with 14N, T/sqrt(Hz)."""
    centre = NVCentre(nitrogen=NITROGEN_14)
    spins = rotating_frame(centre.spin_system(), [0, 0, 0.02], levels=(0, 1))
    first = Pulse.rotation(math.pi / 2, rabi_frequency=20e6)
    last = Pulse.rotation(math.pi / 2, phase=math.pi / 2, rabi_frequency=20e6)
    left = Ramsey(tau=tau).visibility(device)
    sequence = Sequence((first, Free(duration=tau), last))
    return sequence_sensitivity(spins, sequence, device, visibility=left)


def main() -> None:
    """Choose, check, print and plot."""
    for double, name in ((False, "single"), (True, "double")):
        best = best_ramsey(DIAMOND, double_quantum=double)
        print(f"{name} quantum: best tau {1e6 * best.tau:.2f} µs,", end=" ")
        print(f"{1e6 * best.sensitivity(DIAMOND):.2f} µT/√Hz for one centre")
    # A whole number of periods of the 14N splitting: all three lines in phase.
    tau = round(best_ramsey(DIAMOND).tau * 2.162e6) / 2.162e6
    one = Ramsey(tau=tau).sensitivity(DIAMOND)
    centres = (MARGIN * one / GOAL) ** 2
    side = (centres / nv_count(PPM, 1e-18)) ** (1 / 3)
    print(f"{centres:.2e} centres at {PPM:g} ppm: a cube of {side:.0f} µm")
    device = dataclasses.replace(DIAMOND, sensors=centres)
    ramsey = Ramsey(tau=tau)
    limit, pulses = ramsey.sensitivity(device), simulated(device, tau)
    print(f"photons and spins: {1e12 * limit:.2f} pT/√Hz, with real pulses", end=" ")
    print(f"and 14N {1e12 * pulses:.2f} pT/√Hz")

    cycle = ramsey.cycle(device)
    f = np.geomspace(0.1, 0.49 / cycle, 300)
    budget = noise_budget(device, ramsey, f, technical=DISTURBED)
    total = budget.total / math.sqrt(2.0)  # of a standard error after one second
    good = f[total < GOAL]
    print(f"below {1e12 * GOAL:g} pT/√Hz from {good[0]:.2g} Hz to {good[-1]:.2g} Hz")

    n = 1 << 18
    power = np.zeros(n // 2 + 1)
    grid = np.fft.rfftfreq(n, cycle)
    power[1:] = np.interp(np.log(grid[1:]), np.log(f), budget.total**2)
    noise = np.random.default_rng(1).normal(size=(power.size, 2)) @ [1.0, 1j]
    record = np.fft.irfft(noise * np.sqrt(power * n / cycle) / 2.0, n)
    allan = allan_deviation(record, cycle, unit="T")
    print(f"the record's white part: {1e12 * allan.white_noise:.2f} pT/√Hz")
    assert allan.white_noise < GOAL and abs(pulses / limit - 1.0) < 0.05  # noqa: PT018

    figure, axes = style.figure(1, 3, figsize=(14.0, 4.2))
    times = {"tau": np.geomspace(3e-7, 4e-5, 120)}
    for double in (False, True):
        curve = tradeoff(
            lambda tau, d=double: Ramsey(tau=tau, double_quantum=d).sensitivity(device),
            times,
            units={"tau": "s"},
        )
        name = "double quantum" if double else "single quantum"
        plot_tradeoff(curve, label=name, ax=axes[0])
    axes[0].axhline(1e12 * GOAL, color=style.COLOURS[5], ls=":")
    plot_noise_budget(budget, ax=axes[1])
    axes[1].axhline(1e12 * GOAL * math.sqrt(2.0), color=style.COLOURS[5], ls=":")
    plot_allan(allan, ax=axes[2])
    print("saved", style.save_figure(figure, "design_ramsey_magnetometer.png"))


if __name__ == "__main__":
    main()
