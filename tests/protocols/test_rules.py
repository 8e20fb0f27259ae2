"""Rules of single wire types: plans, models, labels, invitations, the ledger's chain."""

from __future__ import annotations

import json

import factories
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from protocols.enrolment import Invitation
from protocols.errors import FrameRefused, ProblemType, Retry, TensorsRefused
from protocols.models import blob_bytes, check_blob, model_digest
from protocols.plans import Privacy, PrivacyMechanism, offer_digest
from protocols.receipts import GENESIS, LedgerBroken, LedgerEntry, entry_hash, verify_chain


def test_privacy_none_takes_no_numbers_and_dp_takes_all() -> None:
    with pytest.raises(ValidationError):
        Privacy(mechanism=PrivacyMechanism.NONE, epsilon_cap=1.0)
    with pytest.raises(ValidationError):
        Privacy(mechanism=PrivacyMechanism.DP_SGD, epsilon_cap=1.0)


def test_a_plan_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValidationError):
        factories.a_plan(expires_at=factories.NOW)


@pytest.mark.parametrize("change", [{"rounds": 0}, {"rounds": "3"}, {"quorum": 0}, {"update_norm_bound": float("inf")}])
def test_a_plan_out_of_bounds_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        factories.a_plan(**change)


def test_offers_with_one_bit_changed_have_another_digest() -> None:
    assert offer_digest(b"\x00") != offer_digest(b"\x01")


def test_a_blob_of_another_length_is_refused() -> None:
    specs = factories.tensor_specs()
    check_blob(specs, bytes(blob_bytes(specs)))
    for wrong in (blob_bytes(specs) - 1, blob_bytes(specs) + 1, 0):
        with pytest.raises(TensorsRefused):
            check_blob(specs, bytes(wrong))


def test_a_model_digest_covers_names_and_bytes() -> None:
    specs = factories.tensor_specs()
    blob = bytes(blob_bytes(specs))
    renamed = (specs[0].model_copy(update={"name": "other"}), specs[1])
    digests = {model_digest(specs, blob), model_digest(renamed, blob), model_digest(specs, b"\x01" + blob[1:])}
    assert len(digests) == 3


def test_a_schema_with_a_repeated_code_is_refused() -> None:
    question = factories.a_label_schema().questions[0]
    with pytest.raises(ValidationError):
        factories.a_label_schema(questions=(question, question))


def test_an_invitation_survives_a_mail_that_wrapped_it() -> None:
    text = factories.an_invitation().to_text()
    wrapped = "\n ".join(text[start : start + 60] for start in range(0, len(text), 60))
    assert Invitation.from_text(wrapped) == factories.an_invitation()


@pytest.mark.parametrize("text", ["", "hello", "intramuros-invitation:", "intramuros-invitation:%%%%", "x" * 5000])
def test_a_text_that_is_no_invitation_is_refused(text: str) -> None:
    with pytest.raises(FrameRefused):
        Invitation.from_text(text)


def _chain(count: int) -> list[tuple[LedgerEntry, str]]:
    entries: list[tuple[LedgerEntry, str]] = []
    previous = GENESIS
    for number in range(1, count + 1):
        entry = factories.a_ledger_entry(number=number, previous_hash=previous)
        previous = entry_hash(entry)
        entries.append((entry, previous))
    return entries


def test_an_untouched_ledger_verifies_to_its_last_entry() -> None:
    assert verify_chain(_chain(5)) == 5


@given(st.integers(min_value=0, max_value=4))
def test_a_changed_entry_is_named(index: int) -> None:
    chain = _chain(5)
    entry, stored = chain[index]
    chain[index] = (entry.model_copy(update={"sent_bytes": 513}), stored)
    with pytest.raises(LedgerBroken) as refusal:
        verify_chain(chain)
    assert refusal.value.number == index + 1


@given(st.integers(min_value=0, max_value=3))
def test_a_missing_entry_is_named(index: int) -> None:
    chain = _chain(5)
    del chain[index]
    with pytest.raises(LedgerBroken) as refusal:
        verify_chain(chain)
    assert refusal.value.number == index + 1


def test_a_rewritten_entry_breaks_the_next_link() -> None:
    chain = _chain(3)
    forged = chain[0][0].model_copy(update={"sent_bytes": 513})
    chain[0] = (forged, entry_hash(forged))
    with pytest.raises(LedgerBroken, match="entry 2"):
        verify_chain(chain)


def test_a_problem_document_speaks_both_languages() -> None:
    problem = ProblemType("port-taken", 409, "The port is taken", "포트가 사용 중입니다", Retry.AFTER_CHANGE)
    document = json.loads(json.dumps(problem.document(), ensure_ascii=False))
    assert document["type"] == "/problems/port-taken"
    assert {document["title"], document["title_ko"]} == {"The port is taken", "포트가 사용 중입니다"}
