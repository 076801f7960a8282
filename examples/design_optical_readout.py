"""Choose laser power and readout window of an NV centre, and see what is lost.

How long should the detector stay open, how strong should the laser be, what does one
readout tell, and how do laser and microwave broaden a line that is driven all the time?
"""

import numpy as np

from qleap.core import style
from qleap.sensing.nv.photophysics import (
    CwOdmrModel,
    RateModel,
    distribution_noise,
    optimum_window,
    photon_distribution,
    plot_power_broadening,
    plot_transient,
)

EFFICIENCY = 0.03  # share of the emitted photons that are counted
BACKGROUND = 2e3  # counts per second of something else
MODEL = RateModel()


def main() -> None:
    """Optimise, check with exact photon statistics, print and plot."""
    pumps = np.geomspace(1e6, 3e8, 25)
    windows = [
        optimum_window(MODEL, pump, efficiency=EFFICIENCY, background=BACKGROUND)
        for pump in pumps
    ]
    noise = np.array([window.noise for window in windows])
    best, pump = windows[noise.argmin()], float(pumps[noise.argmin()])
    print(f"pump rate {pump / 1e6:.0f} per microsecond")
    print(f"window    {1e9 * best.duration:.0f} ns, contrast {best.contrast:.1%}")
    print(f"counts    {best.counts_0:.4f} and {best.counts_1:.4f} a shot")
    print(f"sigma_R   {best.noise:.1f} times projection noise")

    bright = MODEL.polarised(pump)
    counts = [
        photon_distribution(
            MODEL.generator(pump),
            MODEL.photon_jumps(efficiency=EFFICIENCY),
            start,
            best.duration,
            dark_counts=BACKGROUND * best.duration,
        )
        for start in (bright, MODEL.flipped(bright))
    ]
    exact = distribution_noise(*counts)
    print(f"          {exact:.1f} with exact photon statistics")
    if abs(exact / best.noise - 1.0) > 0.02:
        raise SystemExit("photons are not Poissonian here: take the exact statistics")

    figure, axes = style.figure(1, 3, figsize=(14.0, 4.0))
    plot_transient(MODEL, pump, window=best.duration, ax=axes[0])
    axes[1].semilogx(pumps, noise, color=style.COLOURS[0])
    axes[1].plot(pump, best.noise, "o", color=style.COLOURS[1])
    axes[1].set_xlabel(style.label("pump rate", "1/s"))
    axes[1].set_ylabel("readout noise over projection noise")
    line = CwOdmrModel(lines=(2.84e9, 2.90e9), dephasing_rate=3e5)
    powers = np.geomspace(1e4, 3e7, 40), np.geomspace(3e4, 1e7, 40)
    plot_power_broadening(line, *powers, ax=axes[2])
    print("saved", style.save_figure(figure, "design_optical_readout.png"))


if __name__ == "__main__":
    main()
