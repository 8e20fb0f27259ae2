"""What one reader of the crowd does next, and what the node acknowledged to them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from benchmarks.crowd_320.line import Line

STROKES = 3
DECLINES_EVERY = 50
LOOKS_EVERY = 4


class Unexpected(RuntimeError):
    """The node answered what no reader should meet."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The last change set that was acknowledged of an assignment."""

    version: int
    change_set_id: str


@dataclass(slots=True)
class Reader:
    """Takes a case, draws three strokes, submits; now and then looks at the worklist or declines."""

    line: Line
    number: int
    taken: list[tuple[str, str]] = field(default_factory=list)
    """Assignment and case of every sheet that came, in order."""
    readings: list[str] = field(default_factory=list)
    declined: list[str] = field(default_factory=list)
    saved: dict[str, Saved] = field(default_factory=dict)
    held: str | None = None
    strokes: int = 0
    finished: int = 0
    looked: bool = False

    async def sign_in(self, code: str) -> None:
        """The reader has a session."""
        status, answer, cookie = await self.line.ask("POST", "/api/session", {"code": code})
        self._check(status, 200, answer)
        self.line.headers |= {"Cookie": cookie.partition(";")[0], "X-Intramuros-CSRF": answer["csrf"]}

    async def act(self) -> str:
        """The next action has been answered; its name."""
        if self.held is None:
            if self.finished % LOOKS_EVERY == LOOKS_EVERY - 1 and not self.looked:
                return await self._look()
            return await self._take()
        if self.strokes < STROKES:
            return await self._stroke(self.held)
        if (self.number + self.finished) % DECLINES_EVERY == DECLINES_EVERY - 1:
            return await self._decline(self.held)
        return await self._submit(self.held)

    async def _look(self) -> str:
        status, answer, _ = await self.line.ask("GET", "/api/worklist")
        self._check(status, 200, answer)
        self.looked = True
        return "worklist"

    async def _take(self) -> str:
        status, sheet, _ = await self.line.ask("POST", "/api/assignments", {"project_id": None})
        self._check(status, 201, sheet)
        self.held, self.strokes, self.looked = sheet["assignment_id"], 0, False
        self.taken.append((sheet["assignment_id"], sheet["case_id"]))
        return "next case"

    async def _stroke(self, held: str) -> str:
        change_set_id = str(uuid.uuid4())
        body = {"change_set_id": change_set_id, "body": {f"stroke-{self.strokes}": [[1, 2], [3, 4]] * 20}}
        path, condition = f"/api/assignments/{held}/draft/changes", {"If-Match": f'"{self.strokes}"'}
        status, answer, _ = await self.line.ask("POST", path, body, condition)
        self._check(status, 200, answer)
        self.strokes = answer["version"]
        self.saved[held] = Saved(answer["version"], change_set_id)
        return "stroke"

    async def _submit(self, held: str) -> str:
        answers = [{"question": "abnormal", "option": "present" if self.number % 2 else "absent"}]
        body = {"answers": answers, "seconds_active": 20.0, "provenance": {"page": "bench"}}
        key = {"Idempotency-Key": held}
        status, answer, _ = await self.line.ask("POST", f"/api/assignments/{held}/reading", body, key)
        self._check(status, 201, answer)
        self.readings.append(answer["reading_id"])
        self._let_go(held)
        return "submit"

    async def _decline(self, held: str) -> str:
        status, answer, _ = await self.line.ask("POST", f"/api/assignments/{held}/decline", {"reason": "no-time"})
        self._check(status, 204, answer)
        self.declined.append(held)
        self._let_go(held)
        return "decline"

    def _let_go(self, held: str) -> None:
        self.saved.pop(held, None)
        self.held = None
        self.finished += 1

    def _check(self, status: int, wanted: int, answer: Any) -> None:
        if status != wanted:
            raise Unexpected(f"reader {self.number}: {status} in place of {wanted}: {answer}")
