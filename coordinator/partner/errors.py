"""What the partner's client refuses or meets, each with its exit code."""

from __future__ import annotations

from coordinator.partner.words import say


class PartnerError(Exception):
    """Something did not work; the text of the key says what and what to do, in the terminal's language."""

    exit_code = 1

    def __init__(self, key: str, /, **fields: object) -> None:
        super().__init__(say(key, **fields))


class NotReady(PartnerError):
    """The client has no keys or is not connected yet, or a file is missing or damaged."""


class Unreachable(PartnerError):
    """The coordinator did not answer, or showed a certificate of another authority."""

    exit_code = 3


class NoAnswer(Unreachable):
    """Nothing answered at the coordinator's address; the same question may work later."""


class Refused(PartnerError):
    """The coordinator refused; its reasons are in the sentence."""

    exit_code = 4


class ReleaseRefused(PartnerError):
    """What came is not the release that the coordinator sealed; nothing was written."""

    exit_code = 5
