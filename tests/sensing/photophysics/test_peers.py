"""Master equations against QuTiP, with operators put together here by hand."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.sensing.nv.photophysics import (
    ROBLEDO_2011,
    ChargeRates,
    CwOdmrModel,
    RateModel,
    commutator,
    controlled_spins,
    dissipator,
    real_form,
    reduced,
)
from qleap.sensing.sequences import Free, Laser, Pulse, Sequence, evolve

qutip = pytest.importorskip("qutip")
PUMP, RABI, DEPHASING = 4e6, 8e5, 6e5


def ket(size: int, k: int) -> Any:
    return qutip.basis(size, k)


def jump(size: int, start: int, end: int, rate: float) -> Any:
    return np.sqrt(rate) * ket(size, end) * ket(size, start).dag()


def seven_levels(size: int = 7) -> list[Any]:
    o, found = ROBLEDO_2011, []
    for m, crossing, singlet in (
        (0, o.crossing_1, o.singlet_1),
        (1, o.crossing_0, o.singlet_0),
        (2, o.crossing_1, o.singlet_1),
    ):
        found += [
            jump(size, m, 3 + m, PUMP),
            jump(size, 3 + m, m, o.radiative),
            jump(size, 3 + m, 6, crossing),
            jump(size, 6, m, singlet),
        ]
    sigma = ket(size, 0).proj() - ket(size, 2).proj()
    return [*found, np.sqrt(2.0 * DEPHASING) * sigma]


def ten_levels(c: ChargeRates) -> list[Any]:
    found = seven_levels(10)
    for m in range(3):
        found.append(jump(10, 3 + m, 9, c.ionisation * PUMP))
        found.append(jump(10, 8, m, c.recombination * PUMP / 3.0))
    found.append(jump(10, 7, 8, c.excitation * PUMP))
    found.append(jump(10, 8, 7, c.radiative))
    return [*found, jump(10, 9, 7, c.quartet_decay)]


def hamiltonian(size: int, frequency: float, lines: tuple[float, ...]) -> Any:
    total = 0.0 * ket(size, 0).proj()
    for level, line in zip((2, 0), lines, strict=False):
        lift = ket(size, level) * ket(size, 1).dag()
        total += (line - frequency) * ket(size, level).proj()
        total += 0.5 * RABI * (lift + lift.dag())
    return 2.0 * np.pi * total


@pytest.mark.parametrize("lines", [(2.84e9,), (2.84e9, 2.90e9), (2.87e9, 2.8705e9)])
@pytest.mark.parametrize("charge", [None, ChargeRates()])
def test_spectra_and_states_are_those_of_qutips_steadystate(
    lines: tuple[float, ...], charge: ChargeRates | None
) -> None:
    size = 7 if charge is None else 10
    collapse = seven_levels() if charge is None else ten_levels(charge)
    model = CwOdmrModel(
        lines=lines,
        pump_rate=PUMP,
        rabi_frequency=RABI,
        dephasing_rate=DEPHASING,
        charge=charge,
    )
    for frequency in (2.84e9, 2.8407e9, 2.8703e9):
        turned = hamiltonian(size, frequency, lines)
        expected = qutip.steadystate(turned, collapse).full()
        assert_allclose(model.states([frequency])[0], expected, atol=1e-10)
        light = ROBLEDO_2011.radiative * np.trace(expected[3:6, 3:6]).real
        assert_allclose(model.evaluate([frequency])[0], light, rtol=1e-9)
        again = qutip.steadystate(*model.to_qutip(frequency)).full()
        assert_allclose(again, expected, atol=1e-10)


def test_the_steady_state_of_a_tilted_field_is_qutips() -> None:
    model = CwOdmrModel.at_field([6e-3, 2e-3, 1e-2], rabi_frequency=RABI)
    for frequency in (model.lines[0] + 2e5, model.lines[1]):
        expected = qutip.steadystate(*model.to_qutip(frequency)).full()
        assert_allclose(model.states([frequency])[0], expected, atol=1e-10)


@pytest.mark.parametrize("field", [[0.011, -0.004, 0.02], [0.03, 0.01, 0.0]])
def test_rates_at_a_field_are_those_of_the_whole_spin_hamiltonian(
    field: list[float],
) -> None:
    # Jumps in the basis without a field, and the Hamiltonians of both triplets: where
    # all levels are far apart, mixed rates are what is left of the master equation.
    model, pump = RateModel(), 1e6
    whole = np.zeros((7, 7), complex)
    whole[:3, :3] = model.ground.hamiltonian(field)
    whole[3:6, 3:6] = model.excited.hamiltonian(field)
    jumps = np.argwhere(model.jumps(pump) > 0.0)
    collapse = [jump(7, i, j, model.jumps(pump)[i, j]) for i, j in jumps]
    rho = qutip.steadystate(2.0 * np.pi * qutip.Qobj(whole), collapse).full()
    expected = ROBLEDO_2011.radiative * np.trace(rho[3:6, 3:6]).real
    assert_allclose(model.luminescence(pump, field), expected, rtol=2e-3)
    assert model.luminescence(pump, field) < 0.9 * model.luminescence(pump)
    populations = model.steady_state(pump, field)
    assert_allclose(populations[6], rho[6, 6].real, rtol=2e-3)


def test_light_and_pulses_do_what_mesolve_says() -> None:
    spins = controlled_spins(RateModel(), PUMP, dephasing_rate=DEPHASING)
    pulse, wait, light = 4e-7, 3e-7, 2.5e-7
    sequence = Sequence(
        (
            Pulse(duration=pulse, rabi_frequency=RABI, detuning=3e5),
            Free(duration=wait),
            Laser(duration=light),
        )
    )
    dark = [c for c in seven_levels() if not _is_pump(c)]
    rho = qutip.Qobj(spins.initial)
    lift = ket(7, 2) * ket(7, 1).dag()
    driven = 2.0 * np.pi * (0.5 * RABI * (lift + lift.dag()) - 3e5 * ket(7, 2).proj())
    for static, collapse, duration in (
        (driven, dark, pulse),
        (0.0 * driven, dark, wait),
        (0.0 * driven, seven_levels(), light),
    ):
        rho = qutip.mesolve(
            static,
            rho,
            [0.0, duration],
            c_ops=collapse,
            options={"rtol": 1e-11, "atol": 1e-13, "nsteps": 100_000},
        ).states[-1]
    found = evolve(spins, sequence)
    assert_allclose(np.diag(found).real, np.diag(rho.full()).real, atol=1e-9)


def _is_pump(collapse: Any) -> bool:
    places = np.argwhere(np.abs(collapse.full()) > 0.0)
    return bool(len(places) == 1 and places[0][0] in (3, 4, 5))


def test_the_real_form_of_any_master_equation_is_qutips() -> None:
    rng = np.random.default_rng(5)
    h = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    c = rng.normal(size=(2, 4, 4)) + 1j * rng.normal(size=(2, 4, 4))
    hermitian = h + h.conj().T
    parts = [commutator(hermitian), *map(dissipator, c)]
    expected = qutip.steadystate(
        2.0 * np.pi * qutip.Qobj(hermitian), [qutip.Qobj(x) for x in c]
    ).full()
    swept = commutator(np.diag([0.0, 1.0, 0.0, 0.0]).astype(complex))
    whole = reduced(real_form(np.array(parts)), real_form(swept))
    assert len(whole.unknowns) == 16
    assert_allclose(whole.states(np.ones(3), [0.0])[0], expected, atol=1e-11)


def test_only_the_frequency_of_a_frame_can_be_swept() -> None:
    flip = np.zeros((3, 3), complex)
    flip[0, 1] = flip[1, 0] = 1.0
    parts = real_form(np.array([commutator(flip)]))
    with pytest.raises(ValueError, match="swept must leave populations alone"):
        reduced(parts, parts[0])
