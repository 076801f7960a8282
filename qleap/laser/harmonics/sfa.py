r"""Dipoles of atoms in strong light: the strong-field approximation.

In atomic units, with :math:`E=-dA/dt`, the momentum :math:`\mathbf p=\int_{t-\tau}^t
\mathbf A\,dt'/\tau` of the electron that returns, and the ground state's amplitude
:math:`a`,

.. math::

    \mathbf x(t)=2\,\mathrm{Re}\;i\int_0^\infty d\tau\,w(\tau)
    \left(\frac{\pi}{\epsilon+i\tau/2}\right)^{D/2}
    a^*(t)\,\mathbf d^*(\mathbf p-\mathbf A(t))\,e^{-iS}\,
    \mathbf d(\mathbf p-\mathbf A(t-\tau))\cdot\mathbf E(t-\tau)\,a(t-\tau),

.. math:: S=I_p\tau+\tfrac12\int_{t-\tau}^tA^2dt'-\tfrac12p^2\tau

(Lewenstein et al., in :math:`D=3` dimensions), for a charge that the field
pulls along; the electron's dipole :math:`-e\langle x\rangle` is the same.
:math:`\epsilon\to0` is taken exactly.

References
----------
M. Lewenstein, Ph. Balcou, M. Yu. Ivanov, A. L'Huillier and P. B. Corkum, Phys. Rev. A
49, 2117 (1994).
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks, progress
from qleap.core.buffers import aligned_array
from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    BOHR_RADIUS,
    ELEMENTARY_CHARGE,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.driving import DrivingField
from qleap.laser.harmonics.depletion import survival_along, survival_probability
from qleap.laser.harmonics.effort import MOST_HOURS, check_effort
from qleap.laser.harmonics.elements import DipoleElements, hydrogen_like_elements
from qleap.laser.harmonics.emission import dipole_dataset
from qleap.laser.harmonics.quadrature import (
    EDGE,
    NEAR,
    delay_weights,
    second_derivative,
)
from qleap.laser.ionisation.atoms import Atom
from qleap.laser.ionisation.states import resolve
from qleap.laser.propagation.team import Team

if TYPE_CHECKING:
    import xarray as xr

    from qleap.laser.ionisation.tables import RateTable

__all__ = ["sfa_accelerations", "sfa_dipole"]

Floats = NDArray[np.float64]

DIPOLE_UNIT: Final = ELEMENTARY_CHARGE * BOHR_RADIUS
"""One atomic unit of a dipole, C m."""

EXCURSION: Final = 1.5
"""Longest excursion by default, in cycles: of the first and the second return."""

SHARE: Final = 512
"""Times of one field that a thread takes at once; a multiple of a vector's width."""

DARK: Final = 1e-12
"""Share of the largest field below which, at the ends of a window, there is none."""

FEWEST: Final = 16
"""Delays of an excursion."""

MOST: Final = 2**23
"""Delays of an excursion; twice the times of a field that `driving_field` makes."""

SECONDS: Final = 5e-10
"""Of one core for a time and a delay (docs/laser/harmonics.md: 16384 times with 614
delays in 4 ms)."""


def sfa_dipole(
    driving: DrivingField,
    target: Atom | str,
    *,
    longest_excursion: float | None = None,
    shortest_excursion: float = 0.0,
    excursion_fade: float = EDGE,
    elements: DipoleElements | None = None,
    rates: "RateTable | None" = None,
    survival: ArrayLike | None = None,
    most_hours: float | None = MOST_HOURS,
) -> "xr.Dataset":
    r"""Return the dipole of an atom in the strong-field approximation.

    Parameters
    ----------
    driving : DrivingField
        Of one component or of two.
    target : Atom or str
        Its ionisation energy is that of the formula.
    longest_excursion : float, optional
        Longest time between ionisation and recombination, s; by default 1.5 cycles,
        in which electrons return once (after up to 0.95 cycles of an endless wave) or
        twice (1.05 to 1.38). 1.05 cycles leave both paths of the first return, 0.65
        the short one.
    shortest_excursion : float
        Excursions fade in up to here, s.
    excursion_fade : float
        Share of the longest excursion over which excursions fade in and out
        (:math:`\cos^2`), see the notes.
    elements : DipoleElements, optional
        By default those of a hydrogen-like s state in three dimensions.
    rates : RateTable, optional
        Momentary rates of ionisation, which deplete the ground state.
    survival : array_like, shape (n,), optional
        Or the probability that the atom is still neutral.
    most_hours : float or None
        Dipoles that are estimated to take longer on one core, h, are refused before
        they begin; None allows any.

    Returns
    -------
    xarray.Dataset
        Of the kind ``laser.dipole``: ``field``, ``dipole`` (C m),
        ``dipole_acceleration`` (C m/s^2) and ``survival``. Of one electron; of three,
        in different states, of a p shell.

    Raises
    ------
    InvalidValue
        Where the times are too coarse for the harmonics at the cutoff, an excursion has
        fewer than 16 steps, the dipole would take longer than ``most_hours``, or both
        rates and survival are given.

    Notes
    -----
    Integrals over delays are trapezoids whose weights near zero take half-integer
    powers there exactly, those of the field are of the sixth order, and derivatives are
    sums of cosines. The end of the excursions radiates too, at the energies that return
    there: unlike tunnelling it is not exponentially small, and where it lies among
    strong paths, as at the cutoff's, it takes a fade of 0.4 to be small next to them.
    With the steps of `driving_field` the amplitudes of argon at 800 nm
    are good to 1e-6 of the largest one, with 150 steps a cycle to 2e-4 (tests hold
    that).

    Elements of a p shell do not vanish for an electron that has not moved, and the
    integral would diverge there: their excursions fade in over the time
    :math:`h/I_p`. What is left out follows the field and is no harmonic above the
    ionisation energy.
    """
    if not isinstance(driving, DrivingField):
        raise InvalidKind(
            f"driving must be a DrivingField, got {driving!r:.60}; see driving_field."
        )
    if longest_excursion is None:
        longest_excursion = EXCURSION * driving.cycle
    window = (shortest_excursion, longest_excursion, excursion_fade)
    model = _model(target, elements, driving.step, window)
    model.check(driving.field)
    model.check_effort(driving.field.shape, most_hours)
    alive = survival_along(driving, rates, survival)
    dipole, acceleration = model.dipole(driving.field, np.sqrt(alive), _team(None))
    parameters = {
        "model": "sfa",
        "ionisation_energy": resolve(target).ionisation_energy,
        "shortest_excursion": shortest_excursion,
        "longest_excursion": longest_excursion,
        "excursion_fade": excursion_fade,
        "elements": model.elements.parameters(),
        "rates": None if rates is None else rates.parameters(),
    }
    return dipole_dataset(
        driving, acceleration, parameters, dipole=dipole, survival=alive
    )


def sfa_accelerations(
    fields: ArrayLike,
    step: float,
    target: Atom | str,
    *,
    longest_excursion: float,
    shortest_excursion: float = 0.0,
    excursion_fade: float = EDGE,
    elements: DipoleElements | None = None,
    rates: "RateTable | None" = None,
    threads: int | None = None,
    most_hours: float | None = MOST_HOURS,
) -> Floats:
    """Return the accelerations of the dipoles that many fields drive.

    Parameters
    ----------
    fields : array_like, shape (m, n) or (m, components, n)
        V/m.
    step : float
        Between times, s.
    target, longest_excursion, shortest_excursion, excursion_fade, elements, rates
        As in `sfa_dipole`.
    threads : int, optional
        By default as many as the process may use cores; results do not depend on it.
    most_hours : float or None
        Dipoles that are estimated to take longer on one core, h, are refused before
        they begin; None allows any.

    Returns
    -------
    ndarray
        C m/s^2, of the shape of ``fields``.
    """
    given = np.asarray(fields)
    if given.dtype.kind not in "iuf" or given.ndim not in (2, 3) or not given.size:
        raise InvalidKind(
            "fields must be real numbers in V/m of the shape (m, n) or (m, components, "
            f"n), at least one, got {given.dtype} of {given.shape}."
        )
    flat = given.reshape(given.shape[0], -1, given.shape[-1]).astype(np.float64)
    window = (shortest_excursion, longest_excursion, excursion_fade)
    model = _model(target, elements, step, window)
    model.check(flat)
    model.check_effort(flat.shape, most_hours)
    out, team = np.empty_like(flat), _team(threads)
    few = len(flat) < team.size

    def work(_: int, i: int) -> None:
        alive = np.ones(flat.shape[2])
        if rates is not None:
            alive = np.sqrt(survival_probability(flat[i], step, rates))
        out[i] = model.dipole(flat[i], alive, team if few else _team(1))[1]
        bar.advance()

    with progress.bar("dipoles", len(flat)) as bar:
        if few:
            for i in range(len(flat)):
                work(0, i)
        else:
            team.run(work, range(len(flat)))
    return np.asarray(out.reshape(given.shape))


@cache
def _team(threads: int | None) -> Team:
    return Team(threads)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Model:
    """What all dipoles of a call have in common, in atomic units."""

    elements: DipoleElements
    energy: float
    step: float
    first: int
    delays: Floats

    def check(self, fields: Floats) -> None:
        """Raise where fields ``(..., components, n)`` have no dipoles here."""
        if fields.shape[-2] not in (1, 2) or fields.shape[-1] < NEAR:
            raise InvalidValue(
                f"fields must have 1 or 2 components and >= {NEAR} times, got "
                f"{fields.shape[-2]} and {fields.shape[-1]}."
            )
        if not np.isfinite(fields).all():
            raise InvalidValue("fields must be finite, in V/m.")
        potential = np.cumsum(fields / ATOMIC_ELECTRIC_FIELD, axis=-1) * self.step
        span = potential.max(axis=-1) - potential.min(axis=-1)
        quiver = float((span**2).sum(axis=-1).max(initial=0.0)) / 16.0
        cutoff = 1.32 * self.energy + 3.17 * quiver
        if cutoff * self.step > math.pi:
            raise InvalidValue(
                f"step must be <= {math.pi / cutoff * ATOMIC_TIME:.4g} s for harmonics "
                f"up to the cutoff, got {self.step * ATOMIC_TIME:.4g} s; take a finer "
                "one, or check the unit of the field."
            )

    def check_effort(self, shape: tuple[int, ...], most_hours: float | None) -> None:
        """Refuse fields of ``shape`` whose dipoles would take too long."""
        times, delays = math.prod(shape), self.delays.shape[1]
        check_effort(
            f"{float(times):.3g} times of all fields with {delays} delays each",
            SECONDS * times * delays,
            most_hours,
            "check the units of field and step, or give a shorter longest_excursion, a "
            "larger step or fewer fields",
        )

    def dipole(
        self, field: Floats, amplitude: Floats, team: Team
    ) -> tuple[Floats, Floats]:
        """Return the dipole and its second derivative, SI, of ``(components, n)``."""
        from qleap.core.simd import host_lanes
        from qleap.laser._kernels import sfa as kernels

        components, n = field.shape
        count, start = -(-n // 8) * 8, -(-self.last // 8) * 8
        rows = aligned_array((1 + 3 * components, start + count))
        e = np.ascontiguousarray(field) / ATOMIC_ELECTRIC_FIELD
        kernels.paths_into(e, amplitude, self.step, self.energy, start, rows)
        out = np.zeros((components, count))
        made = self.elements
        plane, closed = (0,) * (components - 1), (0,) if made.factor else ()

        def work(_: int, part: slice) -> None:
            kernels.dipole_into(
                rows,
                self.delays,
                self.first,
                (made.dimensions - 2) / 8.0,
                made.scale,
                made.series,
                made.shell,
                start + part.start,
                out[:, part],
                host_lanes(8),
                plane,
                closed,
            )

        begin, end = self.lit(e, count)
        size = SHARE if team.size > 1 else count
        parts = [slice(i, min(i + size, end)) for i in range(begin, end, size)]
        team.run(work, parts)
        found = out[:, :n] * (amplitude * DIPOLE_UNIT)
        return found, second_derivative(found, self.step * ATOMIC_TIME)

    @property
    def last(self) -> int:
        """The longest delay in steps."""
        return self.first + int(self.delays.shape[1]) - 1

    def lit(self, field: Floats, count: int) -> tuple[int, int]:
        """Return between which times, whole vectors, there is a dipole."""
        size = np.abs(field).max(axis=0)
        found = np.flatnonzero(size > DARK * size.max())
        if found.size == 0:
            return 0, 0
        after = -(-(int(found[-1]) + 1 + self.last) // 8) * 8
        return int(found[0]) // 8 * 8, min(count, after)


def _model(
    target: Atom | str,
    elements: DipoleElements | None,
    step: float,
    window: tuple[float, float, float],
) -> _Model:
    made = hydrogen_like_elements(target) if elements is None else elements
    if not isinstance(made, DipoleElements):
        raise InvalidKind(f"elements must be DipoleElements, got {elements!r:.60}.")
    dt = checks.positive("step", step, "s")
    longest = checks.positive("longest_excursion", window[1], "s")
    shortest = checks.between("shortest_excursion", window[0], 0.0, longest, "s")
    fade = checks.between("excursion_fade", window[2], 0.01, 1.0)
    if longest < FEWEST * dt:
        raise InvalidValue(
            f"longest_excursion must be >= {FEWEST} steps of {dt:.3g} s, got "
            f"{longest:.3g} s."
        )
    if longest > MOST * dt:
        raise InvalidValue(
            f"longest_excursion must be <= {MOST} steps of {dt:.3g} s, got "
            f"{longest:.3g} s; give it in seconds, some femtoseconds."
        )
    energy, step_au = resolve(target).energy_au, dt / ATOMIC_TIME
    first, delays = delay_weights(
        shortest / dt, longest / dt, step_au, energy, made, fade=fade
    )
    return _Model(
        elements=made, energy=energy, step=step_au, first=first, delays=delays
    )
