"""The field of a wire: from a camera's file of a million points to a map with errors.

Run it: ``python examples/map_of_a_million_points.py``, or with another number of pixels
on a side, 512 say. It writes a cube of ODMR spectra with a drifting lamp, dead and
saturated pixels, a lost frame and hits of cosmic rays, fits two lines to every pixel,
compares with the truth, and draws field and errors.
"""

import resource
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import h5py
import numpy as np
from numpy.typing import NDArray

from qleap.core import style
from qleap.sensing import NVCentre, read_cube
from qleap.sensing.maps import (
    CameraNoise,
    Status,
    fit_map,
    plot_map,
    projection_map,
    remove_background,
)
from qleap.sensing.models import OdmrLines

FREQUENCY = np.linspace(2.82e9, 2.92e9, 101)
BIAS, CURRENT, HEIGHT, WIDTH = 0.7e-3, 1e-3, 5e-6, 64e-6  # T, A, m, m of the picture
GAIN, FULL = 2.0, 60_000  # photoelectrons of a count, and the count of a full well
CENTRE = NVCentre()


def field(n: int) -> NDArray[np.float64]:
    """Return bias and field of a wire, along the axis of the centres, T."""
    x = np.linspace(-WIDTH / 2, WIDTH / 2, n)
    return BIAS + 2e-7 * CURRENT * np.tile(x / (x**2 + HEIGHT**2), (n, 1))


def write_cube(path: Path, n: int) -> None:
    """Write what the camera saw, some rows at a time."""
    rng = np.random.default_rng(1)
    shift = CENTRE.gyromagnetic_ratios[2] * field(n)
    lamp = 1.0 + 0.01 * np.linspace(-1, 1, FREQUENCY.size)
    with h5py.File(path, "w") as file:
        file["frequency"] = FREQUENCY
        file["frequency"].attrs["units"] = "Hz"
        cube = file.create_dataset("counts", (n, n, FREQUENCY.size), "uint16")
        for row in range(n):
            seen = np.tile(50_000.0 * lamp, (n, 1))
            for sign in (-1, 1):
                away = (
                    FREQUENCY - CENTRE.zero_field_splitting - sign * shift[row, :, None]
                )
                seen *= 1.0 - 0.04 / (1.0 + (away / 3e6) ** 2)
            seen = rng.normal(seen, np.sqrt(seen / GAIN))
            seen[rng.random(seen.shape) < 1e-4] += 5000.0  # cosmic rays
            seen[:, 60] = FULL  # a lost frame
            cube[row] = np.clip(seen, 0, FULL).astype(np.uint16)
        cube[n // 8, n // 8] = 0  # dead
        cube[n // 4, n // 4 : n // 4 + 2] = FULL  # saturated


def main() -> None:
    """Write, read, fit, check, print and plot."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 128
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "wire.h5"
        write_cube(path, n)
        model = OdmrLines(n_lines=2)
        fit_map(model, FREQUENCY, read_cube(path).data[:8], saturation=FULL, outliers=5)
        began = perf_counter()
        cube = read_cube(path)
        fit = fit_map(
            model,
            cube.frequency,
            cube.data,
            noise=CameraNoise(counts_per_unit=GAIN),
            background="linear",
            outliers=5.0,
            saturation=FULL,
        )
        found = projection_map(fit, centre=CENTRE)
        took = perf_counter() - began
    print(fit.summary())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{fit.status.size / took:.0f} pixels/s from file to field", end=", ")
    print(f"{memory:.0f} MiB at most for the whole program")

    pull = (found.projection - field(n)) / found.projection_error
    floor = 1e6 * np.nanmedian(found.projection_error)
    print(
        f"{floor:.1f} uT in a pixel; off by {np.nanstd(pull):.3f} standard errors rms"
    )
    assert np.mean(fit.converged) > 0.999
    assert abs(np.nanmean(pull)) < 0.04
    assert abs(np.nanstd(pull) - 1.0) < 0.03
    assert fit.status[n // 8, n // 8] != Status.CONVERGED
    assert fit.status[n // 4, n // 4] == Status.NOT_FINITE

    figure, (left, right) = style.figure(1, 2, figsize=(10.0, 4.0))
    plot_map(
        remove_background(found.projection, degree=0),
        unit="T", name="field of the wire", pixel=WIDTH / n, symmetric=True, ax=left,
    )  # fmt: skip
    plot_map(found.projection_error, unit="T", name="error", pixel=WIDTH / n, ax=right)
    print("saved", style.save_figure(figure, "map_of_a_million_points.png"))


if __name__ == "__main__":
    main()
