"""Hearts and brains: fields against other sums, localisation, detection, speed."""

import math
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import eval_legendre
from scipy.stats import chi2

from qleap.bench import Accuracy, Measured, Peer, Speed
from qleap.core.constants import VACUUM_PERMEABILITY
from qleap.sensing.biomagnetism import (
    ConductingSphere,
    Phantom,
    SensorArray,
    brain_phantom,
    dipole_bound,
    heartbeat,
    helmet,
    locate_dipole,
    rat_heart_phantom,
)

Array = NDArray[np.float64]

SPHERE = ConductingSphere(radius=0.09)
SCALE = VACUUM_PERMEABILITY / (4.0 * np.pi)
DENSITY = 9e-12  # T/sqrt(Hz)
BEATS, BEAT_RATE = 1000, 500.0
STIMULI = 8000

SARVAS = "J. Sarvas, Phys. Med. Biol. 32, 11 (1987)"
RAT = "9 pT/sqrt(Hz), R wave about 20 pT: arXiv:2405.02376 (abstract)"
BRAIN = "0.2 nA m at 2.4 mm, about 8000 averages: arXiv:2412.18101 (abstract)"


def cases(quick: bool) -> Iterator[Accuracy | Speed]:
    """Yield what is right, what is known and what is seen; then the speed."""
    yield Accuracy(
        name="sensing.biomagnetism.volume_currents",
        title="field of a current dipole in a sphere, largest error over the largest "
        "field",
        unit="1",
        evidence="analytic",
        reference="surface integral of the potential (Geselowitz), potential as a sum "
        "of multipoles",
        measure=_volume_currents,
        prediction=0.0,
        citation=SARVAS,
    )
    yield Accuracy(
        name="sensing.biomagnetism.localisation_cramer_rao",
        title="mean square of dipole positions over the Cramér-Rao bound, three "
        "coordinates together",
        unit="1",
        evidence="simulated",
        reference="Fisher information of position and moment",
        measure=lambda: _localisation(300 if quick else 3000),
        prediction=1.0,
        citation="Kay, Fundamentals of Statistical Signal Processing (1993), ch. 3",
    )
    rat = rat_heart_phantom()
    yield Accuracy(
        name="sensing.biomagnetism.rat_heart",
        title=f"R wave of a simulated rat over its error: {BEATS} beats, band of "
        f"{BEAT_RATE / 2:g} Hz",
        unit="1",
        evidence="simulated",
        reference="20 pT over 9 pT/sqrt(Hz), the root of band over beats",
        measure=lambda: _r_wave(rat, 12 if quick else 100),
        prediction=20e-12 / DENSITY * math.sqrt(BEATS / (0.5 * BEAT_RATE)),
        citation=RAT,
    )
    noise = DENSITY * math.sqrt(0.5 * BEAT_RATE / BEATS)
    yield Accuracy(
        name="sensing.biomagnetism.rat_heart_position",
        title=f"heart of a simulated rat, rms distance from where it is: 25 places, "
        f"{BEATS} beats at each",
        unit="m",
        evidence="simulated",
        reference="Cramér-Rao bound",
        measure=lambda: _heart_position(rat, noise, 60 if quick else 1000),
        prediction=dipole_bound(
            rat.conductor, rat.sensors, rat.position, rat.moment, noise=noise
        ).position_error,
        citation=RAT,
    )
    brain = brain_phantom()
    yield Accuracy(
        name="sensing.biomagnetism.smallest_dipole",
        title=f"scatter of the moment of a brain phantom 2.4 mm away at 9 pT/sqrt(Hz), "
        f"{STIMULI} averages",
        unit="A m",
        evidence="simulated",
        reference="matched filter",
        measure=lambda: _smallest(brain, 100 if quick else 1000),
        prediction=0.2e-9 / brain.matched_signal_to_noise(DENSITY, STIMULI),
        citation=f"{BRAIN}; {RAT}",
    )
    dipoles, sensors = _many()
    yield Speed(
        name="sensing.biomagnetism.sphere_gains",
        title=f"gains of {len(dipoles)} dipoles at {len(sensors)} sensors",
        run=lambda: SPHERE.gains(dipoles, sensors),
        peers=(
            Peer(name="NumPy", distribution="numpy", make=_numpy),
            Peer(name="MNE", distribution="mne", make=_mne),
        ),
        error=lambda ours, theirs: float(
            np.max(np.abs(ours - theirs)) / np.max(np.abs(theirs))
        ),
        rtol=1e-9,
        citation=SARVAS,
    )


def _volume_currents() -> float:
    """Return the error against primary and volume currents, integrated by themselves.

    B = B_0 - mu0 sigma/4pi sum of V n x (r - r')/|r - r'|^3 over the surface, with the
    potential V of a homogeneous sphere (D. Geselowitz, IEEE Trans. Magn. 6, 346,
    1970).
    """
    b, size = 0.045, SPHERE.radius
    moment = np.array([1.0, 0.3, 0.8])
    sensors = SensorArray.vectors(
        helmet(12, 0.11, opening=math.pi).positions, np.eye(3)
    )
    points = sensors.positions[::3]
    cosines, parts = np.polynomial.legendre.leggauss(120)
    turns = 2.0 * np.pi * np.arange(240) / 240
    u, phi = (x.ravel() for x in np.meshgrid(cosines, turns, indexing="ij"))
    area = np.repeat(parts, 240) * (2.0 * np.pi / 240) * size**2
    sine = np.sqrt(1.0 - u**2)
    normal = np.stack([sine * np.cos(phi), sine * np.sin(phi), u], axis=-1)
    # sigma V, with the dipole on the z axis.
    potential, across = np.zeros_like(u), normal[:, :2] @ moment[:2]
    for n in range(1, 80):
        weight = (2 * n + 1) / n * (b / size) ** (n - 1) / (4.0 * np.pi * size**2)
        before, now = eval_legendre(n - 1, u), eval_legendre(n, u)
        slope = n * (before - u * now) / (1.0 - u**2)
        potential += weight * (n * moment[2] * now + across * slope)
    place = np.array([0.0, 0.0, b])
    away = points - place
    primary = np.cross(moment, away) / np.linalg.norm(away, axis=1)[:, None] ** 3
    apart = points[:, None] - size * normal
    cube = np.linalg.norm(apart, axis=-1)[..., None] ** 3
    volume = np.einsum("s,psx->px", potential * area, np.cross(normal, apart) / cube)
    expected = SCALE * (primary - volume)
    found = (SPHERE.gains(place, sensors)[:, 0] @ moment).reshape(-1, 3)
    return float(np.max(np.abs(found - expected)) / np.max(np.abs(expected)))


def _localisation(trials: int) -> Measured:
    sensors, noise = helmet(64, 0.11), 30e-15
    place = np.array([0.02, 0.03, 0.06])
    moment = SPHERE.seen(place) @ np.array([8e-9, 6e-9])
    clean = SPHERE.gains(place, sensors)[:, 0] @ moment
    bound = dipole_bound(SPHERE, sensors, place, moment, noise=noise)
    inverse = np.linalg.inv(bound.position_covariance)
    rng, total = np.random.default_rng(1), 0.0
    for _ in range(trials):
        seen = clean + rng.normal(0.0, noise, clean.size)
        start = place + rng.normal(0.0, 3e-3, 3)
        found = locate_dipole(SPHERE, sensors, seen, noise=noise, start=start)
        off = found.position - place
        total += float(off @ inverse @ off)
    high, low = (float(q) for q in chi2.ppf([0.005, 0.995], 3 * trials))
    return Measured(value=total / (3 * trials), low=total / low, high=total / high)


def _r_wave(rat: Phantom, runs: int) -> Measured:
    """Return height of the R wave over its error where it is largest."""
    best = int(np.argmax(np.abs(rat.peak_field)))
    one = SensorArray(
        positions=rat.sensors.positions[best][None], axes=rat.sensors.axes[best][None]
    )
    alone = Phantom(
        conductor=rat.conductor, sensors=one, position=rat.position,
        moment=rat.moment, waveform=heartbeat, period=rat.period, before=rat.before,
    )  # fmt: skip
    rng, ratios = np.random.default_rng(2), []
    for _ in range(runs):
        mean = alone.average(DENSITY, BEATS, rate=BEAT_RATE, rng=rng)
        ratios.append(float(np.abs(mean.at(0.0)[0]) / mean.error[0]))
    value, half = float(np.mean(ratios)), 2.576 / math.sqrt(runs)  # of unit variance
    return Measured(value=value, low=value - half, high=value + half)


def _heart_position(rat: Phantom, noise: float, trials: int) -> Measured:
    rng, squares = np.random.default_rng(5), []
    for _ in range(trials):
        seen = rat.peak_field + rng.normal(0.0, noise, len(rat.sensors))
        found = locate_dipole(
            rat.conductor, rat.sensors, seen, noise=noise, start=[0.0, 0.0, -6e-3]
        )
        squares.append(float(np.sum((found.position - rat.position) ** 2)))
    mean = float(np.mean(squares))
    half = 2.576 * float(np.std(squares, ddof=1)) / math.sqrt(trials)
    return Measured(
        value=math.sqrt(mean),
        low=math.sqrt(max(mean - half, 0.0)),
        high=math.sqrt(mean + half),
    )


def _smallest(brain: Phantom, trials: int) -> Measured:
    """Return the standard deviation of the moment fitted to averages of 8000."""
    rate = 1000.0
    shape = brain.waveform(brain.times(rate))
    template = brain.peak_field[0] * shape / np.linalg.norm(brain.moment)
    # The mean of many periods is drawn at once: their noise is normal.
    sigma = DENSITY * math.sqrt(0.5 * rate / STIMULI)
    rng = np.random.default_rng(3)
    clean = brain.peak_field[0] * shape
    seen = clean + rng.normal(0.0, sigma, (trials, shape.size))
    moments = seen @ template / (template @ template)
    scatter = float(np.std(moments, ddof=1))
    high, low = (float(q) for q in chi2.ppf([0.005, 0.995], trials - 1))
    root = math.sqrt(trials - 1)
    return Measured(
        value=scatter,
        low=scatter * root / math.sqrt(low),
        high=scatter * root / math.sqrt(high),
    )


@cache
def _many() -> tuple[Array, SensorArray]:
    rng = np.random.default_rng(4)
    ways = rng.normal(size=(1000, 3))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    sensors = helmet(300, 0.11)
    tilted = sensors.axes + 0.3 * rng.normal(size=(300, 3))
    dipoles = 0.08 * rng.random((1000, 1)) ** (1 / 3) * ways
    return dipoles, SensorArray(positions=sensors.positions, axes=tilted)


def _numpy() -> Callable[[], Array]:
    """Return the same gains from arrays of all pairs."""
    dipoles, sensors = _many()
    r, n = sensors.positions[:, None, :], sensors.axes[:, None, :]
    length = np.linalg.norm(r, axis=-1)
    along = np.sum(r * n, axis=-1)

    def run() -> Array:
        away = r - dipoles
        a = np.sqrt(np.einsum("sdx,sdx->sd", away, away))
        ar = np.einsum("sdx,sdx->sd", away, np.broadcast_to(r, away.shape))
        f = a * (length * a + ar)
        tail = ar / a + a + 2.0 * length
        slope = (a * a / length + a + tail) * along - tail * (sensors.axes @ dipoles.T)
        w = n / f[..., None] - r * (slope / f**2)[..., None]
        return np.asarray(SCALE * np.cross(dipoles, w))

    return run


def _mne() -> Callable[[], Array]:
    from mne.forward._compute_forward import _sphere_field

    dipoles, sensors = _many()
    n = len(sensors)
    coils = (sensors.positions, sensors.axes, np.ones(n), np.arange(n))

    def run() -> Array:
        field = _sphere_field(dipoles, coils, {"r0": np.zeros(3)})
        return np.moveaxis(field.reshape(len(dipoles), 3, n), 2, 0)

    return run
