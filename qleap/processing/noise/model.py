"""Noise models: which channel acts where in a circuit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.processing.noise.channels import Channel
from qleap.processing.noise.readout import ReadoutError

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

__all__ = ["NoiseModel", "Relaxation", "Rule", "Schedule"]

Schedule = Literal["none", "asap", "alap"]
"""When gates happen: not asked, as soon or as late as possible."""

Qubits = tuple[int, ...]

_NOTHING: Final[Mapping[Any, Any]] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One channel and the gates at which it acts.

    Parameters
    ----------
    gates : frozenset of str, or int
        Names of instructions as Qiskit has them, or the number of qubits of a gate.
    channel : Channel
        What happens.
    qubits : tuple of int or None
        Only for gates on these qubits, in this order.
    on : tuple of int or None
        Qubits on which the channel acts; by default those of the gate.
    before : bool
        Ahead of the gate instead of behind it.
    """

    gates: frozenset[str] | int
    channel: Channel
    qubits: Qubits | None = None
    on: Qubits | None = None
    before: bool = False

    def matches(self, name: str, qubits: Qubits, *, is_gate: bool) -> bool:
        """Tell whether the rule is for this instruction."""
        if self.qubits is not None and self.qubits != qubits:
            return False
        if isinstance(self.gates, int):
            return is_gate and len(qubits) == self.gates
        return name in self.gates

    def places(self, qubits: Qubits) -> list[Qubits]:
        """Return on which qubits the channel acts, for each time that it does."""
        where = qubits if self.on is None else self.on
        if self.channel.n_qubits == len(where):
            return [where]
        if self.channel.n_qubits > 1:
            raise InvalidValue(
                f"{self.channel.name} acts on {self.channel.n_qubits} qubits, but a "
                f"gate that it belongs to has {len(where)}; give the rule as many "
                "qubits with 'on', or a channel on one."
            )
        return [(qubit,) for qubit in where]


@dataclass(frozen=True, kw_only=True, slots=True)
class Relaxation:
    """What a qubit does while nothing is done to it.

    Parameters
    ----------
    t1, t2 : float
        Relaxation and coherence time, s.
    excited_population : float
        Population of 1 in equilibrium.
    """

    t1: float
    t2: float
    excited_population: float = 0.0

    def channel(self, duration: float) -> Channel:
        """Return what happens in ``duration`` (s)."""
        from qleap.processing.noise.channels import thermal_relaxation

        return thermal_relaxation(self.t1, self.t2, duration, self.excited_population)


@dataclass(frozen=True, kw_only=True)
class NoiseModel:
    """Which noise acts where; every method returns a new model.

    Qubits are those of the circuit that is run, on a device the physical ones. All
    rules that match a gate act, in the order in which they were given.

    Parameters
    ----------
    rules : tuple of Rule
        Channels at gates.
    calibrated : mapping of (str, tuple of int) to tuple of (Channel, tuple of int)
        What follows each gate of a device, and on which qubits, ahead of the rules.
    idle : mapping of int or None to Relaxation
        While nothing is done to a qubit; None is for those that are not named.
    crosstalk : mapping of (int, int) to float
        Always-on ZZ shift of a pair, Hz: ``H / h = shift |11><11|``, so that
        ``shift = f11 - f10 - f01 + f00``; gates act at the middle of their time.
    readouts : tuple of (ReadoutError, tuple of int or None)
        Errors of measurements of these qubits (None: of each single one). A correlated
        one holds for measurements that overlap in time; without a schedule for those
        whose qubits and bits nothing uses between them.
    durations : mapping of (str, tuple of int or None) to float
        Length of an instruction, s, on these qubits or wherever nothing is said.
    schedule : {"none", "asap", "alap"}
        How idle times follow from the durations. With ``"none"`` a qubit is idle in a
        delay instruction alone. A condition or loop takes as long as its longest body
        (times the turns of a ``for`` loop; one turn of a ``while`` loop).
    dt : float or None
        The unit ``dt`` of delays, s.
    twirl : bool
        Replace every channel by a mixture of Pauli strings.

    Examples
    --------
    >>> from qleap.processing.noise import NoiseModel, depolarizing
    >>> model = NoiseModel().after("cx", depolarizing(0.01, 2))
    >>> model = model.after(1, depolarizing(1e-3))
    """

    rules: tuple[Rule, ...] = ()
    calibrated: Mapping[tuple[str, Qubits], tuple[tuple[Channel, Qubits], ...]] = field(
        default_factory=lambda: _NOTHING
    )
    idle: Mapping[int | None, Relaxation] = field(default_factory=lambda: _NOTHING)
    crosstalk: Mapping[tuple[int, int], float] = field(default_factory=lambda: _NOTHING)
    readouts: tuple[tuple[ReadoutError, Qubits | None], ...] = ()
    durations: Mapping[tuple[str, Qubits | None], float] = field(
        default_factory=lambda: _NOTHING
    )
    schedule: Schedule = "none"
    dt: float | None = None
    twirl: bool = False

    def after(
        self,
        gates: str | Sequence[str] | int,
        channel: Channel,
        *,
        qubits: Sequence[int] | None = None,
        on: Sequence[int] | None = None,
    ) -> "NoiseModel":
        """Return a model in which ``channel`` follows some gates.

        Parameters
        ----------
        gates : str, sequence of str, or int
            Names of instructions (``"cx"``, ``"reset"``), or a number: every gate on so
            many qubits.
        channel : Channel
            On as many qubits as the gate, or on one: then it acts on each.
        qubits : sequence of int, optional
            Only for gates on these qubits, in this order.
        on : sequence of int, optional
            Qubits on which the channel acts, for example neighbours; by default those
            of the gate.
        """
        return self._with(gates, channel, qubits, on, before=False)

    def before(
        self,
        gates: str | Sequence[str] | int,
        channel: Channel,
        *,
        qubits: Sequence[int] | None = None,
        on: Sequence[int] | None = None,
    ) -> "NoiseModel":
        """Return a model in which ``channel`` precedes some gates; see `after`."""
        return self._with(gates, channel, qubits, on, before=True)

    def while_idle(
        self,
        t1: float,
        t2: float,
        *,
        qubits: Sequence[int] | None = None,
        excited_population: float = 0.0,
    ) -> "NoiseModel":
        """Return a model in which idle qubits relax (all of them, or ``qubits``)."""
        relaxation = Relaxation(t1=t1, t2=t2, excited_population=excited_population)
        relaxation.channel(0.0)  # checks the times
        keys = [None] if qubits is None else _qubits("qubits", qubits)
        return replace(self, idle={**self.idle, **dict.fromkeys(keys, relaxation)})

    def with_crosstalk(self, pair: Sequence[int], shift: float) -> "NoiseModel":
        """Return a model with an always-on ZZ shift (Hz) of two qubits."""
        found = _qubits("pair", pair)
        if len(found) != 2:
            raise InvalidValue(f"pair must name two qubits, got {list(pair)}.")
        first, second = sorted(found)
        value = checks.finite("shift", shift, "Hz")
        return replace(self, crosstalk={**self.crosstalk, (first, second): value})

    def with_readout(
        self, error: ReadoutError, qubits: Sequence[int] | None = None
    ) -> "NoiseModel":
        """Return a model in which measurements are misread.

        Parameters
        ----------
        error : ReadoutError
            Of one bit, or correlated.
        qubits : sequence of int, optional
            Whose measurements: one for each bit of the error. Without it an error of
            one bit holds for every qubit that is not named elsewhere.
        """
        if not isinstance(error, ReadoutError):
            raise InvalidKind(f"error must be a ReadoutError, got {error!r:.60}.")
        where = None if qubits is None else _qubits("qubits", qubits)
        if error.n_bits != (1 if where is None else len(where)):
            raise InvalidValue(
                f"a readout error of {error.n_bits} bits needs as many qubits, got "
                f"{where}."
            )
        kept = tuple(
            (old, place) for old, place in self.readouts if not _overlap(place, where)
        )
        return replace(self, readouts=(*kept, (error, where)))

    def with_durations(
        self,
        durations: Mapping[str | tuple[str, Qubits | None], float],
        *,
        schedule: Schedule = "alap",
        dt: float | None = None,
    ) -> "NoiseModel":
        """Return a model that knows how long instructions take (s).

        Parameters
        ----------
        durations : mapping of str, or (str, tuple of int), to float
            For example ``{"cx": 300e-9, ("cx", (0, 1)): 250e-9}``.
        schedule : {"none", "asap", "alap"}
            See the class.
        dt : float, optional
            The unit ``dt`` of delay instructions, s.
        """
        found = dict(self.durations)
        for key, value in durations.items():
            pair: Any = (key, None) if isinstance(key, str) else key
            if (
                not isinstance(pair, tuple)
                or len(pair) != 2
                or isinstance(pair[1], int)
            ):
                raise InvalidKind(
                    "durations must name instructions, such as 'cx' or ('cx', (0, 1)), "
                    f"got {key!r:.60}."
                )
            name, qubits = pair
            where = None if qubits is None else _qubits("qubits", qubits)
            found[name, where] = checks.non_negative(f"duration of {name}", value, "s")
        checks.one_of("schedule", schedule, ("none", "asap", "alap"))
        unit = self.dt if dt is None else checks.positive("dt", dt, "s")
        return replace(self, durations=found, schedule=schedule, dt=unit)

    def twirled(self) -> "NoiseModel":
        """Return the model with every channel made a mixture of Pauli strings.

        Clifford circuits of many qubits can then be simulated; see `Channel.twirled`.
        """
        return replace(self, twirl=True)

    def apply(self, circuit: "QuantumCircuit") -> "QuantumCircuit":
        """Return ``circuit`` with the noise as instructions of its own."""
        from qleap.processing.noise.insertion import insert

        return insert(self, circuit)

    def duration(self, name: str, qubits: Qubits) -> float | None:
        """Return how long an instruction takes (s); None where not known."""
        specific = self.durations.get((name, qubits))
        return self.durations.get((name, None)) if specific is None else specific

    def relaxation(self, qubit: int) -> Relaxation | None:
        """Return what a qubit does while it is idle."""
        return self.idle.get(qubit, self.idle.get(None))

    def _with(
        self,
        gates: str | Sequence[str] | int,
        channel: Channel,
        qubits: Sequence[int] | None,
        on: Sequence[int] | None,
        *,
        before: bool,
    ) -> "NoiseModel":
        if not isinstance(channel, Channel):
            raise InvalidKind(
                "channel must be a Channel such as depolarizing(0.01), got "
                f"{channel!r:.60}."
            )
        where = None if qubits is None else _qubits("qubits", qubits)
        acts = None if on is None else _qubits("on", on)
        names: frozenset[str] | int
        if isinstance(gates, int):
            names = checks.count("gates", gates)
        else:
            names = _names(gates)
        known = (
            acts or where or (tuple(range(names)) if isinstance(names, int) else None)
        )
        if known is not None and channel.n_qubits not in (1, len(known)):
            raise InvalidValue(
                f"{channel.name} acts on {channel.n_qubits} qubits, but the rule names "
                f"{len(known)}; give as many, or a channel on one qubit."
            )
        rule = Rule(gates=names, channel=channel, qubits=where, on=acts, before=before)
        return replace(self, rules=(*self.rules, rule))


def _qubits(name: str, qubits: Sequence[int]) -> Qubits:
    found = tuple(checks.count(f"a qubit of {name}", q, 0) for q in qubits)
    if len(set(found)) != len(found) or not found:
        raise InvalidValue(f"{name} must be different qubits, got {list(found)}.")
    return found


def _names(gates: Any) -> frozenset[str]:
    """Return the names of instructions that a rule is for."""
    found = [gates] if isinstance(gates, str) else gates
    listed = isinstance(found, Iterable) and list(found)
    if not listed or not all(isinstance(name, str) for name in listed):
        raise InvalidKind(
            "gates must be names of instructions such as 'cx', or the number of "
            f"qubits of a gate, got {gates!r:.60}."
        )
    return frozenset(listed)


def _overlap(first: Qubits | None, second: Qubits | None) -> bool:
    if first is None or second is None:
        return first is second
    return not set(first).isdisjoint(second)
