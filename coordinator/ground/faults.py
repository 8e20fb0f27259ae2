"""What is wrong with a configuration, setting by setting, and what the system did not allow: phrases of a sentence."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from coordinator.ground.told import Phrase, Phrases

_TEXTS: Mapping[str, str] = {
    "missing": "refusals.fault-missing",
    "extra_forbidden": "refusals.fault-unknown",
    "enum": "refusals.fault-choice",
    "greater_than": "refusals.fault-above",
    "greater_than_equal": "refusals.fault-at-least",
    "less_than": "refusals.fault-below",
    "less_than_equal": "refusals.fault-at-most",
    "string_pattern_mismatch": "refusals.fault-address",
    "string_too_short": "refusals.fault-shorter",
    "string_too_long": "refusals.fault-longer",
}
"""pydantic's kinds of error that have a sentence of their own; any other is told with pydantic's English word."""

_SYSTEM_TEXTS: Mapping[int, str] = {
    errno.ENOENT: "refusals.system-missing",
    errno.EACCES: "refusals.system-forbidden",
    errno.EPERM: "refusals.system-forbidden",
    errno.EISDIR: "refusals.system-directory",
    errno.ENOTDIR: "refusals.system-no-directory",
    errno.EADDRINUSE: "refusals.system-port-taken",
    errno.EADDRNOTAVAIL: "refusals.system-other-machine",
    errno.EEXIST: "refusals.system-exists",
    errno.ENOSPC: "refusals.system-full",
    errno.EROFS: "refusals.system-read-only",
}
"""What a system answers to a file or an address; any other is told with the system's English word."""


class Objection(ValueError):
    """A value that a rule of ours refuses; `text_key` is the phrase for people, raised inside a validator."""

    def __init__(self, text_key: str) -> None:
        super().__init__(text_key)
        self.text_key = text_key


def faults(error: ValidationError) -> Phrases:
    """Every setting that is wrong, by its name, and why."""
    return Phrases(tuple(_fault(item) for item in error.errors()))


def system_fault(error: OSError) -> Phrase:
    """Why the system did not do what it was asked."""
    known = _SYSTEM_TEXTS.get(error.errno or 0)
    return Phrase("refusals.system-other", {"reason": error.strerror or error}) if known is None else Phrase(known)


def _fault(item: Mapping[str, Any]) -> Phrase:
    context = item.get("ctx", {})
    objection = context.get("error")
    where = ".".join(map(str, item["loc"]))
    if isinstance(objection, Objection):
        return Phrase(objection.text_key, {"where": where})
    return Phrase(_TEXTS.get(item["type"], "refusals.fault-other"), {**context, "where": where, "reason": item["msg"]})
