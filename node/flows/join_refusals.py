"""Why a hospital did not join, each with a sentence for the person who tried."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from node.ground.told import Told


class JoinRefused(Told):
    """The node did not join."""


class InvitationDamaged(JoinRefused):
    """The text is no invitation."""

    text_key = "release.join_invitation_damaged"


class InvitationExpired(JoinRefused):
    """The invitation was not used in time."""

    text_key = "release.join_invitation_expired"


class InvitationUsed(JoinRefused):
    """Another request used the invitation before."""

    text_key = "release.join_invitation_used"


class InvitationUnknown(JoinRefused):
    """The coordinator never issued the invitation."""

    text_key = "release.join_invitation_unknown"


class InvitationForOther(JoinRefused):
    """The invitation names another hospital."""

    text_key = "release.join_invitation_for_other"


class FingerprintDiffers(JoinRefused):
    """The coordinator of the invitation is not the one whose fingerprint was told by voice; nothing was sent."""

    text_key = "release.join_fingerprint_differs"


class JoinedAlready(JoinRefused):
    """The node belongs to a federation."""

    text_key = "release.join_already"


class CoordinatorSilent(JoinRefused):
    """No answer came."""

    text_key = "release.join_unreachable"


class ServerNotCertified(JoinRefused):
    """The server is not one that the invitation's authority certified; nothing was sent."""

    text_key = "release.join_authority"


class AnswerNotSealed(JoinRefused):
    """What came back is not sealed by the coordinator of the invitation."""

    text_key = "release.join_answer_refused"


class CoordinatorRefusedJoin(JoinRefused):
    """The coordinator refused with a code that has no sentence of its own."""

    text_key = "release.join_refused"


_BY_CODE: Mapping[str, type[JoinRefused]] = MappingProxyType(
    {
        "invitation-expired": InvitationExpired,
        "invitation-used": InvitationUsed,
        "invitation-unknown": InvitationUnknown,
        "invitation-for-other": InvitationForOther,
    }
)


def refused_with(code: str) -> JoinRefused:
    """The refusal that the coordinator's problem code stands for."""
    known = _BY_CODE.get(code)
    return CoordinatorRefusedJoin(code=code) if known is None else known()
