"""Hear the protons of a drop of oil with one NV centre, and learn how deep it lies.

XY8 pulses make the centre deaf to all but one frequency. Where that is the Larmor
frequency of the protons on the surface, its coherence has a dip; the place of the dip
says which nucleus it is, its depth how far away.
"""

from dataclasses import replace

import numpy as np

from qleap.core import style
from qleap.sensing import NVCentre
from qleap.sensing.nv.signals import (
    NuclearLayer,
    Tone,
    accumulated_phase,
    decoupled_coherence,
    fit_depth,
)
from qleap.sensing.sequences import xy8
from qleap.sensing.spins import ISOTOPES

FIELD, REPEATS, NOISE = 31.4e-3, 16, 0.02  # T, XY8-16, error of one point
OIL = NuclearLayer(depth=10e-9, density=6e28, nucleus="1H")
RNG = np.random.default_rng(2026)


def listen(spacing: float) -> float:
    """Return the coherence as the mean over 4000 random fields of the bath."""
    sequence, larmor = xy8(spacing, REPEATS), OIL.larmor_frequency(FIELD)
    gamma = NVCentre().gyromagnetic_ratios[2]
    one, other = (  # two quadratures of unit amplitude, for one tesla
        accumulated_phase(
            sequence, Tone(amplitude=1.0, frequency=larmor, phase=p), gamma
        )
        for p in (0.0, -np.pi / 2)
    )
    fields = RNG.normal(scale=OIL.field_rms, size=(4000, 2))
    return float(np.cos(fields @ np.array([one, other])).mean())


def main() -> None:
    """Measure, fit, check and plot."""
    larmor = OIL.larmor_frequency(FIELD)
    probed = larmor * np.linspace(0.95, 1.05, 81)
    seen = np.array([listen(0.5 / f) for f in probed])
    seen += RNG.normal(scale=NOISE, size=seen.size)

    start, pulses = replace(OIL, depth=6e-9), 8 * REPEATS
    fit = fit_depth(0.5 / probed, seen, start, pulses=pulses, field=1.001 * FIELD)
    found = replace(OIL, depth=fit.depth)
    dip = found.larmor_frequency(fit.field)
    closest = min(
        ISOTOPES, key=lambda k: abs(abs(ISOTOPES[k].gyromagnetic_ratio) * FIELD - dip)
    )
    print(f"dip at {dip / 1e6:.4f} MHz in {1e3 * FIELD:.1f} mT: {closest}")
    print(
        f"rms field {1e9 * found.field_rms:.0f} nT from 6e28 protons in a cubic metre"
    )
    print(
        f"depth {1e9 * fit.depth:.2f} ± {1e9 * fit.depth_error:.2f} nm, true 10.00 nm"
    )
    assert closest == "1H"
    assert abs(fit.depth - OIL.depth) < 4.0 * fit.depth_error

    figure, axes = style.figure()
    axes.plot(probed / 1e6, seen, "o", ms=4, color=style.COLOURS[5], label="measured")
    fine = np.linspace(probed[0], probed[-1], 600)
    for layer, colour, name in (
        (found, 1, f"fit, {1e9 * fit.depth:.1f} nm"),
        (replace(found, depth=8e-9), 0, "8 nm"),
        (replace(found, depth=14e-9), 2, "14 nm"),
    ):
        curve = decoupled_coherence(layer, 0.5 / fine, pulses=pulses, field=fit.field)
        look = {"lw": 2.0} if layer is found else {"lw": 1.0, "ls": "--"}
        axes.plot(fine / 1e6, curve, color=style.COLOURS[colour], label=name, **look)
    axes.set_xlabel("frequency of the pulses, 1 / 2 spacing (MHz)")
    axes.set_ylabel("coherence")
    axes.set_title(f"protons at {dip / 1e6:.3f} MHz, XY8-{REPEATS}")
    axes.legend()
    print("saved", style.save_figure(figure, "detect_proton_bath.png"))


if __name__ == "__main__":
    main()
