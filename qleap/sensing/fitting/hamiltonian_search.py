"""Searches for the field behind a spectrum with matched filters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.nv.axes import axis_rotations, canonical_field, cube_symmetries

if TYPE_CHECKING:
    from qleap.sensing.models.hamiltonian import HamiltonianSpectrum

__all__ = ["Guess", "search", "search_jointly"]

Array = NDArray[np.float64]

DRAWN: Final = 40_000
"""Random fields with which a search begins."""

FOLLOWED: Final = 120
"""Of these, how many are improved."""

ROUNDS: Final = 10
N_WIDTHS: Final = 12
"""Widths of lines with which a spectrum is filtered."""

SPLITTING_SPREAD: Final = 4e6
"""Hz; how far from the centre's D a search looks."""

TRIED: Final = 6
"""Candidates of each filter that are fitted to the spectrum."""

SEARCHED: Final = "a search over fields"


@dataclass(frozen=True, kw_only=True, slots=True)
class Guess:
    """A field along the cubic axes (T), D and the width of a line (Hz)."""

    field: Array
    splitting: float
    fwhm: float
    source: str


def search(
    model: "HamiltonianSpectrum", x: Array, y: Array, *, free: bool
) -> list[Guess]:
    """Return the fields whose lines lie best where the signal is, best first.

    A matched filter: for lines of one depth and a width w on a flat background the
    sum of squares falls by ``(sum_k s(f_k))^2 / sum_kl a(f_k - f_l)`` with the
    spectrum s that is filtered with the line, and the line's autocorrelation a.
    Random fields are ranked by that, and the best ones improved in smaller and
    smaller steps, with D and w. The background is the upper edge of the signal, or,
    with ``free``, whatever suits, which noise does not shift: both sums then lose
    what their means hold.
    """
    rng = np.random.default_rng(0)
    filtered = _Filtered(model, x, y, free=free)
    ratio = float(model.centre.gyromagnetic_ratios[2])
    middle = model.centre.zero_field_splitting
    largest = 1.05 * float(np.max(np.abs(x - middle))) / ratio
    points = rng.normal(size=(DRAWN, 3))
    points *= (rng.uniform(size=DRAWN) ** (1 / 3) / np.linalg.norm(points, axis=1))[
        :, None
    ]
    fields = canonical_field(largest * points)
    d = middle + SPLITTING_SPREAD * rng.uniform(-1.0, 1.0, DRAWN)
    widths = filtered.widths
    coarse = int(np.searchsorted(widths, 0.03 * ratio * largest))
    w = rng.integers(min(coarse, widths.size - 1), widths.size, DRAWN)
    score = filtered.score(fields, d, w)
    kept = np.argsort(score)[::-1][:FOLLOWED]
    fields, d, w = fields[kept], d[kept], w[kept]
    fields, d, w, score = _refined(filtered.score, (fields, d, w), 0.05 * largest)
    return _distinct(fields, d, widths[w], score, 0.6 * widths[w] / ratio)


def search_jointly(
    models: Sequence["HamiltonianSpectrum"],
    data: Sequence[tuple[Array, Array]],
    fields: Sequence[Sequence[Guess]],
) -> list[Guess]:
    """Return fields in the laboratory (T) that suit several spectra, best first.

    The 48 images of all that each spectrum shows by itself are improved by the sum of
    the matched filters of all, so that one misread spectrum does no harm.
    """
    filters = [_Filtered(m, x, y) for m, (x, y) in zip(models, data, strict=True)]
    turn = models[0].rotation(np.zeros(len(models[0].names)))
    biases = np.array([model.bias for model in models])
    images = [
        (cube_symmetries() @ one.field) @ turn - bias
        for each, bias in zip(fields, biases, strict=True)
        for one in each
    ]
    seen = list(chain.from_iterable(fields))
    at = np.concatenate(images)
    d = np.repeat([one.splitting for one in seen], len(images[0]))
    fwhm = float(np.median([one.fwhm for one in seen]))
    w = np.full(d.size, np.argmin(np.abs(np.log(filters[0].widths / (2.0 * fwhm)))))

    def score(fields: Array, d: Array, w: NDArray[np.int64]) -> Array:
        pairs = zip(filters, biases, strict=True)
        each = [one.score((fields + bias) @ turn.T, d, w) for one, bias in pairs]
        return np.asarray(np.sum(each, axis=0))

    size = 2.0 * fwhm / float(models[0].centre.gyromagnetic_ratios[2])
    at, d, _, found = _refined(score, (at, d, w), size)
    kept: list[Guess] = []
    for k in np.argsort(found)[::-1]:
        if all(np.linalg.norm(at[k] - one.field) > 0.2 * size for one in kept):
            kept.append(
                Guess(
                    field=at[k],
                    splitting=float(d[k]),
                    fwhm=fwhm,
                    source="; ".join(sorted({one.source for one in seen})),
                )
            )
    return kept[:TRIED]


def _refined(
    score: Callable[[Array, Array, NDArray[np.int64]], Array],
    start: tuple[Array, Array, NDArray[np.int64]],
    size: float,
) -> tuple[Array, Array, NDArray[np.int64], Array]:
    """Return fields, D and widths after random steps that become smaller."""
    rng = np.random.default_rng(0)
    fields, d, w = start[0].copy(), start[1].copy(), start[2].copy()
    best, spread = score(fields, d, w), 0.5 * SPLITTING_SPREAD
    for _ in range(ROUNDS):
        for _ in range(12):
            near = fields + size * rng.normal(size=fields.shape)
            near_d = d + spread * rng.normal(size=d.size)
            near_w = np.clip(w + rng.integers(-1, 2, w.size), 0, N_WIDTHS - 1)
            found = score(near, near_d, near_w)
            better = found > best
            fields[better], d[better] = near[better], near_d[better]
            w[better], best[better] = near_w[better], found[better]
        size, spread = 0.6 * size, 0.7 * spread
    return fields, d, w, best


def _distinct(
    fields: Array, d: Array, widths: Array, score: Array, apart: Array
) -> list[Guess]:
    kept: list[Guess] = []
    for k in np.argsort(score)[::-1]:
        field = canonical_field(fields[k])
        if score[k] > 0.0 and all(
            np.linalg.norm(field - one.field) > apart[k] for one in kept
        ):
            kept.append(
                Guess(
                    field=field,
                    splitting=float(d[k]),
                    fwhm=float(widths[k]),
                    source=SEARCHED,
                )
            )
        if len(kept) == TRIED:
            break
    return kept


class _Filtered:
    """A spectrum filtered with lines of several widths."""

    def __init__(
        self, model: "HamiltonianSpectrum", x: Array, y: Array, *, free: bool = False
    ) -> None:
        order = np.argsort(x)
        step = float(np.min(np.diff(np.unique(x))))
        n = int(min(max(np.ptp(x) / step + 1, 200), 4000))
        self.grid = np.linspace(float(x.min()), float(x.max()), n)
        signal = np.interp(self.grid, x[order], y[order])
        self._sign = -_side(signal)
        level = np.percentile(signal, 50.0 - 40.0 * self._sign)
        signal = signal - (np.mean(signal) if free else level)
        self.free = free
        pitch = self.grid[1] - self.grid[0]
        self.widths = np.geomspace(2.0 * step, np.ptp(x) / 8.0, N_WIDTHS)
        away = (np.arange(2 * n - 1) - (n - 1)) * pitch
        filtered, own, areas = [], [], []
        flat = np.fft.rfft(np.ones(n), 4 * n)
        offsets = model.lines.offsets()
        for width in self.widths:
            line = sum(1.0 / (1.0 + (2.0 * (away - o) / width) ** 2) for o in offsets)
            size = 4 * n
            spectra = np.fft.rfft(signal, size), np.fft.rfft(line, size)
            s = np.fft.irfft(spectra[0] * spectra[1], size)[n - 1 : 2 * n - 1]
            a = np.fft.irfft(np.abs(spectra[1]) ** 2, size)[:n]
            whole = np.fft.irfft(flat * spectra[1], size)[n - 1 : 2 * n - 1]
            areas.append(whole)
            filtered.append(s)
            own.append(a)
        self.model, self.pitch = model, pitch
        self.filtered, self.own = np.array(filtered), np.array(own)
        self.areas = np.array(areas)
        self.rotations = axis_rotations()[list(model.axes)]

    def score(self, fields: Array, d: Array, widths: NDArray[np.int64]) -> Array:
        """Return by how much lines of these fields lower the sum of squares."""
        from qleap.sensing._kernels.spin_one import spin_one_energies

        # energies at another D follow from a field in proportion to it
        centre, scale = self.model.centre, d / self.model.centre.zero_field_splitting
        zeeman = np.einsum("aij,mj->mai", self.rotations, fields / scale[:, None])
        zeeman = (zeeman * centre.gyromagnetic_ratios).reshape(-1, 3)
        terms = centre.strain.terms(centre.zero_field_splitting)
        energies = spin_one_energies(np.ascontiguousarray(zeeman), terms)
        lines = (energies[:, 1:] - energies[:, :1]).reshape(d.size, -1)
        lines = lines * scale[:, None]
        place = (lines - self.grid[0]) / self.pitch
        inside = (place >= 0.0) & (place <= self.grid.size - 1.0)
        at = np.clip(place, 0, self.grid.size - 1).astype(np.int64)
        seen = self.filtered[widths[:, None], at] * inside
        distance = np.abs(at[:, :, None] - at[:, None, :])
        both = self.own[widths[:, None, None], distance]
        both = both * (inside[:, :, None] & inside[:, None, :])
        total = both.sum(axis=(1, 2))
        if self.free:  # both have lost their means
            covered = np.sum(self.areas[widths[:, None], at] * inside, axis=1)
            total = total - covered**2 / self.grid.size
        whole = seen.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return (
                np.where(total > 0.0, whole * np.abs(whole) / total, 0.0) * self._sign
            )


def _side(signal: Array) -> float:
    """Return 1 for dips, whose background is high, and -1 for peaks."""
    return 1.0 if np.mean(signal) < np.median(signal) else -1.0
