"""Finished points of a long calculation, kept so that it can go on later."""

import functools
import hashlib
import json
import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qleap.core import atomic
from qleap.core.errors import InvalidValue, StorageError

__all__ = ["PointStore"]

_MANIFEST = "points.json"


class PointStore:
    """A folder with one file for each finished point.

    Parameters
    ----------
    folder : Path
        Made where it does not exist.
    function, points, rng
        What is computed; a store made for other points is refused.

    Raises
    ------
    InvalidValue
        Where the folder holds points of another calculation.
    StorageError
        Where the folder cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        function: Callable[..., Any],
        points: Sequence[object],
        rng: np.random.Generator | None,
    ) -> None:
        self._folder = folder
        wanted = _fingerprint(function, points, rng)
        manifest = folder / _MANIFEST
        try:
            folder.mkdir(parents=True, exist_ok=True)
            found = json.loads(manifest.read_text()) if manifest.exists() else None
        except (OSError, ValueError) as error:
            raise StorageError(
                f"the store {folder} cannot be used ({error}); choose another folder."
            ) from error
        if found is None:
            atomic.write_text(manifest, json.dumps(wanted))
        elif found != wanted and not any(folder.glob("*.point")):
            # A run that was refused before its first point leaves nothing to protect.
            atomic.write_text(manifest, json.dumps(wanted))
        elif found != wanted:
            raise InvalidValue(
                f"the store {folder} holds points of {found.get('function')}, "
                f"{found.get('n_points')} of them, computed from other values than "
                "these; choose another folder or delete this one."
            )

    def finished(self) -> dict[int, Any]:
        """Return the values that are there; a damaged file counts as missing."""
        values = {}
        for path in self._folder.glob("*.point"):
            try:
                values[int(path.stem)] = pickle.loads(path.read_bytes())
            except Exception:  # a damaged pickle can raise anything
                path.unlink(missing_ok=True)
        return values

    def keep(self, index: int, value: object) -> None:
        """Store the value of one point, whole or not at all."""
        with atomic.replacing(self._folder / f"{index}.point") as part:
            part.write_bytes(pickle.dumps(value))


def _fingerprint(
    function: Callable[..., Any],
    points: Sequence[object],
    rng: np.random.Generator | None,
) -> dict[str, object]:
    """Return what tells one calculation from another, as plain values."""
    digest = hashlib.sha256()
    for point in points:
        digest.update(pickle.dumps(point))
    state = None if rng is None else repr(rng.bit_generator.seed_seq)
    if isinstance(function, functools.partial):
        digest.update(pickle.dumps((function.args, function.keywords)))
        function = function.func
    named = function if hasattr(function, "__qualname__") else type(function)
    return {
        "function": f"{named.__module__}.{named.__qualname__}",
        "n_points": len(points),
        "points": digest.hexdigest(),
        "rng": state,
    }
