"""The two state tables, walked in full."""

from datetime import datetime, timedelta
from itertools import product

import pytest
from factories import NOW, an_approval

from node.release.approvals import TRANSITIONS, Act, ActRefused, HeldApproval, Standing, after, in_force, standing_of
from node.release.outbox import PASSAGES, News, Passage
from node.release.outbox import after as passage_after
from node.release.refusals import ApprovalExpired, ApprovalMissing, ApprovalWithdrawn
from protocols.approvals import WithdrawalReason

ALLOWED = {
    (Standing.OFFERED, Act.APPROVE): Standing.APPROVED,
    (Standing.OFFERED, Act.EXPIRE): Standing.EXPIRED,
    (Standing.APPROVED, Act.WITHDRAW): Standing.WITHDRAWN,
    (Standing.APPROVED, Act.EXPIRE): Standing.EXPIRED,
    (Standing.WITHDRAWN, Act.APPROVE): Standing.APPROVED,
    (Standing.WITHDRAWN, Act.EXPIRE): Standing.EXPIRED,
}
LATER = NOW + timedelta(days=60)
HELD = HeldApproval(an_approval())
WITHDRAWN = HeldApproval(an_approval(), NOW, WithdrawalReason.STEWARD_REVOKED)


@pytest.mark.parametrize(("standing", "act"), list(product(Standing, Act)))
def test_an_offer_takes_exactly_the_steps_of_its_table(standing: Standing, act: Act) -> None:
    if (standing, act) in ALLOWED:
        assert after(standing, act) is ALLOWED[(standing, act)]
    else:
        with pytest.raises(ActRefused):
            after(standing, act)
    assert dict(TRANSITIONS) == ALLOWED


def test_nothing_leads_out_of_expired() -> None:
    assert all(standing is not Standing.EXPIRED for standing, _ in TRANSITIONS)


@pytest.mark.parametrize(
    ("held", "now", "standing"),
    [
        (None, NOW, Standing.OFFERED),
        (None, LATER, Standing.EXPIRED),
        (HELD, NOW, Standing.APPROVED),
        (HELD, NOW + timedelta(days=31), Standing.EXPIRED),
        (WITHDRAWN, NOW, Standing.WITHDRAWN),
        (WITHDRAWN, NOW + timedelta(days=31), Standing.WITHDRAWN),
        (WITHDRAWN, LATER, Standing.EXPIRED),
    ],
)
def test_where_an_offer_stands_follows_from_what_was_said_and_the_clock(
    held: HeldApproval | None, now: datetime, standing: Standing
) -> None:
    assert standing_of(held, plan_expires_at=NOW + timedelta(days=59), now=now) is standing


def test_only_an_approval_given_not_withdrawn_and_not_expired_is_in_force() -> None:
    assert in_force(HELD, NOW) == HELD.approval
    with pytest.raises(ApprovalMissing):
        in_force(None, NOW)
    with pytest.raises(ApprovalWithdrawn):
        in_force(WITHDRAWN, NOW)
    with pytest.raises(ApprovalExpired):
        in_force(HELD, HELD.approval.expires_at)


@pytest.mark.parametrize(("passage", "news"), list(product(Passage, News)))
def test_every_news_has_its_place_in_the_table_and_none_claims_less(passage: Passage, news: News) -> None:
    following = passage_after(passage, news)
    assert (passage, news) in PASSAGES
    assert (following is Passage.DELIVERED) == (news is News.RECEIPT or passage is Passage.DELIVERED)
    assert following is not Passage.RELEASED
