"""Read one NV centre's temperature in a field that never stands still.

A Ramsey sequence takes a drift of one microtesla for 0.4 K. The thermal echo spends
half of its time in each of the two upper levels, which the field moves oppositely:
only the temperature is left.
"""

import numpy as np

from qleap.core import style
from qleap.sensing import NVCentre
from qleap.sensing.nv import zero_field_splitting_slope
from qleap.sensing.nv.signals import (
    spin_one_channels,
    temperature_from_splitting,
    thermal_echo,
)
from qleap.sensing.sequences import ControlledSpins, Free, Pulse, Sequence, signal

BIAS, DRIFT = np.array([0.0, 0.0, 2e-3]), 1e-6  # T; rms of the slow field
TRUE = 300.02  # K; the carriers are tuned to 300 K
RNG = np.random.default_rng(1)
COLD = NVCentre.at_temperature(300.0)
WARM = NVCentre.at_temperature(TRUE)
TIMES = np.linspace(2e-6, 150e-6, 51)


def spins(drift: float) -> ControlledSpins:
    """Return the warm centre in the drifted field, under the carriers of 300 K."""
    levels = COLD.electron_energies(BIAS)
    lower, upper = (levels[1:] - levels[0]).tolist()
    field = BIAS + np.array([0.0, 0.0, drift])
    return spin_one_channels(WARM.spin_system(), field, carriers=(lower, upper))


def ramsey(time: float) -> Sequence:
    """Return the ordinary way, on one of the transitions."""
    quarter = Pulse.rotation(np.pi / 2, channel="minus")
    last = Pulse.rotation(np.pi / 2, phase=np.pi / 2, channel="minus")
    return Sequence((quarter, Free(duration=time), last))


def main() -> None:
    """Compare both, read the temperature and plot."""
    echoes = [thermal_echo(t, phase=np.pi / 2) for t in TIMES]
    drifts = RNG.normal(scale=DRIFT, size=40)
    by_echo = np.array([signal(spins(b), echoes) for b in drifts])
    by_ramsey = np.array([signal(spins(b), map(ramsey, TIMES)) for b in drifts])

    phase = np.arcsin(
        1.0 - 2.0 * by_echo.mean(axis=0)
    )  # 2 pi dD t, below a quarter turn
    shift = float(phase @ TIMES / (TIMES @ TIMES) / (2.0 * np.pi))
    found = float(temperature_from_splitting(COLD.zero_field_splitting + shift))
    slope = float(zero_field_splitting_slope(300.0))
    print(f"D moved by {shift:+.1f} Hz, {slope / 1e3:.1f} kHz/K: {found:.4f} K")
    print(f"true {TRUE} K; the field moved one line by {28.03e9 * DRIFT:.0f} Hz rms")
    print(f"scatter over the fields: echo {by_echo.std(axis=0).max():.1e}, "
          f"Ramsey {by_ramsey.std(axis=0).max():.2f}")  # fmt: skip
    assert abs(found - TRUE) < 1e-6

    figure, axes = style.figure()
    for seen, name, colour in ((by_ramsey, "Ramsey", 5), (by_echo, "thermal echo", 1)):
        middle, spread = seen.mean(axis=0), seen.std(axis=0)
        axes.fill_between(
            1e6 * TIMES,
            middle - spread,
            middle + spread,
            color=style.COLOURS[colour],
            alpha=0.2,
        )
        axes.plot(1e6 * TIMES, middle, color=style.COLOURS[colour], label=name)
    axes.set_xlabel("free evolution (µs)")
    axes.set_ylabel("population of m = 0")
    axes.set_title("0.02 K in a field that drifts by 1 µT")
    axes.legend()
    print("saved", style.save_figure(figure, "measure_temperature.png"))


if __name__ == "__main__":
    main()
