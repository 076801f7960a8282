"""Find one 13C nucleus beside an NV centre with XY8, and measure its couplings.

The electron loses its phase where the pulses keep step with the nucleus; where that
happens tells the coupling along the axis, how fast it happens the one across.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import curve_fit

from qleap.core import style
from qleap.sensing import NVCentre
from qleap.sensing.sequences import (
    LorentzianNoise,
    coherence,
    difference,
    filter_function,
    rotating_frame,
    xy8,
)
from qleap.sensing.spins import Coupling, Spin, dipolar_tensor

FIELD = 0.04  # T, along the axis
POSITION = np.array([0.78e-9, 0.0, 0.95e-9])  # m, of the nucleus from the centre
BATH = LorentzianNoise(rms=60e3, correlation_time=1e-3)  # all other nuclei


def main() -> None:
    """Scan the spacing, then the number of pulses; fit and plot both."""
    electron, carbon = NVCentre().spin_system().spins[0], Spin.nucleus("13C")
    tensor = dipolar_tensor(electron.zeeman, carbon.zeeman, POSITION)
    system = (
        NVCentre()
        .spin_system()
        .with_spin(carbon, Coupling(between=("electron", "13C"), tensor=tensor))
    )
    spins = rotating_frame(system, [0.0, 0.0, FIELD], levels=(0, 1))
    larmor = abs(carbon.zeeman[2, 2]) * FIELD
    along, across = tensor[2, 2], float(np.hypot(tensor[2, 0], tensor[2, 1]))

    centre = 1.0 / (2.0 * larmor)
    spacing = np.linspace(0.92 * centre, 1.11 * centre, 153)
    scan = [xy8(tau, 5) for tau in spacing]
    seen = -difference(spins, scan) * [coherence(one, BATH) for one in scan]
    near = np.flatnonzero(seen < 0.5 * (1.0 + seen.min()))
    bottom = np.polynomial.Polynomial.fit(spacing[near], seen[near], 2)
    best = float(bottom.deriv().roots()[0].real)

    repetitions = np.arange(1, 17)
    train = [xy8(best, int(k)) for k in repetitions]
    turning = -difference(spins, train) * [coherence(one, BATH) for one in train]
    times = 8.0 * best * repetitions
    guess = 0.5 * np.pi / times[np.argmax(turning < 0.0)]
    (rate, decay), _ = curve_fit(_turned, times, turning, [guess, 0.0])

    print(
        f"coupling along the axis:  {1.0 / best - 2.0 * larmor:9.0f} Hz,"
        f" true {along:.0f} Hz"
    )
    print(f"coupling across the axis: {rate / 2.0:9.0f} Hz, true {across:.0f} Hz")
    print(f"coherence of the centre falls as exp(-{decay:.0f} t / s)")
    assert abs(1.0 / best - 2.0 * larmor - along) < 1e3
    assert abs(rate / 2.0 - across) < 0.05 * across

    figure, (left, right) = style.figure(1, 2, figsize=(9.0, 3.6))
    left.plot(1e6 * spacing, seen)
    left.axvline(1e6 * best, color=style.COLOURS[5], lw=0.8)
    left.set_xlabel(style.label("pulse spacing", "µs"))
    left.set_ylabel("coherence after XY8-5")
    inset = left.inset_axes([0.66, 0.12, 0.32, 0.34])
    f = np.linspace(0.9, 1.1, 300) * (larmor + along / 2.0)
    inset.plot(f / 1e3, filter_function(xy8(best, 5), f), color=style.COLOURS[2])
    inset.axvline((larmor + along / 2.0) / 1e3, color=style.COLOURS[5], lw=0.8)
    inset.set_yticks([])
    inset.set_title("filter over f (kHz)", fontsize=8)
    fine = np.linspace(0.0, times[-1], 300)
    right.plot(1e6 * times, turning, "o")
    right.plot(1e6 * fine, _turned(fine, rate, decay))
    right.set_xlabel(style.label("duration of XY8-k at the dip", "µs"))
    right.set_ylabel("coherence")
    print("saved", style.save_figure(figure, "detect_nuclear_spin.png"))


def _turned(
    time: NDArray[np.float64], rate: float, decay: float
) -> NDArray[np.float64]:
    """Return cos(2 A t) with the decay of the centre; rate is 2 A."""
    return np.asarray(np.cos(rate * time) * np.exp(-decay * time))


if __name__ == "__main__":
    main()
