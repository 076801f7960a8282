"""Start a quantum cloud on this machine, submit a job over HTTP, check its counts.

Run it: ``python examples/serve_a_class.py``; it needs the extra ``serve`` and no
network. Everything lies in a folder that is deleted at the end.
"""

import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import httpx

from qleap.processing import run

BELL = """OPENQASM 3;
include "stdgates.inc";
qubit[2] q;
bit[2] c;
h q[0];
cx q[0], q[1];
c = measure q;
"""

with tempfile.TemporaryDirectory() as folder:
    os.environ["QLEAP_SERVE_DATABASE_URL"] = f"sqlite:///{folder}/class.db"
    command = [sys.executable, "-m", "qleap", "serve"]
    added = subprocess.run(
        [*command, "add-user", "ada@example.org", "--shots", "5000", "--json"],
        check=True,
        capture_output=True,
    )
    token = json.loads(added.stdout)["token"]

    log = Path(folder, "log")
    with log.open("w") as out:
        service = subprocess.Popen([*command, "start", "--port", "0"], stderr=out)
    try:
        while not (found := re.search(r"http://\S+", log.read_text())):
            if service.poll() is not None:
                raise SystemExit(log.read_text())
            time.sleep(0.1)
        cloud = httpx.Client(
            base_url=found.group(),
            headers={"q-api-token": token},
            timeout=60.0,
            trust_env=False,
        )
        for device in cloud.get("/devices").json():
            print(f"{device['device_id']}: {device['n_qubits']} qubits")

        # Three calls: register, upload one zip with one JSON document, submit.
        job = cloud.post("/jobs").json()
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as opened:
            opened.writestr("input.json", json.dumps({"program": [BELL]}))
        there = job["presigned_url"]
        cloud.post(
            there["url"], data=there["fields"], files={"file": archive.getvalue()}
        ).raise_for_status()
        wanted = {
            "device_id": "local",
            "job_type": "sampling",
            "shots": 1000,
            "simulator_info": {"seed_simulation": 1},
        }
        told = cloud.post(f"/jobs/{job['job_id']}/submit", json=wanted)
        print(told.json()["message"])

        while True:
            known = cloud.get(f"/jobs/{job['job_id']}").json()
            if known["status"] in {"succeeded", "failed", "cancelled"}:
                break
            time.sleep(0.2)
        print("the job", known["status"])
        result = cloud.get(known["job_info"]["result"]).content
        with zipfile.ZipFile(io.BytesIO(result)) as opened:
            counts = json.loads(opened.read("result.json"))["sampling"]["counts"]
        print("counts from the service:", counts)
        same = counts == run(BELL, shots=1000, seed=1).counts
        print("the same as a direct run:", same)
        if not same:
            raise SystemExit(1)
        cloud.close()
    finally:
        service.terminate()
        service.wait()
