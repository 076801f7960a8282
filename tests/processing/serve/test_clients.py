"""Clients that nobody here wrote use the service unchanged.

oqtopus-client and quri-parts-oqtopus want another urllib3 than qiskit-ibm-runtime and
live in an environment of their own: the one whose Python QLEAP_TEST_OQTOPUS_PYTHON
names, or a fresh one, where pip reaches a registry (about half a minute).
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from qiskit import QuantumCircuit
from qiskit.quantum_info import SparsePauliOp

from qleap.processing import Estimator, run
from qleap.processing.serve.settings import ServeSettings

pytestmark = pytest.mark.slow

PACKAGES = ("oqtopus-client>=1.3,<2", "quri-parts-oqtopus>=1.1.5,<2")

OQTOPUS = """
import json, sys
from oqtopus_client import OqtopusClient, OqtopusJobSpec
from oqtopus_client.services.config import OqtopusConfig

url, token, program = sys.argv[1:]
client = OqtopusClient(OqtopusConfig(url=url, api_token=token))
common = {"device_id": "local", "shots": 1000}
seed = {"simulator_info": {"seed_simulation": 7}}
sampling = client.run_sampling(
    OqtopusJobSpec.sampling(program=program, name="bell", **common, **seed),
    interval=0.2,
)
estimation = client.run_estimation(
    OqtopusJobSpec.estimation(
        program=program,
        operator=[{"pauli": "X 0 X 1", "coeff": 1.5}, {"pauli": "I", "coeff": 0.25}],
        **common,
    ),
    interval=0.2,
)
double = client.run_multi_manual(
    OqtopusJobSpec.multi_manual(program=[program, program], **common), interval=0.2
)
waiting = client.submit_job(OqtopusJobSpec.sampling(program=program, **common))
client.wait_for_job(waiting.job_id, interval=0.2)
client.delete_job(waiting.job_id)
print(json.dumps({
    "devices": [device.device_id for device in client.list_devices()],
    "status": sampling.status.value,
    "counts": sampling.sampling.counts,
    "exp_value": estimation.estimation.exp_value,
    "stds": estimation.estimation.stds,
    "divided": {k: sum(v.values()) for k, v in double.sampling.divided_counts.items()},
    "combined": double.job_info.combined_program[:12],
    "input": sampling.job_info.to_dict()["program"],
    "listed": [job.name for job in client.list_jobs(q="bell")],
    "n_jobs": len(client.list_jobs(size=100)),
    "expires": str(client.get_api_token_status().api_token_expiration)[:2],
    "news": client.get_announcements_list().announcements,
}))
"""

QURI = """
import json, sys
from quri_parts.circuit import QuantumCircuit
from quri_parts.core.operator import Operator, PAULI_IDENTITY, pauli_label
from quri_parts_oqtopus.backend import (
    OqtopusConfig, OqtopusDeviceBackend,
    OqtopusEstimationBackend, OqtopusSamplingBackend,
)

url, token, _ = sys.argv[1:]
config = OqtopusConfig(url=url, api_token=token)
bell = QuantumCircuit(2)
bell.add_H_gate(0)
bell.add_CNOT_gate(0, 1)
sampling = OqtopusSamplingBackend(config).sample(
    bell, device_id="local", shots=1000, simulator_info={"seed_simulation": 7}
)
operator = Operator({pauli_label("X0 X1"): 1.5, PAULI_IDENTITY: 0.25})
estimation = OqtopusEstimationBackend(config).estimate(
    bell, operator, device_id="local", shots=1000
)
several = OqtopusSamplingBackend(config).sample(
    [bell, bell], device_id="local", shots=1000
)
again = OqtopusSamplingBackend(config).retrieve_job(sampling.job_id)
result = sampling.result(wait=0.2)
print(json.dumps({
    "devices": [one.device_id for one in OqtopusDeviceBackend(config).get_devices()],
    "counts": {format(k, "02b"): n for k, n in result.counts.items()},
    "again": sum(again.result(wait=0.2).counts.values()),
    "exp_value": estimation.result(wait=0.2).exp_value,
    "several": sum(several.result(wait=0.2).divided_counts[1].values()),
}))
"""


@pytest.fixture
def settings() -> ServeSettings:
    return ServeSettings(lease_seconds=5.0)


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an environment that has the clients, or skip."""
    given = os.environ.get("QLEAP_TEST_OQTOPUS_PYTHON")
    if given:
        return Path(given)
    folder = tmp_path_factory.mktemp("clients")
    made = folder / "bin" / "python"
    for command in (
        [sys.executable, "-m", "venv", str(folder)],
        [str(made), "-m", "pip", "install", "--quiet", *PACKAGES],
    ):
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=300.0
            )
        except subprocess.TimeoutExpired:
            pytest.skip("pip did not install the OQTOPUS clients within five minutes")
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["no reason"]
            pytest.skip(f"pip cannot install the OQTOPUS clients: {lines[-1]}")
    return made


def told(python: Path, script: str, person: Any, program: str) -> dict[str, Any]:
    base = str(person.http.base_url).rstrip("/")
    done = subprocess.run(
        [python, "-c", script, base, person.token, program],
        capture_output=True,
        text=True,
        check=False,
        timeout=300.0,
        env={"PATH": os.defpath, "HOME": str(Path.home()), "NO_PROXY": "*"},
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.usefixtures("worker")
def test_oqtopus_client_submits_and_reads(python: Path, ada: Any, bell: str) -> None:
    found = told(python, OQTOPUS, ada, bell)
    assert found == {
        "devices": ["local"],
        "status": "succeeded",
        "counts": run(bell, 1000, seed=7).counts,
        "exp_value": 1.75,
        "stds": 0.0,
        "divided": {"0": 1000, "1": 1000},
        "combined": "OPENQASM 3.0",
        "input": [bell],
        "listed": ["bell"],
        "n_jobs": 3,
        "expires": "20",
        "news": [],
    }


@pytest.mark.usefixtures("worker")
def test_quri_parts_oqtopus_submits_and_reads(
    python: Path, ada: Any, bell: str
) -> None:
    found = told(python, QURI, ada, bell)
    assert found == {
        "devices": ["local"],
        "counts": run(bell, 1000, seed=7).counts,
        "again": 1000,
        "exp_value": 1.75,
        "several": 1000,
    }


@pytest.mark.usefixtures("worker")
def test_our_own_oqtopus_backend_submits_and_reads(
    ada: Any, bell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OQTOPUS_URL", str(ada.http.base_url).rstrip("/"))
    monkeypatch.setenv("OQTOPUS_API_TOKEN", ada.token)
    found = run(bell, 1000, seed=7, backend="oqtopus:local")
    assert set(found.counts) == {"00", "11"}
    assert sum(found.counts.values()) == 1000
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    operator = SparsePauliOp(["XX", "II"], [1.5, 0.25])
    job = Estimator("oqtopus:local").run([(circuit, operator)], precision=0.05)
    assert job.result()[0].data.evs == pytest.approx(1.75)
    kinds = {one["job_type"] for one in ada.ask("GET", "/jobs").json()}
    assert kinds == {"sampling", "estimation"}
