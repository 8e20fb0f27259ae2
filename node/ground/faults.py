"""What is wrong with a configuration, setting by setting, and what the system did not allow: phrases of a sentence."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from node.ground.told import Phrase, Phrases

_TEXTS: Mapping[str, str] = {
    "missing": "ground.fault_missing",
    "extra_forbidden": "ground.fault_unknown",
    "enum": "ground.fault_choice",
    "greater_than": "ground.fault_above",
    "greater_than_equal": "ground.fault_at_least",
    "less_than": "ground.fault_below",
    "less_than_equal": "ground.fault_at_most",
    "string_pattern_mismatch": "ground.fault_ae_title",
    "string_too_short": "ground.fault_shorter",
    "string_too_long": "ground.fault_longer",
}
"""pydantic's kinds of error that have a sentence of their own; any other is told with pydantic's English word."""

_SYSTEM_TEXTS: Mapping[int, str] = {
    errno.ENOENT: "ground.system_missing",
    errno.EACCES: "ground.system_forbidden",
    errno.EPERM: "ground.system_forbidden",
    errno.EISDIR: "ground.system_directory",
    errno.ENOTDIR: "ground.system_no_directory",
    errno.EEXIST: "ground.system_exists",
    errno.ENOSPC: "ground.system_full",
    errno.EROFS: "ground.system_read_only",
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
    return Phrase("ground.system_other", {"reason": error.strerror or error}) if known is None else Phrase(known)


def _fault(item: Mapping[str, Any]) -> Phrase:
    context = item.get("ctx", {})
    objection = context.get("error")
    where = ".".join(map(str, item["loc"]))
    if isinstance(objection, Objection):
        return Phrase(objection.text_key, {"where": where})
    return Phrase(_TEXTS.get(item["type"], "ground.fault_other"), {**context, "where": where, "reason": item["msg"]})
