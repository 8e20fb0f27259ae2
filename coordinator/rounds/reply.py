"""Replies: what a site sent back, believed only as far as its seal and its own words about what it answers.

A seal that holds earns a receipt, whatever is inside; what is inside counts only if it answers exactly what was asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from coordinator.ground.errors import CoordinatorError
from coordinator.membership.site import Site
from coordinator.rounds.instruction import Asked
from coordinator.rounds.run import Step
from protocols.encoding import decode
from protocols.errors import ProtocolError, SignatureRefused
from protocols.results import ErrorReport, EvaluationResult
from protocols.signing import Purpose, unseal
from protocols.updates import ModelUpdate

NOT_SEALED = "not-sealed"
UNREADABLE = "unreadable"
ANSWERS_OTHER = "answers-other"


class ReplyRefused(CoordinatorError):
    """A reply that does not count; `code` says why, `sealed` whether it is the site's at all."""

    def __init__(self, code: str, *, sealed: bool) -> None:
        super().__init__(f"reply refused: {code}")
        self.code = code
        self.sealed = sealed


@dataclass(frozen=True, slots=True)
class UpdateReply:
    """An update that answers what was asked; its tensors are not checked yet."""

    site_id: str
    update: ModelUpdate
    blob: bytes


@dataclass(frozen=True, slots=True)
class ResultReply:
    """What a site measured."""

    site_id: str
    result: EvaluationResult


@dataclass(frozen=True, slots=True)
class Refusal:
    """A site's own refusal, as a code."""

    site_id: str
    code: str


Reply = UpdateReply | ResultReply | Refusal


def read_reply(sealed: bytes, site: Site, asked: Asked) -> Reply:
    """The reply of one site to one step.

    Raises:
        ReplyRefused: not sealed by this site, not readable, or an answer to something else.
    """
    expected = Purpose.UPDATE if asked.step is Step.TRAIN else Purpose.RESULT
    purpose, frame = _opened(sealed, site, expected)
    try:
        if purpose is Purpose.REFUSAL:
            report, _ = decode(frame, ErrorReport, max_bytes=65_536)
            return _refusal(report, site)
        if asked.step is Step.TRAIN:
            update, blob = decode(frame, ModelUpdate)
            _check_answers(update, update.base_model_sha256, site, asked)
            return UpdateReply(site.site_id, update, blob)
        result, _ = decode(frame, EvaluationResult, max_bytes=65_536)
    except ProtocolError:
        raise ReplyRefused(UNREADABLE, sealed=True) from None
    _check_answers(result, result.model_sha256, site, asked)
    return ResultReply(site.site_id, result)


def _opened(sealed: bytes, site: Site, expected: Purpose) -> tuple[Purpose, bytes]:
    for purpose in (expected, Purpose.REFUSAL):
        try:
            return purpose, unseal(sealed, site.identity, purpose)
        except SignatureRefused:
            continue
    raise ReplyRefused(NOT_SEALED, sealed=False)


def _refusal(report: ErrorReport, site: Site) -> Refusal:
    if report.site_id != site.site_id:
        raise ReplyRefused(ANSWERS_OTHER, sealed=True)
    return Refusal(site.site_id, report.code.value)


def _check_answers(message: ModelUpdate | EvaluationResult, model_sha256: str, site: Site, asked: Asked) -> None:
    named = (message.site_id, message.plan_id, message.run_id, message.round, message.attempt, model_sha256)
    wanted = (site.site_id, asked.plan_id, asked.run_id, asked.round, asked.attempt, asked.model_sha256)
    if named != wanted:
        raise ReplyRefused(ANSWERS_OTHER, sealed=True)
