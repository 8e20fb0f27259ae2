"""Free text in a reading: it can be stored and read back by its own node, and nothing that leaves has room for it.

What an export, a cohort or a payload takes is a `labeling.leaving.LeavingAnswer`, which is made without it.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, RootModel, StringConstraints

from protocols.labels import MAX_TEXT_CHARACTERS


class InsideText(RootModel[Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT_CHARACTERS)]]):
    """What somebody typed. It stays in the hospital, and is not shown where a value is printed."""

    model_config = ConfigDict(frozen=True)

    def __repr__(self) -> str:
        return "InsideText(…)"

    def __str__(self) -> str:
        return "…"
