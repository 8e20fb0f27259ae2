from datetime import timedelta

import pytest
from factories import NOW, an_enrolment_request

from coordinator.membership.invitation import (
    InvitationExpired,
    InvitationForOther,
    InvitationUnknown,
    InvitationUsed,
    IssuedInvitation,
    check_invitation,
    issue,
)

REQUEST = an_enrolment_request()
GOOD = issue("t" * 43, "Example hospital", now=NOW, expires_at=NOW + timedelta(hours=1))


def test_an_invitation_covers_its_own_site_in_time() -> None:
    assert check_invitation(GOOD, REQUEST, now=NOW) is GOOD


def test_the_token_itself_is_not_kept() -> None:
    assert "t" * 43 not in repr(GOOD)


@pytest.mark.parametrize(
    ("invitation", "hours", "refusal"),
    [
        (None, 0, InvitationUnknown),
        (issue("x" * 43, "Example hospital", now=NOW, expires_at=NOW + timedelta(hours=1)), 0, InvitationUnknown),
        (GOOD, 1, InvitationExpired),
        (issue("t" * 43, "Other", now=NOW, expires_at=NOW + timedelta(hours=1)), 0, InvitationForOther),
        (IssuedInvitation(GOOD.token_sha256, GOOD.site_name, NOW, GOOD.expires_at, used_by="site"), 0, InvitationUsed),
    ],
)
def test_an_invitation_that_does_not_cover_the_request_is_refused(
    invitation: IssuedInvitation | None, hours: int, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        check_invitation(invitation, REQUEST, now=NOW + timedelta(hours=hours))
