"""What a magnetometer is asked: noise, range, bias, position; by simulation or record.

Without a device a reference sensor is simulated. With ``--device NAME`` the folder
``recordings/NAME`` is read instead:

- ``noise.csv``: columns time (s) and field (T), equally spaced, in a constant field;
- ``linearity.csv``: applied and measured field (T), in the order of the applied one;
- ``phantom.csv``: found and true position of each dipole, x y z x y z (m).

A header may name other units: ``field (nT)``, ``time_ms``.

Live and field evidence is filed by ``qleap bench record`` under the names below.
"""

import math
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2
from scipy.stats import t as student

from qleap.bench import Accuracy, Measured, Skip
from qleap.bench.filing.units import factor_between
from qleap.bench.judging.evidence import Evidence
from qleap.core.delimited import decode, parse_text
from qleap.core.errors import InvalidValue
from qleap.sensing import fit_trace
from qleap.sensing.adaptive import Discriminator, FrequencyTracker, Resonance
from qleap.sensing.biomagnetism import ConductingSphere, helmet, locate_dipole
from qleap.sensing.models import HahnEcho, Ramsey, TraceModel
from qleap.sensing.sensitivity import (
    AllanDeviation,
    Device,
    NoiseSpectrum,
    TechnicalNoise,
    allan_deviation,
    noise_budget,
)
from qleap.sensing.sensitivity import Ramsey as RamseyProtocol
from qleap.sensing.sensitivity.device import GYROMAGNETIC_RATIO

Array = NDArray[np.float64]

SENSOR = Device(
    sensors=1e8, photons=0.05, contrast=0.03, dephasing_time=4e-6,
    initialisation=190e-6, readout=8e-6,
)  # fmt: skip
PROTOCOL = RamseyProtocol(tau=2e-6)  # 5000 readings in a second
FLICKER = NoiseSpectrum(white=3e-10, corner=30.0)  # T/sqrt(Hz), Hz
LINE = Resonance(fwhm=1e6, contrast=0.03)
LOOP_RATE, SWING_RATE, GAIN = 1000.0, 1.0, 0.5  # Hz, Hz, 1
SIGNAL_TO_NOISE = (10.0, 20.0, 50.0)
SPHERE = ConductingSphere(radius=0.08)


def cases(quick: bool, device: str | None) -> Iterator[Accuracy]:
    """Yield what the reference sensor shows, or what a device's recordings show."""
    source = Path("recordings") / device if device else None
    kind: Evidence = "recorded-lab-data" if source else "simulated"
    if source is None:
        yield from _models(quick)
    yield Accuracy(
        name="sensing.readiness.sensitivity",
        title="one-sided noise of the white part of a record, by its overlapping "
        "Allan deviation",
        unit="T/sqrt(Hz)",
        evidence=kind,
        reference="sqrt(2) of the Allan deviation of one second",
        measure=lambda: _sensitivity(
            _noise(source, quick), source and source / "noise.csv"
        ),
        prediction=None if source else _white_prediction(),
        citation="W. J. Riley, NIST SP 1065, eqs. 7-16",
    )
    yield Accuracy(
        name="sensing.readiness.dynamic_range",
        title="largest field that is measured with an error below 1 %",
        unit="T",
        evidence=kind,
        reference="applied field",
        measure=lambda: _measured_range(source) if source else _tracked_range(),
        prediction=None if source else _range_prediction(),
    )
    yield Accuracy(
        name="sensing.readiness.phantom_error",
        title="largest distance of a dipole in a phantom from where it is",
        unit="m",
        evidence=kind,
        reference="geometry of the phantom",
        measure=lambda: _phantom_error(source),
    )


def _models(quick: bool) -> Iterator[Accuracy]:
    yield Accuracy(
        name="sensing.readiness.coherence_bias",
        title="largest bias of T2* (Ramsey) and T2 (echo) over the truth, signal over "
        "noise from 10 to 50",
        unit="1",
        evidence="simulated",
        reference="decay times put in",
        measure=lambda: _bias(16 if quick else 300, 100 if quick else 2000),
        prediction=0.0,
    )
    yield Accuracy(
        name="sensing.readiness.allan_over_budget",
        title="overlapping Allan variance of a simulated magnetometer over that of its "
        "noise budget, distance from one",
        unit="1",
        evidence="simulated",
        reference="budget through the transfer function of the variance",
        measure=lambda: _budget_error(quick),
        prediction=0.0,
        citation="W. J. Riley, NIST SP 1065; Barry et al., Rev. Mod. Phys. 92, 015004",
    )


@cache
def _record(quick: bool) -> tuple[Array, float]:
    """Return readings (T) of the reference sensor and their distance in time, s.

    Spins are drawn from their binomial distribution and photons from Poisson's, in a
    field with flicker noise; nothing of the budget's formula is used.
    """
    n, cycle = 2**18 if quick else 2**21, PROTOCOL.cycle(SENSOR)
    rng = np.random.default_rng(5)
    f = np.fft.rfftfreq(n, cycle)
    f[0] = f[1]
    size = FLICKER(f) * np.sqrt(0.25 * n / cycle)
    field = np.fft.irfft(
        size * (rng.normal(size=f.size) + 1j * rng.normal(size=f.size))
    )
    turn = 2.0 * np.pi * SENSOR.gyromagnetic_ratio * PROTOCOL.tau
    fringe = PROTOCOL.visibility(SENSOR)
    bright = rng.binomial(
        int(SENSOR.sensors), 0.5 + 0.5 * fringe * np.sin(turn * field)
    )
    half = SENSOR.contrast * SENSOR.detected
    mean = SENSOR.sensors * (SENSOR.detected - half) + 2.0 * half * bright
    counts = rng.poisson(mean)
    middle = SENSOR.sensors * SENSOR.detected
    return (counts / middle - 1.0) / (SENSOR.contrast * fringe * turn), cycle


def _table(source: Path, name: str, units: tuple[str, ...], columns: str) -> Array:
    """Return the first columns of a recording in SI units, from those of its header."""
    file = source / name
    if not file.exists():
        raise Skip(f"no {file} here: a table of {columns}")
    table = parse_text(decode(file.read_bytes())[0], file)
    if len(table.columns) < len(units):
        raise InvalidValue(
            f"{file} must have {len(units)} columns, {columns}; got "
            f"{len(table.columns)}."
        )
    found = table.columns[: len(units)]
    wrong = ~np.isfinite(found).all(axis=0)
    if wrong.any():
        raise InvalidValue(
            f"{file}, line {table.rows[wrong][0]}: a row must hold finite numbers, "
            f"{columns} ({wrong.sum()} of {wrong.size} rows do not); leave out what "
            "was not measured."
        )
    factors = [
        _factor(one, unit, file)
        for one, unit in zip(table.names[: len(units)], units, strict=True)
    ]
    return np.asarray(found * np.array(factors)[:, None])


def _factor(name: str, unit: str, file: Path) -> float:
    """Return the size of the unit in a column's name: ``field (nT)``, ``field_nT``."""
    given = re.search(r"[(\[]([^)\]]+)[)\]]$|[_ ]([^_ ]+)$", name.strip())
    if given is None:
        return 1.0
    try:
        return float(factor_between(given[1] or given[2], unit))
    except InvalidValue as error:
        if given[1] is None:  # the end of a name such as x_found
            return 1.0
        raise InvalidValue(f"{file}, column {name!r}: {error}") from error


def _noise(source: Path | None, quick: bool) -> tuple[Array, float]:
    if source is None:
        return _record(quick)
    time, field = _table(source, "noise.csv", ("s", "T"), "time (s) and field (T)")
    steps = np.diff(time)
    if not np.all(np.abs(steps - steps.mean()) <= 0.01 * abs(steps.mean())):
        raise InvalidValue(
            f"times in {source / 'noise.csv'} must go on in equal steps, got steps of "
            f"{steps.min():g} to {steps.max():g} s; fill gaps or cut the record there."
        )
    return field, float(steps.mean())


def _white(found: AllanDeviation) -> tuple[float, float]:
    """Return the one-sided density of the white part and its degrees of freedom."""
    white = found.exponents == 0
    if not white.any():
        raise Skip("no part of the record is white; record faster or longer")
    return math.sqrt(2.0) * found.white_noise, float(found.degrees[white].max())


def _sensitivity(record: tuple[Array, float], file: Path | None) -> Measured:
    value, degrees = _white(allan_deviation(*record, unit="T"))
    high, low = np.sqrt(degrees / chi2.ppf([0.005, 0.995], degrees))
    return Measured(
        value=value, low=value * float(low), high=value * float(high), file=file
    )


def _white_prediction() -> float:
    white = math.sqrt(2.0) * PROTOCOL.sensitivity(SENSOR)
    return math.hypot(white, FLICKER.white)


def _budget_error(quick: bool) -> Measured:
    values, cycle = _record(quick)
    found = allan_deviation(values, cycle, unit="T")
    use = (found.tau >= 8 * cycle) & (found.degrees >= 100)
    f = np.fft.rfftfreq(values.size, cycle)[1:]
    budget = noise_budget(
        SENSOR, PROTOCOL, f, technical=TechnicalNoise(magnetic=FLICKER), aliases=0
    )
    step = f[1] - f[0]
    ratios = []
    for tau, deviation in zip(found.tau[use], found.deviation[use], strict=True):
        m = round(tau / cycle)
        # Two neighbouring means of m readings each, their difference over sqrt(2).
        seen = 2.0 * np.sin(np.pi * f * tau) ** 4 / (m * np.sin(np.pi * f * cycle)) ** 2
        expected = float(np.sum(budget.total**2 * seen) * step)
        ratios.append(deviation**2 / expected)
    weights = found.degrees[use]
    value = abs(float(np.average(ratios, weights=weights)) - 1.0)
    half = 2.576 * math.sqrt(2.0 / float(weights.max()))
    return Measured(value=value, low=max(value - half, 0.0), high=value + half)


def _bias(ramseys: int, echoes: int) -> Measured:
    """Return the largest relative bias and where it may lie."""
    rows = []
    kinds: tuple[tuple[TraceModel, dict[str, float], str, Array, int], ...] = (
        (
            Ramsey(stretched=False),
            {"offset": 0.5, "amplitude": 0.5, "detuning": 1e6, "t2_star": 2e-6},
            "t2_star",
            np.linspace(0.0, 6e-6, 121),
            ramseys,
        ),
        (
            HahnEcho(stretched=False),
            {"offset": 0.5, "amplitude": 0.5, "t2": 20e-6},
            "t2",
            np.linspace(0.0, 80e-6, 121),
            echoes,
        ),
    )
    rng = np.random.default_rng(6)
    for model, truth, name, times, n in kinds:
        clean = model.evaluate(times, truth)
        for ratio in SIGNAL_TO_NOISE:
            sigma = np.full(times.size, truth["amplitude"] / ratio)
            found = [
                fit_trace(model, times, rng.normal(clean, sigma), sigma)[name].value
                / truth[name]
                for _ in range(n)
            ]  # fmt: skip
            quantile = float(student.ppf(0.995, n - 1))
            half = quantile * float(np.std(found, ddof=1)) / math.sqrt(n)
            rows.append((abs(float(np.mean(found)) - 1.0), half))
    return Measured(
        value=max(value for value, _ in rows),
        low=max(max(value - half, 0.0) for value, half in rows),
        high=max(value + half for value, half in rows),
    )


def _tracker() -> FrequencyTracker:
    return FrequencyTracker(
        discriminator=Discriminator.two_point(LINE), noise=3e-4, step=2e3, gain=GAIN
    )


def _range_prediction() -> float:
    """Return the swing at whose steepest step the loop errs by 1 %, T.

    A step v of the line moves it to the distance d at which the loop answers with the
    same step, gain times g(d) = v; what is left is d - v.
    """
    d = _tracker().discriminator
    away = np.linspace(0.0, LINE.fwhm, 20_001)
    answer = GAIN * (d.weights @ LINE.signal(d.offsets[:, None] - away))
    rising = slice(1, int(np.argmax(answer)) + 1)
    swing = answer[rising] * LOOP_RATE / (2.0 * math.pi * SWING_RATE)
    good = away[rising] - answer[rising] < 0.01 * swing
    return float(swing[good].max()) / GYROMAGNETIC_RATIO


def _tracked_range() -> float:
    """Return the largest swing that the loop follows, by halving, T."""
    time = np.arange(int(2 * LOOP_RATE)) / LOOP_RATE
    swing = np.sin(2.0 * math.pi * SWING_RATE * time)

    def follows(field: float) -> bool:
        path = GYROMAGNETIC_RATIO * field * swing
        found = _tracker().simulate(LINE, path, rng=np.random.default_rng(7))
        off = np.abs(found.estimates - path)
        return bool(np.max(off) < 0.01 * GYROMAGNETIC_RATIO * field)

    low, high = 1e-4, 1e-1
    if not follows(low):
        return 0.0
    while high / low > 1.001:
        middle = math.sqrt(low * high)
        low, high = (middle, high) if follows(middle) else (low, middle)
    return low


def _measured_range(source: Path) -> Measured:
    applied, measured = _table(
        source, "linearity.csv", ("T", "T"), "applied and measured field (T)"
    )
    size = np.abs(applied)
    tested = size > 0.01 * size.max()  # below, noise decides, not the range
    wrong = tested & (np.abs(measured - applied) > 0.01 * size)
    good = tested & (size < size[wrong].min(initial=np.inf))
    return Measured(
        value=float(size[good].max(initial=0.0)), file=source / "linearity.csv"
    )


def _phantom_error(source: Path | None) -> Measured:
    if source is not None:
        table = _table(
            source, "phantom.csv", ("m",) * 6, "found x y z and true x y z (m)"
        )
        return Measured(
            value=float(np.max(np.linalg.norm(table[:3] - table[3:], axis=0))),
            file=source / "phantom.csv",
        )
    sensors, rng = helmet(64, 0.09), np.random.default_rng(8)
    noise = 9e-12 * math.sqrt(100.0 / 1000.0)  # 9 pT/sqrt(Hz), 100 Hz, 1000 averages
    errors = []
    for place in ([0.0, 0.02, 0.06], [0.03, 0.0, 0.05], [-0.02, 0.03, 0.05]):
        at = np.array(place)
        moment = SPHERE.seen(at) @ np.array([1e-6, 0.0])
        seen = SPHERE.gains(at, sensors)[:, 0] @ moment
        seen = seen + rng.normal(0.0, noise, seen.size)
        found = locate_dipole(SPHERE, sensors, seen, noise=noise, start=at + 3e-3)
        errors.append(float(np.linalg.norm(found.position - at)))
    return Measured(value=max(errors))
