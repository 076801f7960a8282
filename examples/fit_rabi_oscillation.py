"""Read a Rabi oscillation from a file, fit it, and say how far the numbers hold.

Run it without arguments for a synthetic measurement, or give a file of yours (text,
NumPy, MATLAB, NetCDF, NeXus, HDF5, or qudi's): python fit_rabi_oscillation.py rabi.dat
"""

import sys
from pathlib import Path

import numpy as np

from qleap.core import style
from qleap.sensing import fit_traces, plot_fit, read_trace
from qleap.sensing.models import Rabi

TRUTH = {"offset": 1.1, "amplitude": -0.08, "rabi_frequency": 1.37e6}
TRUTH |= {"decay_time": 2.1e-6, "delay": 15e-9}
MODEL = Rabi(delayed=True)  # pulses take a few nanoseconds to rise


def simulate() -> Path:
    """Write what a single centre shows, in microseconds, as laboratories do."""
    length = np.linspace(0.02e-6, 3e-6, 60)
    rng = np.random.default_rng(7)
    signal = MODEL.evaluate(length, TRUTH) + rng.normal(scale=2e-3, size=60)
    table = np.column_stack([1e6 * length, signal, np.full(60, 2e-3)])
    file = Path("simulated_rabi.csv")
    np.savetxt(file, table, delimiter=",", header="pulse length (us),signal,error")
    return file


def main() -> None:
    """Read, fit, print and plot."""
    trace = read_trace(sys.argv[1] if len(sys.argv) > 1 else simulate(), kind="rabi")
    print("\n".join(trace.notes))
    fit = fit_traces([trace], [MODEL])
    for name, (low, high) in fit.intervals().items():
        found = fit[name]
        print(f"{name:>15} {found.value:12.5g} ± {found.standard_error:.2g}", end="")
        print(f", {low:.5g} to {high:.5g}")
    period = 1.0 / fit["rabi_frequency"].value
    error = fit["rabi_frequency"].standard_error * period**2
    print(f"pi pulse {0.5e9 * period:.2f} ± {0.5e9 * error:.2f} ns")
    print(f"reduced chi-square {fit.reduced_chi_square:.2f}")
    for test, chance in fit.residual_tests().items():
        print(f"  {test}: p = {chance:.2g}")
    print("\n".join(fit.doubts) or "the data determine every parameter")
    upper, _ = plot_fit(fit)
    figure = upper.get_figure(root=True)
    print("saved", style.save_figure(figure, "fit_rabi_oscillation.png"))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
