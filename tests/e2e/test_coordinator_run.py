"""The coordinator's own processes from init to a verified release, with a ServerApp that is killed on the way."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from e2e.coordinator_process import CoordinatorProcess, RealHospital, running_coordinator
from factories import a_plan, an_approval
from waiting import until

from protocols.approvals import Approval, Bounds
from protocols.encoding import decode
from protocols.receipts import Receipt
from protocols.signing import Purpose, unseal

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def coordinator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CoordinatorProcess]:
    with running_coordinator(tmp_path_factory.mktemp("federation")) as process:
        yield process


def submitted(coordinator: CoordinatorProcess, **changes: Any) -> str:
    """The identifier of a plan the partner submitted by its own commands."""
    key = coordinator.partner("init")["key"]
    card = coordinator.asks("partner", "add", "--name", "Example Imaging AI", "--key", key)["card"]
    coordinator.partner("connect", "--card", card)
    now = datetime.now(UTC)
    fields = a_plan(created_at=now, expires_at=now + timedelta(days=7), **changes).model_dump(mode="json")
    for name in ("plan_id", "partner_id", "created_at"):
        del fields[name]
    path = coordinator.work / "plan.json"
    path.write_text(json.dumps(fields))
    return str(coordinator.partner("submit", str(path))["plan_id"])


def approve(hospital: RealHospital, offer_sha256: str, plan_id: str) -> None:
    now = datetime.now(UTC)
    approval = an_approval(
        site_id=hospital.answers.site_id, plan_id=plan_id, offer_sha256=offer_sha256, approved_at=now,
        approval_id=f"{hospital.answers.site_id[:-4]}a000", expires_at=now + timedelta(days=1),
        bounds=Bounds(max_rounds=3, max_attempts_per_round=3, max_cases=5000),
    )  # fmt: skip
    hospital.deliver(Approval.kind, hospital.answers.sealed(approval, Purpose.APPROVAL))


def receipted(hospital: RealHospital) -> set[str]:
    public = hospital.answers.coordinator
    receipts = [decode(unseal(held, public, Purpose.RECEIPT), Receipt)[0] for held in hospital.inbox().sealed_receipts]
    return {receipt.sent_sha256 for receipt in receipts}


def test_a_run_survives_its_server_app_and_ends_in_a_release_the_partner_verifies(
    coordinator: CoordinatorProcess, tmp_path: Path
) -> None:
    hospitals = [coordinator.joined("hospital-a"), coordinator.joined("hospital-b")]
    plan_id = submitted(coordinator, rounds=3)
    (offer,) = coordinator.asks("plans")
    for hospital in hospitals:
        approve(hospital, offer["offer_sha256"], plan_id)
    first, second = coordinator.asks("start", plan_id), coordinator.asks("start", plan_id)
    assert (first["run_id"], first["new"], second["new"]) == (second["run_id"], True, False)

    def run() -> Any:
        return coordinator.asks("runs")[0]

    until(lambda: run()["rounds_done"] >= 1, seconds=120, what="no round done")
    coordinator.kill_server_app()
    until(lambda: run()["state"] in {"finished", "ended"}, seconds=240, what="run did not end")
    ended = run()
    assert (ended["state"], ended["rounds_done"], ended["starts"]) == ("finished", 3, 2), ended
    fetched = coordinator.partner("fetch", plan_id, "--out", str(tmp_path / "release"))
    assert (fetched["verified"], fetched["chosen_round"], len(fetched["rounds"])) == (True, 3, 3)
    file = (tmp_path / "release" / "model.safetensors").read_bytes()
    assert hashlib.sha256(file).hexdigest() == fetched["file_sha256"]
    assert coordinator.partner("status", plan_id)["state"] == "released"
    for hospital in hospitals:
        known = receipted(hospital)
        unknown = [sent for sent in hospital.sent if hashlib.sha256(sent).hexdigest() not in known]
        assert len(unknown) <= 1, "only what the killed ServerApp took with it may be without a receipt"
