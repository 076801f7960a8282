"""Strong-field dipoles against other programs, exact laws and published ones."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.integrate import cumulative_trapezoid, quad
from scipy.optimize import brentq
from scipy.special import airy

from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    BOHR_RADIUS,
    ELEMENTARY_CHARGE,
    HBAR,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.driving import DrivingField
from qleap.laser.harmonics import (
    DipoleElements,
    gaussian_elements,
    harmonic_spectrum,
    hydrogen_like_elements,
    sfa_accelerations,
    sfa_dipole,
    survival_probability,
)
from qleap.laser.harmonics.quadrature import second_derivative
from qleap.laser.ionisation import Atom, atom, rate_table
from tests.laser.harmonics.fields import PERIOD, flat_top, peak_field, pulse

Floats = NDArray[np.float64]

UNIT = ELEMENTARY_CHARGE * BOHR_RADIUS
ARGON = hydrogen_like_elements("Ar")
SHELL = hydrogen_like_elements("Ar", shell="p")

# HHGmax (github.com/Leberwurscht/HHGmax, commit 859b1ea9, lewenstein.cpp) on `pulse`
# with the window of `sfa_dipole`, 1600 and 3200 steps a cycle, extrapolated with the
# 3/2 power of the step with which its trapezoid converges; atomic units, every eighth
# of a cycle from half a cycle before the middle on; its sign is that of <x>.
HHGMAX = {
    1: [[-0.0444414, -0.003342, 0.0007812, 0.0392391, 0.0560149, 0.0030898,
         -0.0005746, -0.0352845, -0.0441853, -0.0030916, 0.0005244, 0.0191935]],
    2: [[-0.0442649, -0.0044511, 0.0021215, 0.0417915, 0.0561571, 0.0047136,
         -0.0022306, -0.0381813, -0.0445017, -0.0035821, 0.0013121, 0.0220446],
        [-1.6e-06, -0.0024739, -0.0022632, -0.0104106, -9.2e-05, 0.0026578,
         0.0022491, 0.0092226, 8.03e-05, -0.0018848, -0.001481, -0.0054099]],
}  # fmt: skip


@pytest.mark.parametrize("components", [1, 2])
def test_the_dipole_is_that_of_another_program(components: int) -> None:
    found = sfa_dipole(pulse(200, components=components), "Ar")["dipole"].values / UNIT
    theirs = np.array(HHGMAX[components])
    assert_allclose(found[:, 500:800:25], theirs, rtol=0, atol=1e-5 * theirs.max())


def by_quadrature(
    phase: float, made: DipoleElements, ratio: float, longest: float
) -> Floats:
    """Return the integral over delays in a steady elliptical wave, atomic units."""
    omega = 2.0 * np.pi / (PERIOD / ATOMIC_TIME)
    energy, t = atom("Ar").energy_au, phase / omega
    size = peak_field(2e18) / ATOMIC_ELECTRIC_FIELD * np.array([1.0, ratio])

    def integrand(root: float, axis: int) -> float:
        tau = root * root
        ends = np.array([[t - tau], [t]]) * omega
        a = -size / omega * np.hstack([np.sin(ends), -np.cos(ends)])
        b = size / omega**2 * np.hstack([np.cos(ends), np.sin(ends)])
        sin_2 = np.sin(2.0 * ends[:, 0])
        c = size[:, None] ** 2 / (2.0 * omega**3)
        c = c * np.stack([ends[:, 0] - 0.5 * sin_2, ends[:, 0] + 0.5 * sin_2])
        p = (b[1] - b[0]) / tau
        action = (energy - 0.5 * p @ p) * tau + 0.5 * np.sum(c[:, 1] - c[:, 0])
        now, then = p - a[1], p - a[0]
        field = size * np.array([np.cos(ends[0, 0]), np.sin(ends[0, 0])])
        spread = 1j * (np.pi / (0.5j * tau)) ** (0.5 * made.dimensions)
        value = 2.0 * (spread * np.exp(-1j * action)).real
        fade = np.clip((longest - tau) / (0.1 * longest), 0.0, 1.0)
        value *= np.sin(0.5 * np.pi * fade) ** 2
        if made.shell == 1:  # of one component
            value *= np.sin(0.25 * min(tau * energy, 2.0 * np.pi)) ** 2
            value *= made(now[:1])[0] * made(then[:1])[0] * field[0]
        else:
            sizes = np.hypot(*now), np.hypot(*then)
            value *= np.prod(made(sizes) / sizes) * (then @ field) * now[axis]
        return float(value * 2.0 * root)

    end = np.sqrt(longest)
    edge = np.sqrt(0.9 * longest)
    return np.array([
        sum(
            quad(integrand, *part, args=(axis,), limit=400, epsabs=1e-9)[0]
            for part in ((1e-6, edge), (edge, end))
        )
        for axis in (0, 1)
    ])  # fmt: skip


@pytest.mark.parametrize(("made", "ratio"), [
    (ARGON, 0.0),
    (ARGON, 0.3),
    (hydrogen_like_elements("Ar", dimensions=1), 0.0),
    (gaussian_elements(0.5), 0.2),
    (SHELL, 0.0),
])  # fmt: skip
def test_the_dipole_is_the_integral_over_delays(
    made: DipoleElements, ratio: float
) -> None:
    steps, longest = 400, 0.8 * PERIOD
    turns = np.arange(3 * steps) / steps
    wave = np.stack([np.cos(2 * np.pi * turns), ratio * np.sin(2 * np.pi * turns)])
    driving = DrivingField(
        time=turns * PERIOD,
        field=peak_field(2e18) * (wave if ratio else wave[:1]),
        wavelength=800e-9,
    )
    data = sfa_dipole(driving, "Ar", elements=made, longest_excursion=longest)
    found, largest = data["dipole"].values / UNIT, np.abs(data["dipole"]).max() / UNIT
    for i in (700, 1090):
        exact = by_quadrature(2 * np.pi * turns[i], made, ratio, longest / ATOMIC_TIME)
        exact = exact[: driving.components]
        assert_allclose(found[:, i], exact, rtol=0, atol=2e-6 * float(largest))


def amplitudes(steps: int, made: DipoleElements) -> NDArray[np.complex128]:
    data = sfa_dipole(pulse(steps), "Ar", elements=made)
    time, order = data["time"].values, np.arange(5.0, 46.0, 0.5)
    waves = np.exp(2j * np.pi * np.outer(order, time) / PERIOD)
    found = np.trapezoid(waves * data["dipole_acceleration"].values[0], time)
    return np.asarray(found, np.complex128)


def test_harmonics_converge_as_the_default_says() -> None:
    exact = amplitudes(1200, ARGON)
    for steps, error in ((150, 2e-4), (360, 1e-6)):
        found = amplitudes(steps, ARGON)
        assert np.abs(found - exact).max() < error * np.abs(exact).max()
    found, exact = amplitudes(300, SHELL), amplitudes(1200, SHELL)
    assert np.abs(found - exact).max() < 1e-4 * np.abs(exact).max()


@pytest.mark.parametrize(("target", "wavelength", "intensity", "steps"), [
    ("Ar", 800e-9, 2e18, 300),
    ("He", 800e-9, 4e18, 500),
    ("Ar", 1300e-9, 3e18, 1400),
])  # fmt: skip
def test_the_plateau_ends_at_the_published_cutoff(
    target: str, wavelength: float, intensity: float, steps: int
) -> None:
    # One burst near the cutoff is an Airy function of the photon energy, of which the
    # law, 1.32 Ip + 3.17 Up (Lewenstein et al. 1994), is the turning point.
    driving = flat_top(
        np.cos,
        intensity=intensity,
        cycles=3,
        steps=steps,
        ramp=0.0,
        wavelength=wavelength,
    )
    data = sfa_dipole(driving, target, longest_excursion=1.1 * driving.cycle)
    late = driving.time / driving.cycle - 1.7  # the return with the largest energy
    burst = np.where(np.abs(late) < 0.25, np.cos(2.0 * np.pi * late) ** 2, 0.0)
    burst = burst * data["dipole_acceleration"].values[0]
    bound, quiver = atom(target).ionisation_energy, driving.ponderomotive_energy
    law = 1.32 * bound + 3.17 * quiver
    energy = np.linspace(bound + 2.0 * quiver, law + 1.5 * quiver, 400)
    power = np.abs(np.exp(1j / HBAR * np.outer(energy, driving.time)) @ burst) ** 2
    maxima = np.flatnonzero(np.diff(np.sign(np.diff(power))) < 0) + 1
    last = maxima[power[maxima] > 0.2 * power.max()][-1]
    tenth = last + np.flatnonzero(power[last:] < 0.1 * power[last])[0]
    top = -1.0187929716
    share = airy(top)[0] ** 2 / 10.0
    low = brentq(lambda x: airy(x)[0] ** 2 - share, 0.0, 2.0)
    turning = energy[last] + (energy[tenth] - energy[last]) * top / (top - low)
    assert turning == pytest.approx(law, rel=0.01)


@pytest.mark.parametrize(("window", "path"), [((0.0, 0.7), 0), ((0.72, 1.05), 1)])
def test_bursts_come_when_classical_electrons_return(
    window: tuple[float, float], path: int
) -> None:
    driving = flat_top(
        np.cos, intensity=2e18, cycles=4, steps=500, ramp=0.0, wavelength=1300e-9
    )
    cycle = driving.cycle
    data = sfa_dipole(
        driving,
        "Ar",
        shortest_excursion=window[0] * cycle,
        longest_excursion=window[1] * cycle,
    )
    turns = driving.time / cycle - 2.0
    acceleration = data["dipole_acceleration"].values[0]
    for kinetic in (1.0, 2.0):  # of the quiver energy
        times = returns(kinetic)[path] + np.arange(-0.2, 0.2, 0.005)
        photon = atom("Ar").ionisation_energy + kinetic * driving.ponderomotive_energy
        gates = np.exp(-(((turns - times[:, None]) / 0.04) ** 2) / 2.0)
        gates = gates * np.exp(1j * photon / HBAR * driving.time)
        power = np.abs(gates @ acceleration) ** 2
        centre = np.sum(power * times) / power.sum()
        assert centre == pytest.approx(returns(kinetic)[path], abs=0.02)


def returns(kinetic: float) -> tuple[float, float]:
    """Return when electrons of a cosine wave are back, in cycles: short, long path."""
    found = []
    for birth in np.linspace(0.02, 1.5, 400):
        late = np.linspace(birth + 0.05, 2.0 * np.pi, 4000)
        place = np.cos(birth) - np.cos(late) - np.sin(birth) * (late - birth)
        back = np.flatnonzero(np.diff(np.sign(place)))
        if back.size:
            late_ = late[back[0]]
            found.append((late_, 2.0 * (np.sin(late_) - np.sin(birth)) ** 2))
    time, energy = np.array(found).T
    top = int(energy.argmax())
    short = np.interp(-kinetic, -energy[top:], time[top:])
    long = np.interp(kinetic, energy[: top + 1], time[: top + 1])
    return short / (2.0 * np.pi), long / (2.0 * np.pi)


def harmonics(driving: DrivingField, target: str = "Ar") -> NDArray[np.complex128]:
    """Return the amplitudes of whole orders in the eight cycles of the middle."""
    values = sfa_dipole(driving, target)["dipole_acceleration"].values
    n = 8 * round(driving.cycle / driving.step)
    start = values.shape[1] // 2 - n // 2
    part = values[:, start : start + n] * np.hanning(n)
    return np.asarray(np.fft.rfft(part, axis=1)[:, ::8][:, :30])


def test_light_of_one_colour_makes_odd_harmonics_and_two_colours_make_all() -> None:
    one = np.abs(harmonics(flat_top(np.cos, intensity=2e18))[0])
    assert one[12:29:2].max() < 1e-3 * one[11:29:2].min()
    two = flat_top(lambda x: np.cos(x) + 0.1 * np.cos(2.0 * x), intensity=2e18)
    both = np.abs(harmonics(two)[0])
    assert both[12:29:2].mean() > 0.2 * both[11:29:2].mean()


def test_circular_light_makes_no_harmonics() -> None:
    linear = np.abs(harmonics(flat_top(np.cos, intensity=2e18)))[0, 11:29:2]
    turning = flat_top(lambda x: np.stack([np.cos(x), np.sin(x)]), intensity=1e18)
    assert np.abs(harmonics(turning))[:, 11:29].max() < 1e-6 * linear.min()


def test_two_counter_rotating_colours_make_pairs_of_circular_harmonics() -> None:
    def wave(x: Floats) -> Floats:
        return np.stack([np.cos(x) + np.cos(2 * x), np.sin(x) - np.sin(2 * x)])

    x, y = harmonics(flat_top(wave, intensity=5e17, cycles=20))
    # With exp(-i omega t) and NumPy's transform: right and left as seen here.
    first, second = np.abs(x + 1j * y), np.abs(x - 1j * y)
    weakest = min(first[10:26:3].min(), second[11:26:3].min())
    assert max(first[11:26:3].max(), second[10:26:3].max()) < 1e-4 * weakest
    assert max(first[12:26:3].max(), second[12:26:3].max()) < 1e-4 * weakest


def test_weak_light_makes_harmonics_with_the_power_of_their_order() -> None:
    weak, twice = (
        np.abs(harmonics(flat_top(np.cos, intensity=i, steps=120, cycles=14))[0])
        for i in (1e15, 4e15)
    )
    assert twice[3] / weak[3] == pytest.approx(8.0, rel=0.01)
    assert twice[5] / weak[5] == pytest.approx(32.0, rel=0.05)


def test_stronger_binding_in_shorter_waves_is_the_same() -> None:
    # Ip to k Ip, wavelength to 1/k, intensity to k^3: the same dipole but for its size,
    # Wu et al., Chin. Phys. B 21, 024210 (2012).
    k, driving = 1.7, pulse(120, components=2)
    other = DrivingField(
        time=driving.time / k,
        field=driving.field * k**1.5,
        wavelength=driving.wavelength / k,
    )
    energy = atom("Ar").ionisation_energy
    bound = Atom(name="stronger", ionisation_energy=k * energy)
    ours, theirs = (sfa_dipole(d, a)["dipole"].values for d, a in (
        (driving, "Ar"), (other, bound),
    ))  # fmt: skip
    assert_allclose(theirs * np.sqrt(k), ours, rtol=0, atol=1e-9 * ours.max())


def test_yield_falls_with_the_wavelength_as_published() -> None:
    # Power of a fixed interval of photon energies as the wavelength to the power of
    # minus 5 to 6: Frolov et al., Phys. Rev. Lett. 100, 173001 (2008), and the
    # solutions of Schroedinger's equation that they quote.
    waves = np.linspace(800e-9, 1300e-9, 9)
    power = []
    for wavelength in waves:
        steps = round(160 * (wavelength / 800e-9) ** 2)
        driving = flat_top(
            np.cos, intensity=1.6e18, cycles=8, steps=steps, wavelength=wavelength
        )
        data = harmonic_spectrum(sfa_dipole(driving, "Ar"))
        energy = data["frequency"].values * 2.0 * np.pi * HBAR / ELEMENTARY_CHARGE
        inside = (energy > 20.0) & (energy < 50.0)
        total = data["spectrum"].values[0, inside].sum() * energy[1]
        power.append(total / driving.cycle)
    slope = np.polyfit(np.log(waves), np.log(power), 1)[0]
    assert -6.2 < slope < -4.8


@pytest.mark.parametrize("made", [ARGON, SHELL])
def test_dipoles_turn_shift_and_change_sign_with_the_field(
    made: DipoleElements,
) -> None:
    driving = pulse(120, components=2)

    def dipole(field: Floats) -> Floats:
        given = DrivingField(time=driving.time, field=field, wavelength=800e-9)
        return np.asarray(sfa_dipole(given, "Ar", elements=made)["dipole"])

    x = driving.field[0]
    plain = dipole(driving.field)
    small = 1e-9 * np.abs(plain).max()
    assert np.array_equal(dipole(-driving.field), -plain)
    turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    assert_allclose(dipole(turn @ driving.field), turn @ plain, rtol=0, atol=small)
    one = dipole(x)
    two = dipole(np.stack([x, 0.0 * x]))
    assert_allclose(two, np.stack([one[0], 0.0 * x]), rtol=0, atol=small)
    late = np.concatenate([np.zeros(37), x[:-37]])
    assert_allclose(dipole(late)[0, 37:], one[0, :-37], rtol=0, atol=small)


def test_a_depleted_ground_state_emits_less() -> None:
    driving = pulse(120, intensity=3e18)
    half = sfa_dipole(driving, "Ar", survival=np.full(driving.time.size, 0.5))
    full = sfa_dipole(driving, "Ar")
    assert_allclose(half["dipole"], 0.5 * full["dipole"], rtol=1e-9, atol=1e-40)
    rates = rate_table("Ar", "ppt", wavelength=800e-9)
    data = sfa_dipole(driving, "Ar", rates=rates)
    alive = survival_probability(driving.field, driving.step, rates)
    other = sfa_dipole(driving, "Ar", survival=alive)
    assert np.array_equal(data["dipole"], other["dipole"])
    freed = cumulative_trapezoid(rates(driving.field[0]), driving.time, initial=0.0)
    assert_allclose(data["survival"], np.exp(-freed), rtol=1e-12)
    # Late electrons left and return with amplitudes that have fallen.
    late = [each["dipole"].values[0, 450:].std() for each in (data, full)]
    assert late[0] < np.sqrt(alive[450] * alive[450 - 180]) * late[1]


def test_many_dipoles_are_those_of_one_at_a_time() -> None:
    fields = np.stack([pulse(120, components=2).field * s for s in (1.0, 0.5, 0.8)])
    driving = pulse(120, components=2)
    rates = rate_table("Ar", "ppt", wavelength=800e-9)
    longest = 1.5 * driving.cycle
    found = [
        sfa_accelerations(
            fields,
            driving.step,
            "Ar",
            longest_excursion=longest,
            rates=rates,
            threads=threads,
        )
        for threads in (1, 2, 8)
    ]
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])
    one = sfa_dipole(driving, "Ar", rates=rates)["dipole_acceleration"].values
    assert np.array_equal(found[0][0], one)


def test_the_acceleration_has_no_ends() -> None:
    x = np.linspace(0.0, 30.0, 3001)
    values = np.cos(1.3 * x + 0.3) + 0.2 * np.exp(-x / 9.0)
    exact = -1.69 * np.cos(1.3 * x + 0.3) + 0.2 / 81.0 * np.exp(-x / 9.0)
    found = second_derivative(values[None], x[1])[0]
    assert_allclose(found[50:-50], exact[50:-50], rtol=0, atol=1e-7)
    assert_allclose(found, exact, rtol=0, atol=2e-3)


def test_what_has_no_dipole_is_refused_in_words() -> None:
    driving = pulse(120)
    with pytest.raises(InvalidValue, match="step must be <="):
        sfa_dipole(driving.scaled(10.0), "Ar")
    with pytest.raises(InvalidValue, match="16 steps"):
        sfa_dipole(driving, "Ar", longest_excursion=1e-17)
    with pytest.raises(InvalidValue, match="shortest_excursion"):
        sfa_dipole(driving, "Ar", shortest_excursion=1e-14)
    with pytest.raises(InvalidKind, match="DrivingField"):
        sfa_dipole(driving.field, "Ar")  # type: ignore[arg-type]
    with pytest.raises(InvalidKind, match="DipoleElements"):
        sfa_dipole(driving, "Ar", elements="s")  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="survival must have"):
        sfa_dipole(driving, "Ar", survival=[0.5, 0.5])
    averaged = rate_table("Ar", "ppt", wavelength=800e-9, cycle_average=True)
    with pytest.raises(InvalidValue, match="momentary"):
        sfa_dipole(driving, "Ar", rates=averaged)
    with pytest.raises(InvalidKind, match="shape"):
        sfa_accelerations(driving.field[0], 1e-17, "Ar", longest_excursion=4e-15)
    with pytest.raises(InvalidValue, match="finite"):
        sfa_accelerations(
            np.full((1, 90), np.nan), 1e-17, "Ar", longest_excursion=4e-15
        )
    with pytest.raises(InvalidKind, match="at least one"):
        sfa_accelerations(np.zeros((0, 90)), 1e-17, "Ar", longest_excursion=4e-15)
    rates = rate_table("Ar", "ppt", wavelength=800e-9)
    for wrong in (1j * driving.field, "1e10", 1e10, np.zeros((2, 3, 9))):
        with pytest.raises(InvalidKind, match="field must be real numbers in V/m"):
            survival_probability(wrong, 1e-17, rates)
