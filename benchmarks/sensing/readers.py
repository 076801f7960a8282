"""Measured data: every kind of file gives the same numbers, and fits of them hold."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qleap.bench import Accuracy, Skip, Speed
from qleap.sensing import fit_trace, fit_traces, read_trace
from qleap.sensing.models import Rabi

QUDI = "D. Pinto, qudi-hira-analysis, tests/data, Apache-2.0"
TIME = np.linspace(0.0, 2e-6, 81)
TRUTH = {
    "offset": 1.0,
    "amplitude": -0.1,
    "rabi_frequency": 2.3e6,
    "decay_time": 1.5e-6,
}
NOISE = 2e-3
LEVEL = 0.6827


def cases(quick: bool) -> Iterator[Accuracy | Speed]:
    """Yield what is read, how often intervals hold, and a measured oscillation."""
    yield Accuracy(
        name="sensing.readers.formats",
        title="a trace from seven kinds of file, largest relative deviation",
        unit="1",
        evidence="simulated",
        reference="the numbers that NumPy, SciPy, h5py and xarray wrote",
        measure=_largest_deviation,
        prediction=0.0,
    )
    yield Accuracy(
        name="sensing.readers.coverage",
        title="coverage of 68.27 % profile intervals of a Rabi oscillation, deviation",
        unit="1",
        evidence="simulated",
        reference="the parameters put in",
        measure=lambda: abs(_coverage(40 if quick else 200) - LEVEL),
        prediction=0.0,
        citation="Wilks, Ann. Math. Stat. 9, 60 (1938)",
    )
    yield Accuracy(
        name="sensing.readers.measured_rabi_period",
        title="period of a measured Rabi oscillation, distance in standard errors",
        unit="1",
        evidence="recorded-lab-data",
        reference="an independent fit of the same data, 730.3(28) ns",
        measure=_measured_period,
        prediction=0.0,
        citation=QUDI,
    )


def _largest_deviation() -> float:
    model = Rabi()
    signal = model.evaluate(TIME, TRUTH)
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for file in _write(Path(folder), signal):
            found = read_trace(file, kind="rabi")
            worst = max(worst, float(np.max(np.abs(found.y / signal - 1.0))))
            off = np.abs(found.x - TIME)[1:] / TIME[1:]
            worst = max(worst, float(np.max(off)))
    return worst


def _write(folder: Path, signal: NDArray[np.float64]) -> Iterator[Path]:
    """Write one trace as every kind of file, in microseconds."""
    import h5py
    import xarray as xr
    from scipy.io import savemat

    tau = 1e6 * TIME
    table = np.column_stack([tau, signal])
    head = "tau (us),signal"
    np.savetxt(folder / "a.csv", table, delimiter=",", header=head, fmt="%.17g")
    np.save(folder / "a.npy", table)
    np.savez(folder / "a.npz", tau_us=tau, signal=signal)
    savemat(folder / "a.mat", {"scan": {"tau_us": tau, "signal": signal}})
    with h5py.File(folder / "a.h5", "w") as file:
        file["tau"], file["signal"] = tau, signal
        file["tau"].attrs["units"] = "us"
    with h5py.File(folder / "a.nxs", "w") as file:
        data = file.create_group("data")
        data.attrs["NX_class"], data.attrs["signal"] = "NXdata", "counts"
        data.attrs["axes"] = "setting"
        data["setting"], data["counts"] = tau, signal
        data["setting"].attrs["units"] = "us"
    coords = {"tau": ("tau", tau, {"units": "us"})}
    stored = xr.Dataset({"signal": ("tau", signal)}, coords=coords)
    stored.to_netcdf(folder / "a.nc", engine="h5netcdf")
    yield from sorted(folder.iterdir())


def _coverage(repeats: int) -> float:
    """Return how often the interval of a parameter holds its true value."""
    rng, model = np.random.default_rng(23), Rabi()
    exact, error = model.evaluate(TIME, TRUTH), np.full(TIME.size, NOISE)
    held = []
    for _ in range(repeats):
        y = exact + rng.normal(scale=NOISE, size=TIME.size)
        fit = fit_trace(model, TIME, y, error, start=TRUTH)
        for name, (low, high) in fit.intervals(level=LEVEL).items():
            held.append(low <= TRUTH[name] <= high)
    return float(np.mean(held))


def _measured_period() -> float:
    checkouts = (Path(__file__).parents[2], Path.cwd())
    folders = [one.parent / "shared" / "data" / "nv" / "qudi_hira" for one in checkouts]
    files = [file for folder in folders for file in folder.glob("*rabi*.dat")]
    if not files:
        raise Skip("the measured traces (../shared/data/nv) are not on this machine")
    fit = fit_traces([read_trace(files[0], kind="rabi")], [Rabi(delayed=True)])
    return abs(1e9 / fit["rabi_frequency"].value - 730.3) / 2.8
