"""Frozen bytes: an encoding that changes breaks every node in the field, so it must change on purpose.

`INTRAMUROS_WRITE_VECTORS=1` writes vectors that are missing; it never overwrites one.
"""

from __future__ import annotations

import os
from pathlib import Path

import factories
import pytest
import secure_factories

from protocols.approvals import Approval
from protocols.certificates import LabelerCertificate
from protocols.encoding import Wire, decode, encode
from protocols.masking import AdvertInstruction
from protocols.plans import Compression, MetricName, TrainingPlan
from protocols.receipts import LedgerEntry
from protocols.strategies import Strategy

VECTORS = Path(__file__).parent.parent / "vectors"
CERTIFICATE = LabelerCertificate(
    hospital="Example hospital",
    holder="라벨링 작업자",
    task="chest-film-abnormal",
    issued_at=factories.NOW,
    valid_until="2027-03-02",
)
COUNTED_ENTRY = factories.a_ledger_entry(update_histogram=(0, 0, 1, 3, 9, 27, 9, 3, 1, 0))
NARROW_APPROVAL = factories.an_approval(epsilon_cap=2.5, metrics=(MetricName.VALIDATION_LOSS,))
MESSAGES: dict[str, Wire] = {
    message.kind: message
    for message in (
        factories.a_plan(), factories.an_offer(), NARROW_APPROVAL, factories.a_withdrawal(),
        factories.a_train_instruction(), factories.an_evaluate_instruction(), factories.an_update(),
        factories.a_result(), factories.an_error_report(), COUNTED_ENTRY, factories.a_receipt(),
        factories.an_inbox(), factories.an_invitation(), factories.an_enrolment_request(),
        factories.a_transport_key(), factories.an_enrolment_answer(), factories.a_rich_label_schema(),
        factories.a_passport(), factories.a_partner_card(), factories.a_ledger_root(), factories.a_ledger_witness(),
        CERTIFICATE, *secure_factories.EVERY,
    )
}  # fmt: skip


def _vector(message: Wire) -> Path:
    return VECTORS / f"{message.kind}.v{message.version}.frame"


@pytest.mark.parametrize("kind", sorted(MESSAGES))
def test_a_message_has_the_bytes_it_always_had(kind: str) -> None:
    message, path = MESSAGES[kind], _vector(MESSAGES[kind])
    if os.environ.get("INTRAMUROS_WRITE_VECTORS") == "1" and not path.exists():
        path.write_bytes(encode(message, b"\x01\x02"))
    assert encode(message, b"\x01\x02") == path.read_bytes()


@pytest.mark.parametrize("kind", sorted(MESSAGES))
def test_frozen_bytes_are_read_as_the_same_value(kind: str) -> None:
    message, blob = decode(_vector(MESSAGES[kind]).read_bytes(), type(MESSAGES[kind]))
    assert (message, blob) == (MESSAGES[kind], b"\x01\x02")


def test_an_approval_of_version_1_is_still_read_as_one_of_the_plans_own_epsilon_and_figures() -> None:
    held, blob = decode((VECTORS / "approval.v1.frame").read_bytes(), Approval)
    assert (held, blob) == (factories.an_approval(), b"\x01\x02")
    assert (held.epsilon_cap, held.metrics) == (None, None)


def test_a_ledger_entry_of_version_1_is_still_read_as_one_without_a_histogram() -> None:
    held, blob = decode((VECTORS / "ledger-entry.v1.frame").read_bytes(), LedgerEntry)
    assert (held, blob) == (factories.a_ledger_entry(), b"\x01\x02")
    assert held.update_histogram is None


def test_older_versions_are_read_as_messages_that_say_nothing_of_what_is_new() -> None:
    plan, _ = decode((VECTORS / "training-plan.v1.frame").read_bytes(), TrainingPlan)
    assert plan == factories.a_plan()
    assert (plan.aggregation.compression, plan.strategy) == (Compression.NONE, Strategy())
    for version in (1, 2):
        frame = (VECTORS / f"advert-instruction.v{version}.frame").read_bytes()
        assert decode(frame, AdvertInstruction)[0] == secure_factories.an_advert_instruction()


def test_every_wire_type_has_a_vector() -> None:
    import importlib
    import pkgutil

    import protocols

    for module in pkgutil.iter_modules(protocols.__path__):
        importlib.import_module(f"protocols.{module.name}")
    assert {wire.kind for wire in Wire.__subclasses__()} == set(MESSAGES)
