"""Who may ask for what: one rule per route, as data. A route without a rule does not exist for anyone.

Rules are about roles. Whose assignment it is, and what a reader may know, is decided in `labeling.blinding`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from node.readers.roles import READS_BLIND, Role

KIBIBYTE = 1024


class Who(Enum):
    """Rules that name no role."""

    PUBLIC = "public"
    SIGNED_IN = "signed-in"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use a route, and how large a request may be."""

    who: Who | frozenset[Role]
    max_body_bytes: int = 64 * KIBIBYTE
    never: frozenset[Role] = frozenset()
    """Whoever holds one of these may not, whatever other roles they hold."""
    machines: bool = False
    """A token of one of the roles is let in too."""
    streamed: bool = False
    """The route reads its body itself, piece by piece, and bounds it."""

    def allows(self, roles: frozenset[Role]) -> bool:
        """True when a signed-in person with these roles may."""
        return isinstance(self.who, Who) or not (self.who.isdisjoint(roles) or self.never.intersection(roles))


def _only(*roles: Role, max_body_bytes: int = 64 * KIBIBYTE) -> Rule:
    return Rule(frozenset(roles), max_body_bytes)


_PUBLIC, _SIGNED_IN = Rule(Who.PUBLIC), Rule(Who.SIGNED_IN)
_R = Role
_READS = (_R.READER, _R.LABELER)
_PAID = (*_READS, _R.ADJUDICATOR)
# Every clean image of the node is seen by those who answer for them or choose cases from them, and never by somebody
# who reads blind: other studies of a patient are what an assignment does not show.
_SEES_ALL_IMAGES = Rule(frozenset({_R.STEWARD, _R.LEAD}), never=READS_BLIND, machines=True)
_STORES_IMAGES = Rule(frozenset({_R.STEWARD, _R.IT}), never=READS_BLIND, machines=True, streamed=True)
# Who could sign in as a second person, or reads blind, is neither of the two that re-identification takes.
_ASKS_WHO = Rule(frozenset({_R.STEWARD, _R.CLINICIAN}), never=READS_BLIND | {_R.IT})
_DECIDES_WHO = Rule(frozenset({_R.ETHICS}), never=READS_BLIND | {_R.IT})
# Readings, how well they agree and what they say together are not for anybody who may be given the case yet: not for
# those who held two roles before these were set apart either. Single cases are withheld in `labeling.blinding`.
_SEES_READINGS = Rule(frozenset({_R.LEAD}), never=READS_BLIND)
# A statement counts what readers read.
_PAYS = Rule(frozenset({_R.FUND_HOLDER}), never=READS_BLIND)
# A course's gold and the results of learners are for nobody who is taught or reads blind.
_TEACHES = Rule(frozenset({_R.TRAINER}), never=READS_BLIND)
# What one reader raised is another reader's act: nobody who reads blind hears of it.
_ANSWERS_CONCERNS = Rule(frozenset({_R.STEWARD, _R.CLINICIAN}), never=READS_BLIND)

RULES: dict[tuple[str, str], Rule] = {
    ("GET", "/api/health"): _PUBLIC,
    ("POST", "/api/session"): _PUBLIC,
    ("GET", "/api/session"): _SIGNED_IN,
    ("DELETE", "/api/session"): _SIGNED_IN,
    ("GET", "/api/session/stroke-key"): _only(*READS_BLIND),
    ("PUT", "/api/session/password"): _SIGNED_IN,
    ("PUT", "/api/session/language"): _SIGNED_IN,
    ("GET", "/api/people"): _only(_R.IT),
    ("POST", "/api/people"): _only(_R.IT),
    ("PUT", "/api/people/{person_id}/standing"): _only(_R.IT),
    ("POST", "/api/people/{person_id}/login-code"): _only(_R.IT),
    ("PUT", "/api/people/{person_id}/licence"): _only(_R.IT),
    ("DELETE", "/api/people/{person_id}/licence"): _only(_R.IT),
    ("GET", "/api/departments"): _PUBLIC,
    ("POST", "/api/departments"): _only(_R.IT),
    ("POST", "/api/applications"): Rule(Who.PUBLIC, max_body_bytes=4 * KIBIBYTE),
    ("GET", "/api/applications"): _only(_R.IT),
    ("POST", "/api/applications/{application_id}/taking"): _only(_R.IT),
    ("POST", "/api/applications/{application_id}/refusal"): _only(_R.IT),
    ("GET", "/api/pledge"): _only(_R.LABELER),
    ("PUT", "/api/pledge"): _only(_R.LABELER),
    ("GET", "/api/certificates/own"): _only(_R.LABELER),
    ("GET", "/api/certificates/own/{task}/file"): _only(_R.LABELER),
    ("GET", "/api/labelers"): _only(_R.TRAINER),
    ("PUT", "/api/labelers/{person_id}/certificates/{task}"): _only(_R.TRAINER),
    ("DELETE", "/api/labelers/{person_id}/certificates/{task}"): _only(_R.TRAINER),
    ("POST", "/api/labelers/{person_id}/certificates/{task}/confirmation"): _TEACHES,
    ("GET", "/api/authoring/courses"): _TEACHES,
    ("PUT", "/api/authoring/courses"): Rule(frozenset({_R.TRAINER}), 1024 * KIBIBYTE, never=READS_BLIND),
    ("GET", "/api/authoring/courses/{code}"): _TEACHES,
    ("GET", "/api/authoring/courses/{code}/gold"): _TEACHES,
    ("POST", "/api/authoring/courses/{code}/gold"): _TEACHES,
    ("POST", "/api/authoring/courses/{code}/opening"): _TEACHES,
    ("GET", "/api/authoring/examined"): _TEACHES,
    ("POST", "/api/authoring/examined/{person_id}/results"): _TEACHES,
    ("GET", "/api/courses"): _only(*_READS),
    ("GET", "/api/courses/{code}"): _only(*_READS),
    ("POST", "/api/courses/{code}/items/{item}/showing"): _only(*_READS),
    ("POST", "/api/courses/{code}/items/{item}/answer"): _only(*_READS),
    ("POST", "/api/courses/{code}/exam"): _only(*_READS),
    ("GET", "/api/showings/{showing_id}/images/{image_id}/frames/{number}/preview.png"): _only(*_READS),
    ("GET", "/api/exams/own"): _only(*_READS),
    ("GET", "/api/exams/{attempt_id}"): _only(*_READS),
    ("PUT", "/api/exams/{attempt_id}/items/{number}"): _only(*_READS),
    ("POST", "/api/exams/{attempt_id}/handing-in"): _only(*_READS),
    ("GET", "/api/exams/{attempt_id}/result"): _only(*_READS),
    ("GET", "/api/open-work"): _only(*_READS),
    ("GET", "/api/projects/{project_id}/rate"): _only(_R.LEAD, _R.FUND_HOLDER),
    ("PUT", "/api/projects/{project_id}/rate"): _only(_R.FUND_HOLDER),
    ("PUT", "/api/people/{person_id}/payment-category"): _only(_R.IT),
    ("GET", "/api/pay/categories"): _only(_R.IT),
    ("GET", "/api/pay/projects"): _PAYS,
    ("GET", "/api/pay/months/{month}"): _PAYS,
    ("POST", "/api/pay/months/{month}/closing"): _PAYS,
    ("GET", "/api/pay/statements/{statement_id}"): _PAYS,
    ("GET", "/api/pay/statements/{statement_id}/file"): _PAYS,
    ("GET", "/api/pay/statements/{statement_id}/print"): _PAYS,
    ("POST", "/api/pay/statements/{statement_id}/corrections"): _PAYS,
    ("GET", "/api/pay/own"): _only(*_PAID),
    ("GET", "/api/pay/own/statements/{statement_id}/file"): _only(*_PAID),
    ("GET", "/api/pay/own/statements/{statement_id}/print"): _only(*_PAID),
    ("GET", "/api/pay/own/verdicts/{month}"): _only(*_READS),
    ("POST", "/api/pay/own/verdicts/{month}/contests"): _only(*_READS),
    ("GET", "/api/projects/{project_id}/fairness"): Rule(frozenset({_R.LEAD}), never=READS_BLIND),
    ("GET", "/api/projects/{project_id}/contests"): Rule(frozenset({_R.LEAD}), never=READS_BLIND),
    ("POST", "/api/projects/{project_id}/contests/decision"): Rule(frozenset({_R.LEAD}), never=READS_BLIND),
    ("GET", "/api/schemas"): _only(_R.LEAD, _R.TRAINER, *READS_BLIND),
    ("GET", "/api/projects"): _only(_R.LEAD, _R.READER),
    ("POST", "/api/projects"): _only(_R.LEAD),
    ("GET", "/api/projects/{project_id}"): _only(_R.LEAD),
    ("POST", "/api/projects/{project_id}/open"): _only(_R.LEAD),
    ("POST", "/api/projects/{project_id}/pilot"): _only(_R.LEAD),
    ("GET", "/api/projects/{project_id}/pilot"): _SEES_READINGS,
    ("POST", "/api/projects/{project_id}/freeze"): _only(_R.LEAD),
    ("POST", "/api/projects/{project_id}/archive"): _only(_R.LEAD),
    ("PUT", "/api/projects/{project_id}/permission"): _only(_R.LEAD),
    ("PUT", "/api/projects/{project_id}/guideline"): _SEES_READINGS,
    ("GET", "/api/projects/{project_id}/guideline"): _only(_R.LEAD),
    ("PUT", "/api/projects/{project_id}/schema"): _SEES_READINGS,
    ("GET", "/api/projects/{project_id}/rules"): _only(_R.LEAD),
    ("PUT", "/api/projects/{project_id}/rules"): _only(_R.LEAD),
    ("PUT", "/api/projects/{project_id}/cases/marks"): _only(_R.LEAD),
    ("GET", "/api/projects/{project_id}/cases"): _only(_R.LEAD),
    ("GET", "/api/projects/{project_id}/cases/{case_id}/places"): _SEES_READINGS,
    ("POST", "/api/projects/{project_id}/cases/{case_id}/reassignment"): _only(_R.LEAD),
    ("POST", "/api/projects/{project_id}/cases"): _only(_R.LEAD),
    ("PUT", "/api/projects/{project_id}/holdout"): _only(_R.LEAD, max_body_bytes=4096 * KIBIBYTE),
    ("GET", "/api/projects/{project_id}/progress"): _SEES_READINGS,
    ("GET", "/api/projects/{project_id}/consensus"): _SEES_READINGS,
    ("GET", "/api/projects/{project_id}/fusion"): _SEES_READINGS,
    ("PUT", "/api/projects/{project_id}/fusion"): _SEES_READINGS,
    ("GET", "/api/projects/{project_id}/shapes"): _SEES_READINGS,
    ("PUT", "/api/projects/{project_id}/gold"): _only(_R.LEAD, max_body_bytes=4096 * KIBIBYTE),
    ("GET", "/api/projects/{project_id}/agreement"): _SEES_READINGS,
    ("GET", "/api/projects/{project_id}/outside-readings"): _SEES_READINGS,
    ("GET", "/api/projects/{project_id}/extra-reads"): _SEES_READINGS,
    ("PUT", "/api/projects/{project_id}/extra-reads"): _SEES_READINGS,
    ("DELETE", "/api/projects/{project_id}/extra-reads"): _SEES_READINGS,
    ("GET", "/api/projects/{project_id}/repeats"): _only(_R.LEAD),
    ("PUT", "/api/projects/{project_id}/repeats"): _only(_R.LEAD),
    ("DELETE", "/api/projects/{project_id}/repeats"): _only(_R.LEAD),
    ("GET", "/api/agreement/own"): _only(*_READS),
    ("POST", "/api/projects/{project_id}/adjudications"): _SEES_READINGS,
    ("GET", "/api/projects/{project_id}/adjudications"): _SEES_READINGS,
    ("GET", "/api/adjudications"): _only(_R.ADJUDICATOR),
    ("POST", "/api/adjudications/{adjudication_id}/taking"): _only(_R.ADJUDICATOR),
    ("GET", "/api/adjudications/{adjudication_id}/opinions"): _only(_R.ADJUDICATOR),
    ("POST", "/api/adjudications/{adjudication_id}/verdict"): _only(_R.ADJUDICATOR),
    ("GET", "/api/worklist"): _only(*_READS),
    ("POST", "/api/assignments"): _only(*_READS),
    ("GET", "/api/assignments/{assignment_id}"): _only(*READS_BLIND),
    ("GET", "/api/assignments/{assignment_id}/draft"): _only(*READS_BLIND),
    ("PUT", "/api/assignments/{assignment_id}/draft"): _only(*READS_BLIND, max_body_bytes=1280 * KIBIBYTE),
    ("GET", "/api/assignments/{assignment_id}/draft/changes"): _only(*READS_BLIND),
    ("POST", "/api/assignments/{assignment_id}/draft/changes"): _only(*READS_BLIND, max_body_bytes=1280 * KIBIBYTE),
    ("POST", "/api/assignments/{assignment_id}/reading"): _only(*READS_BLIND, max_body_bytes=1280 * KIBIBYTE),
    ("GET", "/api/assignments/{assignment_id}/reading"): _only(*READS_BLIND),
    ("POST", "/api/assignments/{assignment_id}/amendment"): _only(*_READS, max_body_bytes=1280 * KIBIBYTE),
    ("POST", "/api/assignments/{assignment_id}/concern"): _only(*READS_BLIND),
    ("POST", "/api/assignments/{assignment_id}/decline"): _only(*READS_BLIND),
    ("GET", "/api/assignments/{assignment_id}/planes"): _only(*READS_BLIND),
    ("GET", "/api/assignments/{assignment_id}/images/{image_id}/frames/{number}"): _only(*READS_BLIND),
    ("GET", "/api/assignments/{assignment_id}/images/{image_id}/frames/{number}/preview.png"): _only(*READS_BLIND),
    ("POST", "/api/assignments/{assignment_id}/images/{image_id}/frames/{number}/statistics"): _only(
        *READS_BLIND, max_body_bytes=1280 * KIBIBYTE
    ),
    ("GET", "/api/assignments/{assignment_id}/prior"): _only(*READS_BLIND),
    ("GET", "/api/assignments/{assignment_id}/prior/images/{image}/frames/{number}"): _only(*READS_BLIND),
    ("POST", "/api/cases/{case_id}/readings/destruction"): Rule(frozenset({_R.STEWARD}), never=READS_BLIND),
    ("GET", "/api/readings/proof"): Rule(frozenset({_R.AUDITOR}), never=READS_BLIND),
    ("GET", "/api/concerns"): _ANSWERS_CONCERNS,
    ("GET", "/api/concerns/open"): Rule(frozenset({_R.STEWARD, _R.CLINICIAN, _R.IT}), never=READS_BLIND),
    ("POST", "/api/concerns/{concern_id}/closing"): _ANSWERS_CONCERNS,
    ("GET", "/api/concerns/{concern_id}/alike"): Rule(frozenset({_R.STEWARD}), never=READS_BLIND),
    ("GET", "/api/intake"): _only(_R.IT, _R.STEWARD),
    ("GET", "/api/quarantine"): _only(_R.STEWARD),
    ("GET", "/api/intake/verdicts"): _only(_R.IT, _R.STEWARD),
    ("GET", "/api/quarantine/{image_id}/frames/{number}/preview.png"): _only(_R.STEWARD),
    ("POST", "/api/quarantine/{image_id}/release"): _only(_R.STEWARD),
    ("POST", "/api/quarantine/{image_id}/deletion"): _only(_R.STEWARD),
    ("GET", "/api/store"): _only(_R.IT),
    ("GET", "/api/tokens"): _only(_R.IT),
    ("POST", "/api/tokens"): _only(_R.IT),
    ("POST", "/api/tokens/{token_id}/revocation"): _only(_R.IT),
    ("GET", "/api/commitments"): _only(_R.IT, _R.STEWARD),
    ("GET", "/api/deidentification"): _only(_R.IT, _R.STEWARD, _R.ETHICS, _R.AUDITOR),
    ("GET", "/api/exclusions"): _only(_R.IT, _R.STEWARD),
    ("POST", "/api/exclusions"): _only(_R.IT, _R.STEWARD, max_body_bytes=4096 * KIBIBYTE),
    ("POST", "/api/exclusions/lifting"): _only(_R.STEWARD, max_body_bytes=4096 * KIBIBYTE),
    ("POST", "/api/exclusions/rounds"): _only(_R.IT, _R.STEWARD, max_body_bytes=4096 * KIBIBYTE),
    ("GET", "/api/reidentifications"): _only(_R.STEWARD, _R.CLINICIAN, _R.ETHICS, _R.AUDITOR),
    ("POST", "/api/reidentifications"): _ASKS_WHO,
    ("POST", "/api/reidentifications/{request_id}/approval"): _DECIDES_WHO,
    ("POST", "/api/reidentifications/{request_id}/refusal"): _DECIDES_WHO,
    ("POST", "/api/reidentifications/{request_id}/withdrawal"): _ASKS_WHO,
    ("POST", "/api/reidentifications/{request_id}/answer"): _ASKS_WHO,
    ("GET", "/api/audit"): Rule(frozenset({_R.AUDITOR}), never=READS_BLIND),
    ("GET", "/api/federation"): _only(_R.IT, _R.STEWARD, _R.ETHICS),
    ("GET", "/api/plans"): _only(_R.STEWARD, _R.ETHICS, _R.IT),
    ("GET", "/api/plans/{offer_sha256}"): _only(_R.STEWARD, _R.ETHICS, _R.IT),
    ("POST", "/api/plans/{offer_sha256}/approval"): _only(_R.STEWARD),
    ("POST", "/api/plans/{offer_sha256}/first-yes"): _only(_R.STEWARD),
    ("POST", "/api/plans/{offer_sha256}/first-yes/{yes_id}/confirmation"): _only(_R.STEWARD),
    ("DELETE", "/api/plans/{offer_sha256}/first-yes/{yes_id}"): _only(_R.STEWARD),
    ("POST", "/api/plans/{offer_sha256}/stop"): _only(_R.STEWARD, _R.ETHICS, _R.IT),
    ("POST", "/api/plans/{offer_sha256}/stop/lifting"): _only(_R.STEWARD, _R.ETHICS, _R.IT),
    ("GET", "/api/peers"): _only(_R.IT, _R.STEWARD, _R.ETHICS),
    ("POST", "/api/peers/{site_id}/comparison"): _only(_R.IT, _R.STEWARD),
    ("POST", "/api/peers/{site_id}/signature"): _only(_R.IT, _R.STEWARD),
    ("POST", "/api/peers/{site_id}/revocation"): _only(_R.IT, _R.STEWARD),
    ("GET", "/api/ledger"): _only(_R.IT, _R.STEWARD, _R.ETHICS, _R.AUDITOR),
    ("GET", "/api/ledger/file"): _only(_R.IT, _R.STEWARD, _R.ETHICS, _R.AUDITOR),
    ("GET", "/api/ledger/root"): _only(_R.IT, _R.STEWARD, _R.ETHICS, _R.AUDITOR),
    ("GET", "/api/verdicts"): _only(_R.STEWARD, _R.IT, _R.LEAD, _R.ETHICS),
}


_WEB: Final = "/api/dicomweb"
_STUDY: Final = _WEB + "/studies/{study_uid}"
_SERIES: Final = _STUDY + "/series/{series_uid}"
_INSTANCE: Final = _SERIES + "/instances/{instance_uid}"
RULES |= {
    ("POST", _WEB + "/studies"): _STORES_IMAGES,
    ("POST", _STUDY): _STORES_IMAGES,
    ("GET", _WEB + "/studies"): _SEES_ALL_IMAGES,
    ("GET", _WEB + "/series"): _SEES_ALL_IMAGES,
    ("GET", _WEB + "/instances"): _SEES_ALL_IMAGES,
    ("GET", _STUDY): _SEES_ALL_IMAGES,
    ("GET", _STUDY + "/metadata"): _SEES_ALL_IMAGES,
    ("GET", _STUDY + "/attached"): _SEES_ALL_IMAGES,
    ("GET", _STUDY + "/series"): _SEES_ALL_IMAGES,
    ("GET", _STUDY + "/instances"): _SEES_ALL_IMAGES,
    ("GET", _SERIES): _SEES_ALL_IMAGES,
    ("GET", _SERIES + "/metadata"): _SEES_ALL_IMAGES,
    ("GET", _SERIES + "/instances"): _SEES_ALL_IMAGES,
    ("GET", _INSTANCE): _SEES_ALL_IMAGES,
    ("GET", _INSTANCE + "/metadata"): _SEES_ALL_IMAGES,
    ("GET", _INSTANCE + "/rendered"): _SEES_ALL_IMAGES,
    ("GET", _INSTANCE + "/frames/{frames}"): _SEES_ALL_IMAGES,
    ("GET", _INSTANCE + "/frames/{frames}/rendered"): _SEES_ALL_IMAGES,
    ("GET", _INSTANCE + "/bulkdata/{path}"): _SEES_ALL_IMAGES,
}


def rule_of(method: str, path: str) -> tuple[str, Rule] | None:
    """The template and rule of the route a request means, or none where there is no such route."""
    segments = path.split("/")
    for template, rule in _BY_SHAPE.get((method, len(segments)), ()):
        if all(part.startswith("{") or part == segment for part, segment in zip(template, segments, strict=True)):
            return "/".join(template), rule
    return None


def methods_of(path: str) -> list[str]:
    """The methods under which there is a route of this path."""
    return sorted({method for method, _ in RULES if rule_of(method, path) is not None})


def _by_shape() -> dict[tuple[str, int], list[tuple[list[str], Rule]]]:
    shapes: dict[tuple[str, int], list[tuple[list[str], Rule]]] = {}
    for (method, template), rule in RULES.items():
        segments = template.split("/")
        shapes.setdefault((method, len(segments)), []).append((segments, rule))
    for routes in shapes.values():
        routes.sort(key=lambda route: sum(part.startswith("{") for part in route[0]))
    return shapes


_BY_SHAPE = _by_shape()
