"""What may be submitted: checks of a request and of its upload, before it is queued.

Everything here is linear in the size of the upload and parses no program: whatever
needs a parser happens in the process that runs the job.
"""

import json
import math
import re
import secrets
from typing import Any, Final

from qleap.core import checks
from qleap.core.errors import QleapError
from qleap.processing.execution import LARGEST_SEED
from qleap.processing.serve import devices
from qleap.processing.serve.models import Submission
from qleap.processing.serve.operators import factors
from qleap.processing.serve.refusals import Refused, clean_text
from qleap.processing.serve.settings import DeviceSettings, Limits, ServeSettings

__all__ = ["check_content", "check_request", "declared_qubits"]

DEEPEST: Final = 64
"""Brackets within brackets; what people write has a tenth of it."""

MOST_NAME: Final = 256
MOST_DESCRIPTION: Final = 4096

_COMMENT: Final = re.compile(r"//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
"""One that is never closed reaches to the end, so that looking takes one pass."""

_VERSION: Final = re.compile(r"\s*OPENQASM\s+3(?:\.\d{1,3})?\s*;")
_QUBITS: Final = re.compile(
    r"\bqubit\s*(?:\[\s*(\d{1,9})\s*\])?\s+\w|\bqubit\s*\[\s*(\d{1,9})\s*\]\s*\w"
    r"|\bqreg\s+\w+\s*(?:\[\s*(\d{1,9})\s*\])?"
)
_TRANSPILER: Final = (
    "skip_transpilation",
    "seed_transpilation",
    "qubit_allocation",
    "transpiler_lib",
    "transpiler_options",
)
_SIMULATOR: Final = (
    "seed_simulation",
    "n_qubits",
    "n_nodes",
    "n_per_node",
    "simulation_opt",
)
_MITIGATION: Final = ("ro_error_mitigation",)


def check_request(
    asked: Submission, settings: ServeSettings, limits: Limits
) -> dict[str, Any]:
    """Return the columns of a job from its request.

    Raises
    ------
    Refused
        For what the service does not offer or the user may not ask for.
    """
    device = settings.device(asked.device_id)
    if device is None:
        known = [one.id for one in settings.devices]
        hint = checks.suggestion(asked.device_id[:64], known)
        raise Refused(400, f"device_id must name a device on offer.{hint}")
    if not device.available:
        raise Refused(400, f"the device {device.id} is not available now.")
    if asked.job_type == "sse" and not settings.sse:
        raise Refused(
            400, "sse jobs are turned off here; submit sampling or estimation jobs."
        )
    if asked.shots > limits.shots:
        raise Refused(
            400, f"shots must be at most {limits.shots} for you, got {asked.shots}."
        )
    simulator_info = dict(asked.simulator_info or {})
    transpiler_info = dict(asked.transpiler_info or {})
    mitigation_info = dict(asked.mitigation_info or {})
    try:
        checks.known_keys("simulator_info", simulator_info, _SIMULATOR)
        checks.known_keys("transpiler_info", transpiler_info, _TRANSPILER)
        checks.known_keys("mitigation_info", mitigation_info, _MITIGATION)
        seed = _seed(simulator_info)
        if "seed_transpilation" in transpiler_info:
            checks.count("seed_transpilation", transpiler_info["seed_transpilation"], 0)
        _check_mitigation(device, mitigation_info)
        devices.check_transpiler(device, transpiler_info)
    except QleapError as error:
        raise Refused(400, str(error)) from error
    return {
        "name": clean_text("name", asked.name, MOST_NAME),
        "description": clean_text("description", asked.description, MOST_DESCRIPTION),
        "device_id": device.id,
        "job_type": asked.job_type,
        "shots": asked.shots,
        "seed": seed,
        "transpiler_info": _plain("transpiler_info", transpiler_info),
        "simulator_info": _plain(
            "simulator_info", simulator_info | {"seed_simulation": seed}
        ),
        "mitigation_info": _plain("mitigation_info", mitigation_info),
    }


def check_content(
    job_type: str, content: dict[str, Any], limits: Limits, widest: int
) -> None:
    """Check the uploaded document of a job; programs may declare ``widest`` qubits.

    Raises
    ------
    Refused
        Where it is not what the job's type needs, or more than the user may run.
    """
    if job_type == "sse":
        if not isinstance(content.get("sse_program"), str):
            raise Refused(400, "an sse job needs sse_program, a Python program.")
        clean_text("sse_program", content["sse_program"], limits.unpacked_bytes)
        return
    programs = _bare_programs(job_type, content.get("program"), limits)
    n_qubits = sum(declared_qubits(program) for program in programs)
    if n_qubits > widest:
        raise Refused(
            400,
            f"a job may use at most {widest} qubits for you, but the program "
            f"declares {n_qubits}.",
        )
    if job_type == "estimation":
        _check_operator(content.get("operator"), limits, widest)


def declared_qubits(program: str) -> int:
    """Return the qubits that a program (without comments) declares by plain numbers.

    One that declares them by expressions is counted once it is parsed.
    """
    return sum(
        int(next((group for group in found.groups() if group), "1"))
        for found in _QUBITS.finditer(program)
    )


def _bare_programs(job_type: str, given: object, limits: Limits) -> list[str]:
    """Return the programs without their comments."""
    if not isinstance(given, list) or not given:
        raise Refused(400, "program must be a list of OpenQASM 3 texts, one at least.")
    if job_type != "multi_manual" and len(given) > 1:
        raise Refused(
            400,
            f"a {job_type} job takes one program, got {len(given)}; submit several as "
            "one multi_manual job, or one job each.",
        )
    if len(given) > limits.programs:
        raise Refused(
            400,
            f"at most {limits.programs} programs run side by side, got {len(given)}.",
        )
    bare = []
    for number, program in enumerate(given):
        if not isinstance(program, str):
            raise Refused(400, f"program {number} must be OpenQASM 3 text.")
        clean_text(f"program {number}", program, limits.unpacked_bytes)
        bare.append(_COMMENT.sub(" ", program))
        if not _VERSION.match(bare[-1]):
            raise Refused(
                400, f"program {number} must begin with OPENQASM 3; or OPENQASM 3.0;."
            )
        _check_depth(bare[-1])
    return bare


def _check_operator(given: object, limits: Limits, widest: int) -> None:
    if not isinstance(given, list) or not given:
        raise Refused(
            400, 'an estimation needs operator, such as [{"pauli": "X 0 X 1"}].'
        )
    if len(given) > limits.operator_terms:
        raise Refused(
            400,
            f"operator must have at most {limits.operator_terms} terms, "
            f"got {len(given)}.",
        )
    for term in given:
        if not isinstance(term, dict) or not isinstance(term.get("pauli"), str):
            raise Refused(400, "each term of operator needs pauli, such as 'X 0 X 1'.")
        found = factors(term["pauli"])
        if found is None:
            raise Refused(
                400,
                "pauli must list letters of IXYZ and qubits in turn, such as "
                f"'X 0 X 1', got {term['pauli']!r:.60}.",
            )
        qubits = [qubit for _, qubit in found]
        if len(set(qubits)) < len(qubits):
            raise Refused(
                400, f"pauli must name each qubit once, got {term['pauli']!r:.60}."
            )
        if max(qubits, default=0) >= widest:
            raise Refused(
                400, f"pauli must act on qubits below {widest}, got {max(qubits)}."
            )
        if not _is_number(term.get("coeff")):
            raise Refused(400, "coeff must be a finite real number.")


def _is_number(value: object) -> bool:
    if value is None:
        return True
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _seed(simulator_info: dict[str, Any]) -> int:
    """Return the seed that was asked for, or a fresh one that the job keeps."""
    given = simulator_info.get("seed_simulation")
    if given is None:
        return secrets.randbelow(LARGEST_SEED + 1)
    return checks.count("seed_simulation", given, 0, LARGEST_SEED)


def _check_mitigation(device: DeviceSettings, info: dict[str, Any]) -> None:
    wanted = info.get("ro_error_mitigation")
    if wanted is None:
        return
    checks.one_of("ro_error_mitigation", wanted, ("pseudo_inverse",))
    if not devices.can_mitigate(device):
        raise Refused(
            400,
            f"ro_error_mitigation is not possible on {device.id} yet: the service does "
            "not know which physical qubits a circuit is put on; leave it out.",
        )


def _plain(name: str, info: dict[str, Any]) -> str:
    """Return an object as JSON text that every database can hold."""
    try:
        text = json.dumps(info, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"{name} must hold plain finite values.") from error
    return text


def _check_depth(text: str) -> None:
    depth = 0
    for found in re.finditer(r"[][(){}]", text):
        depth += 1 if found.group() in "([{" else -1
        if depth > DEEPEST:
            raise Refused(
                400,
                f"brackets may be nested {DEEPEST} deep in a program; flatten it.",
            )
