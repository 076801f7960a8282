"""Every machine through one door, and jobs that are never lost."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.processing.backends.door import backend
    from qleap.processing.backends.listing import BackendFamily, list_backends
    from qleap.processing.backends.local import LocalBackend
    from qleap.processing.backends.noisy import NoisyBackend
    from qleap.processing.backends.provider import Provider
    from qleap.processing.backends.stored import StoredBackend, StoredJob

__all__ = [
    "BackendFamily",
    "LocalBackend",
    "NoisyBackend",
    "Provider",
    "StoredBackend",
    "StoredJob",
    "backend",
    "list_backends",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "BackendFamily": "listing",
        "LocalBackend": "local",
        "NoisyBackend": "noisy",
        "Provider": "provider",
        "StoredBackend": "stored",
        "StoredJob": "stored",
        "backend": "door",
        "list_backends": "listing",
    },
)
