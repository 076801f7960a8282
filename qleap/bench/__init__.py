"""The TRL engine: measure, compare, gate, report. It knows no domain.

Suites need only the case types; policies are YAML files (`qleap.bench.judging.policy`).
"""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.bench.cases import Accuracy, Measured, Peer, Skip, Speed
    from qleap.bench.judging.policy import Policy, load_policy

__all__ = [
    "Accuracy",
    "Measured",
    "Peer",
    "Policy",
    "Skip",
    "Speed",
    "load_policy",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "Accuracy": "cases",
        "Measured": "cases",
        "Peer": "cases",
        "Policy": "judging.policy",
        "Skip": "cases",
        "Speed": "cases",
        "load_policy": "judging.policy",
    },
)
