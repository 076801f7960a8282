"""T2 of natural diamond: the Hahn echo of an NV centre in 100 random 13C baths.

Run it: ``python examples/t2_of_natural_diamond.py``. It takes some seconds and draws
the echoes and the histogram of their T2. Nearer nuclei than 0.5 nm are left out, as in
experiments, which choose centres without one.
"""

from functools import partial

import numpy as np

from qleap.core import style
from qleap.sensing.bath import (
    diamond_lattice,
    lattice_average,
    plot_coherence,
    plot_t2_histogram,
    revival_times,
)

FIELD = np.array([0.0, 0.0, 0.05])  # T, along the axis of the centre
LATTICES = 100


def main() -> None:
    """Average, check, print and plot."""
    times = revival_times(FIELD, 1.6e-3, points=50)
    bath = partial(diamond_lattice, 4e-9, inner_radius=5e-10)
    data = lattice_average(bath, LATTICES, times, field=FIELD, seed=1)
    t2 = 1e3 * data["t2"].values
    low, middle, high = np.quantile(t2, [0.1, 0.5, 0.9])
    print(f"{LATTICES} lattices of {float(data['spins'].mean()):.0f} 13C on average")
    print(f"T2 = {middle:.2f} ms in the median, 10 to 90 %: {low:.2f} to {high:.2f} ms")
    print(f"an ensemble of them: {1e3 * float(data['mean_t2']):.2f} ms,", end=" ")
    print(f"exponent {float(data['mean_exponent']):.2f}")

    # A smaller bath must say the same, or the spheres are too small.
    smaller = partial(diamond_lattice, 3e-9, inner_radius=5e-10)
    check = lattice_average(smaller, LATTICES, times, field=FIELD, seed=1)
    change = float(np.median(np.abs(check["t2"] / data["t2"] - 1.0)))
    print(f"spheres of 3 instead of 4 nm change T2 by {100 * change:.1f} % (median)")
    assert bool(data["converged"].all())
    assert 0.6 < middle < 1.1, "measured: 0.6 ms and more"
    assert change < 0.05

    figure, (left, right) = style.figure(1, 2, figsize=(10.0, 4.0))
    plot_coherence(data, ax=left)
    plot_t2_histogram(data, ax=right)
    print("saved", style.save_figure(figure, "t2_of_natural_diamond.png"))


if __name__ == "__main__":
    main()
