"""A brain as diamond sensors see it: the field, its average, and where it comes from.

Run it: ``python examples/brain_field_phantom.py``. A dipole 18 mm below the scalp
answers a stimulus; 64 diamonds of 1 mm on the head average over many stimuli. One
picture shows the field over the head, the averaged response, and how well the dipole is
located against the number of stimuli, beside the bound of information theory.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core import style
from qleap.sensing.biomagnetism import (
    ConductingSphere,
    Phantom,
    SensorArray,
    dipole_bound,
    evoked_response,
    helmet,
    locate_dipole,
)

HEAD = ConductingSphere(radius=0.09)
PLACE = np.array([0.032, 0.02, 0.061])  # m
STRENGTH, STANDOFF = 20e-9, 4e-3  # A m, m
DENSITIES = {"9 pT": 9e-12, "0.9 pT": 0.9e-12}  # T/sqrt(Hz), of published sensors
STIMULI, RATE, PEAK = 10_000, 500.0, 20e-3
BEST = DENSITIES["0.9 pT"]
TRIALS = 24


def brain() -> Phantom:
    """Return the dipole, the head and the sensors."""
    ring = helmet(64, HEAD.radius + STANDOFF, opening=1.7)
    diamonds = SensorArray.boxes(ring.positions, ring.axes, (1e-3, 1e-3, 0.2e-3))
    return Phantom(
        conductor=HEAD,
        sensors=diamonds,
        position=PLACE,
        moment=HEAD.seen(PLACE) @ (STRENGTH * np.array([0.8, 0.6])),
        waveform=evoked_response,
        period=0.1,
    )


def candidates() -> NDArray[np.float64]:
    """Return places all over the upper half of the brain, where fits may begin."""
    return np.vstack(
        [helmet(40, r, opening=1.5).positions for r in (0.04, 0.06, 0.075)]
    )


def missed(phantom: Phantom, noise: float, rng: np.random.Generator) -> float:
    """Return how far fits lie from the truth, rms, m."""
    squares = []
    for _ in range(TRIALS):
        seen = phantom.peak_field + rng.normal(0.0, noise, len(phantom.sensors))
        found = locate_dipole(
            HEAD, phantom.sensors, seen, noise=noise, start=candidates()
        )
        squares.append(float(np.sum((found.position - PLACE) ** 2)))
    return float(np.sqrt(np.mean(squares)))


def main() -> None:
    """Simulate, average, locate, check, print and plot."""
    phantom, rng = brain(), np.random.default_rng(2)
    mean = phantom.average(BEST, STIMULI, rate=RATE, rng=rng)
    best = int(np.argmax(np.abs(phantom.peak_field)))
    print(f"largest field {1e12 * abs(phantom.peak_field[best]):.2f} pT")
    print(f"averages of {STIMULI} know each reading to {1e15 * mean.error[0]:.0f} fT")

    found = locate_dipole(
        HEAD, phantom.sensors, mean.at(PEAK), noise=mean.error, start=candidates()
    )
    off = found.position - PLACE
    region = found.ellipsoid(0.95)
    print(f"located {1e3 * np.linalg.norm(off):.2f} mm from the truth")
    print("95 % ellipsoid, mm:", np.round(1e3 * region.semi_axes, 2))
    print(f"moment {1e9 * np.linalg.norm(found.moment):.1f} nA m")
    assert region.contains(-off)
    assert found.chi_square < 2.0 * found.degrees
    sure = float(np.sqrt(np.trace(found.moment_covariance)))
    assert np.linalg.norm(found.moment - phantom.moment) < 3.0 * sure

    figure, (left, middle, right) = style.figure(1, 3, figsize=(13.0, 3.8))
    at = phantom.sensors.positions
    angle = np.arccos(at[:, 2] / np.linalg.norm(at, axis=1))
    flat = angle[:, None] * at[:, :2] / np.linalg.norm(at[:, :2], axis=1)[:, None]
    top = 1e12 * np.max(np.abs(mean.at(PEAK)))
    picture = left.tricontourf(
        *flat.T, 1e12 * mean.at(PEAK), np.linspace(-top, top, 17), cmap="RdBu_r"
    )
    left.plot(*flat.T, ".", color="0.3", markersize=3)
    along = np.arccos(PLACE[2] / np.linalg.norm(PLACE)) * PLACE[:2]
    left.plot(*along / np.linalg.norm(PLACE[:2]), "k+", markersize=12, label="dipole")
    left.set(aspect="equal", xlabel="to the right (rad)", ylabel="to the front (rad)")
    left.set_title("field 20 ms after the stimulus")
    left.legend(loc="lower left")
    figure.colorbar(
        picture, ax=left, label="field (pT)", ticks=[-top, 0.0, top]
    ).ax.set(yticklabels=[f"{-top:.2f}", "0", f"{top:.2f}"])

    time, curve = 1e3 * mean.time, 1e12 * mean.field[best]
    error = 1e12 * mean.error[best]
    middle.fill_between(time, curve - error, curve + error, alpha=0.3, lw=0)
    middle.plot(time, curve, label=f"mean of {STIMULI}")
    middle.plot(
        time, 1e12 * phantom.peak_field[best] * evoked_response(mean.time), "k--"
    )
    middle.set(xlabel="time after the stimulus (ms)", ylabel="field (pT)")
    middle.set_title("the strongest sensor; dashed: the truth")
    middle.legend()

    counts = np.geomspace(100, 1e6, 60)
    for name, density in DENSITIES.items():
        noise = density * np.sqrt(0.5 * RATE / counts)
        one = dipole_bound(
            HEAD, phantom.sensors, PLACE, phantom.moment, noise=1e-12
        ).position_error
        bound = one * noise / 1e-12
        (line,) = right.loglog(counts, 1e3 * bound, label=f"bound, {name}/√Hz")
        # Where noise is small: elsewhere fits end in other places, above the bound.
        some = np.array(
            [n for n in (1e3, 1e4, 1e5, 1e6) if np.interp(n, counts, bound) < 6e-3]
        )
        sizes = [missed(phantom, density * np.sqrt(0.5 * RATE / n), rng) for n in some]
        right.loglog(some, 1e3 * np.array(sizes), "o", color=line.get_color())
        spread = np.array(sizes) / np.interp(some, counts, bound)
        print(f"{name}/sqrt(Hz): rms errors over the bound", np.round(spread, 2))
        assert np.all(np.abs(spread - 1.0) < 0.4)
    right.set(xlabel="stimuli averaged", ylabel="error of the position (mm)")
    right.set_title("dots: rms error of fits")
    right.legend()
    print("saved", style.save_figure(figure, "brain_field_phantom.png"))


if __name__ == "__main__":
    main()
