"""Draw what an ensemble of NV centres shows in a field of the laboratory.

All four axes with 14N triplets, a diamond that is turned in the laboratory, a microwave
antenna that drives the axes unequally, and how the lines move as the field grows.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from qleap.core import style
from qleap.sensing import NVCentre, OdmrSpectrum
from qleap.sensing.nv import AXES, NITROGEN_14, field_from_pair

FIELD = 1e-3 * np.array([1.1, 0.7, 4.2])  # T, in the laboratory
DIAMOND = Rotation.from_euler("zyx", [20.0, 30.0, 35.0], degrees=True).as_matrix()
DRIVE = np.array([1.0, 0.0, 0.2])  # direction of the microwave field
CENTRE = NVCentre.at_temperature(296.0, nitrogen=NITROGEN_14)
FREQUENCY = np.linspace(2.72e9, 3.03e9, 4001)


def spectrum(field: NDArray[np.float64], axes: tuple[int, ...]) -> OdmrSpectrum:
    """Return the model of some of the axes in a field."""
    return OdmrSpectrum(
        field=(field[0], field[1], field[2]),
        axes=axes,
        centre=CENTRE,
        crystal_from_lab=DIAMOND,
        drive=DRIVE,
        fwhm=0.7e6,
        contrast=0.02,
    )


def check() -> float:
    """Return the error of the field that the pairs of lines give back, T."""
    lines = CENTRE.resonances(FIELD, crystal_from_lab=DIAMOND)
    worst = 0.0
    for axis, (low, high) in zip(AXES, lines, strict=True):
        found = field_from_pair(
            low, high, CENTRE.zero_field_splitting, CENTRE.gyromagnetic_ratios
        )
        along = abs(float(axis @ DIAMOND @ FIELD))
        worst = max(worst, abs(found.parallel - along))
        print(
            f"axis {np.round(np.sqrt(3.0) * axis).astype(int)}: "
            f"{1e3 * along:5.3f} mT along it, lines at {low / 1e6:8.2f} and "
            f"{high / 1e6:8.2f} MHz give {1e3 * found.parallel:5.3f} mT"
        )
    return worst


def main() -> None:
    """Print, check and plot."""
    error = check()
    print(f"self-check: largest error {1e9 * error:.1f} nT")
    if error > 1e-9:
        raise SystemExit("the lines do not give the field back")
    figure, (top, bottom) = style.figure(2, 1, figsize=(8.0, 7.0), sharex=True)
    for axis in range(4):
        shown = spectrum(FIELD, (axis,)).evaluate(FREQUENCY)
        name = "".join(f"{round(c):+d}" for c in np.sqrt(3.0) * AXES[axis])
        top.plot(FREQUENCY / 1e9, 100.0 * shown - 100.0, lw=0.9, label=f"[{name}]")
    whole = spectrum(FIELD, (0, 1, 2, 3)).evaluate(FREQUENCY)
    top.plot(FREQUENCY / 1e9, 100.0 * whole - 102.0, "k", lw=0.9, label="all, shifted")
    top.set_ylabel("fluorescence change (%)")
    top.legend(ncols=5, fontsize=8, loc="lower center")
    top.set_ylim(-4.2, 0.2)
    sizes = np.linspace(0.0, 1.2, 241)
    rows = [spectrum(s * FIELD, (0, 1, 2, 3)).evaluate(FREQUENCY) for s in sizes]
    size = 1e3 * float(np.linalg.norm(FIELD))
    extent = (FREQUENCY[0] / 1e9, FREQUENCY[-1] / 1e9, 0.0, size * sizes[-1])
    picture = bottom.imshow(
        100.0 * np.array(rows) - 100.0,
        extent=extent,
        aspect="auto",
        origin="lower",
        cmap="magma",
        vmin=-1.6,
        vmax=0.0,
    )
    bottom.axhline(size, color="k", lw=0.8, ls="--")
    bottom.grid(visible=False)
    bottom.set_xlabel("microwave frequency (GHz)")
    bottom.set_ylabel("field along the same direction (mT)")
    figure.colorbar(picture, ax=bottom, label="fluorescence change (%)")
    print("saved", style.save_figure(figure, "odmr_of_an_ensemble.png"))


if __name__ == "__main__":
    main()
