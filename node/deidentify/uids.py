"""The form of a UID. Source: PS3.5 section 9.1."""

from __future__ import annotations

import re
from typing import Final

_PLAIN: Final = re.compile(r"(?=.{1,64}$)[0-2](\.(0|[1-9]\d*))+")


def is_plain_uid(uid: str) -> bool:
    """Whether the text is a UID by its form and nothing else."""
    return _PLAIN.fullmatch(uid) is not None
