"""The short ways to DICOMweb, counted: which of them answered, and which left the request to its route."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from node.edges.dicomweb.parts import DicomwebParts
from node.edges.dicomweb.quick import Shortcut, shortcuts


class Counted:
    """Shortcuts that remember what each of them said."""

    def __init__(self) -> None:
        self.parts: DicomwebParts | None = None
        self.answered: list[bool] = []
        self.counts = "/frames/"

    def table(self) -> Mapping[tuple[str, str], Shortcut]:
        def counting(route: tuple[str, str]) -> Shortcut:
            async def counted(scope: Any, send: Any) -> bool:
                assert self.parts is not None
                answered = await shortcuts(self.parts)[route](scope, send)
                if self.counts in route[1]:
                    self.answered.append(answered)
                return answered

            return counted

        routes = shortcuts(self.parts)  # type: ignore[arg-type]  # the routes are the same for any parts
        return {route: counting(route) for route in routes}
