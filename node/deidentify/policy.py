"""What a hospital has chosen of PS3.15's options: the site's policy, one frozen value with a safe default.

Dates move by default, sex and age stay, everything else the options could keep goes. Three options are not offered:
graphics and overlays are always removed, never cleaned, and what was proven about pixels and faces is said by the step
that proved it, not by a policy. Source: PS3.15 E.3; codes PS3.16 CID 7050.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final

from node.ground.texts import Language, text

EDITION: Final = "2026c"


class Dates(StrEnum):
    """What becomes of the dates of a patient."""

    REMOVED = "removed"
    MODIFIED = "modified"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Policy:
    """A site's choice for every option. `times` keeps times of day where dates are moved; moved dates need none."""

    dates: Dates = Dates.MODIFIED
    times: bool = False
    patient: bool = True
    device: bool = False
    institution: bool = False
    uids: bool = False
    safe_private: bool = False
    descriptors: bool = False
    structured: bool = False

    @property
    def keeps_text(self) -> bool:
        """Whether any free text may stay, once cleaned."""
        return self.descriptors or self.structured or self.device or self.institution

    @property
    def keeps_times(self) -> bool:
        """Whether times of day stay."""
        return self.dates is Dates.FULL or (self.times and self.dates is Dates.MODIFIED)


DEFAULT: Final = Policy()
BASIC: Final = ("113100", "Basic Application Confidentiality Profile")
_DATE_OPTIONS: Final = {
    Dates.FULL: ("113106", "Retain Longitudinal Temporal Information Full Dates Option"),
    Dates.MODIFIED: ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
}
_OPTIONS: Final = {
    "structured": ("113104", "Clean Structured Content Option"),
    "descriptors": ("113105", "Clean Descriptors Option"),
    "patient": ("113108", "Retain Patient Characteristics Option"),
    "device": ("113109", "Retain Device Identity Option"),
    "uids": ("113110", "Retain UIDs Option"),
    "safe_private": ("113111", "Retain Safe Private Option"),
    "institution": ("113112", "Retain Institution Identity Option"),
}
# Source: PS3.3 C.12.1.1, Longitudinal Temporal Information Modified (0028,0303).
TEMPORAL: Final = {Dates.REMOVED: "REMOVED", Dates.MODIFIED: "MODIFIED", Dates.FULL: "UNMODIFIED"}


def method_codes(policy: Policy) -> tuple[tuple[str, str], ...]:
    """The code and meaning of the profile and of every option chosen, by code."""
    chosen = {BASIC, *(option for name, option in _OPTIONS.items() if getattr(policy, name))}
    if policy.dates in _DATE_OPTIONS:
        chosen.add(_DATE_OPTIONS[policy.dates])
    return tuple(sorted(chosen))


def in_words(policy: Policy, language: Language) -> list[str]:
    """The policy as sentences, one for each choice, the edition first."""
    said = [text("deidentify.policy_edition", language, edition=EDITION)]
    said.append(text(f"deidentify.policy_dates_{policy.dates.value}", language))
    for name in (field.name for field in fields(policy) if field.name != "dates"):
        answer = "yes" if (policy.keeps_times if name == "times" else getattr(policy, name)) else "no"
        said.append(text(f"deidentify.policy_{name}_{answer}", language))
    codes = ", ".join(code for code, _ in method_codes(policy))
    said.append(text("deidentify.policy_codes", language, codes=codes))
    return said
