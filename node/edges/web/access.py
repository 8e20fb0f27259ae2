"""Who may ask for what: one rule per route, as data. A route without a rule does not exist for anyone.

Rules are about roles. Whose assignment it is, and what a reader may know, is decided in `labeling.blinding`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from node.readers.roles import Role

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

    def allows(self, roles: frozenset[Role]) -> bool:
        """True when a signed-in person with these roles may."""
        return isinstance(self.who, Who) or not self.who.isdisjoint(roles)


def _only(*roles: Role, max_body_bytes: int = 64 * KIBIBYTE) -> Rule:
    return Rule(frozenset(roles), max_body_bytes)


_PUBLIC, _SIGNED_IN = Rule(Who.PUBLIC), Rule(Who.SIGNED_IN)
_R = Role

RULES: dict[tuple[str, str], Rule] = {
    ("GET", "/api/health"): _PUBLIC,
    ("POST", "/api/session"): _PUBLIC,
    ("GET", "/api/session"): _SIGNED_IN,
    ("DELETE", "/api/session"): _SIGNED_IN,
    ("PUT", "/api/session/password"): _SIGNED_IN,
    ("PUT", "/api/session/language"): _SIGNED_IN,
    ("GET", "/api/people"): _only(_R.IT),
    ("POST", "/api/people"): _only(_R.IT),
    ("PUT", "/api/people/{person_id}/standing"): _only(_R.IT),
    ("POST", "/api/people/{person_id}/login-code"): _only(_R.IT),
    ("GET", "/api/departments"): _only(_R.IT, _R.LEAD),
    ("GET", "/api/schemas"): _only(_R.LEAD, _R.READER),
    ("GET", "/api/projects"): _only(_R.LEAD, _R.READER),
    ("POST", "/api/projects"): _only(_R.LEAD),
    ("GET", "/api/projects/{project_id}"): _only(_R.LEAD),
    ("POST", "/api/projects/{project_id}/open"): _only(_R.LEAD),
    ("POST", "/api/projects/{project_id}/cases"): _only(_R.LEAD),
    ("PUT", "/api/projects/{project_id}/holdout"): _only(_R.LEAD, max_body_bytes=4096 * KIBIBYTE),
    ("GET", "/api/projects/{project_id}/progress"): _only(_R.LEAD),
    ("GET", "/api/projects/{project_id}/consensus"): _only(_R.LEAD),
    ("GET", "/api/worklist"): _only(_R.READER),
    ("POST", "/api/assignments"): _only(_R.READER),
    ("GET", "/api/assignments/{assignment_id}"): _only(_R.READER),
    ("GET", "/api/assignments/{assignment_id}/draft"): _only(_R.READER),
    ("PUT", "/api/assignments/{assignment_id}/draft"): _only(_R.READER, max_body_bytes=320 * KIBIBYTE),
    ("POST", "/api/assignments/{assignment_id}/reading"): _only(_R.READER, max_body_bytes=256 * KIBIBYTE),
    ("POST", "/api/assignments/{assignment_id}/decline"): _only(_R.READER),
    ("GET", "/api/assignments/{assignment_id}/images/{image_id}/frames/{number}"): _only(_R.READER),
    ("GET", "/api/assignments/{assignment_id}/images/{image_id}/frames/{number}/preview.png"): _only(_R.READER),
    ("GET", "/api/intake"): _only(_R.IT, _R.STEWARD),
    ("GET", "/api/quarantine"): _only(_R.STEWARD),
    ("GET", "/api/audit"): _only(_R.AUDITOR),
    ("GET", "/api/federation"): _only(_R.IT, _R.STEWARD, _R.ETHICS),
    ("GET", "/api/plans"): _only(_R.STEWARD, _R.ETHICS, _R.IT),
    ("GET", "/api/plans/{offer_sha256}"): _only(_R.STEWARD, _R.ETHICS, _R.IT),
    ("POST", "/api/plans/{offer_sha256}/approval"): _only(_R.STEWARD),
    ("POST", "/api/plans/{offer_sha256}/withdrawal"): _only(_R.STEWARD, _R.ETHICS, _R.IT),
    ("GET", "/api/ledger"): _only(_R.IT, _R.STEWARD, _R.ETHICS, _R.AUDITOR),
    ("GET", "/api/ledger/file"): _only(_R.IT, _R.STEWARD, _R.ETHICS, _R.AUDITOR),
    ("GET", "/api/verdicts"): _only(_R.STEWARD, _R.IT, _R.LEAD, _R.ETHICS),
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
