"""Scripted readers: they see what the API shows a reader and answer from the picture alone, wrong at a stated rate."""

from __future__ import annotations

import hashlib

from deploy.demo.films import Film, pixel_key
from deploy.demo.processes import StepFailed
from deploy.demo.staff import Person

ERROR_RATE = 0.08
"""Each reader's chance of a wrong answer; three such readers' majority is wrong on about 1.8 % of cases."""


class ScriptedReader:
    """One reader at a node's public HTTP API."""

    def __init__(self, address: str, code: str, name: str, known: dict[str, Film], error_rate: float) -> None:
        self._person = Person(address, code)
        self._name = name
        self._known = known
        self._error_rate = error_rate

    def read_until_done(self, project_id: str, cases: int) -> int:
        """Every case the node offered this reader has a reading; how many.

        Raises:
            StepFailed: the node offers more cases than the project has.
        """
        for count in range(cases + 1):
            assignment = self._person.post("/api/assignments", {"project_id": project_id})
            if assignment is None:
                self._person.close()
                return count
            self._read(assignment)
        raise StepFailed(f"{self._name} was offered more than the {cases} cases there are", process="node web")

    def _read(self, assignment: dict[str, object]) -> None:
        number = assignment["assignment_id"]
        image = assignment["images"][0]  # type: ignore[index]  # JSON of the API
        frame = self._person.frame(f"/api/assignments/{number}/images/{image['image_id']}/frames/1")
        film = self._known.get(pixel_key(frame.content, int(frame.headers["X-Rows"]), int(frame.headers["X-Columns"])))
        answer: dict[str, object] = {"question": "abnormal", "abstention": "not-assessable"}
        if film is not None:
            answer = {"question": "abnormal", "option": "present" if self._opinion(film) else "absent"}
        self._person.post(
            f"/api/assignments/{number}/reading", {"answers": [{**answer, "confidence": 0.9}], "seconds_active": 5}
        )

    def _opinion(self, film: Film) -> bool:
        """The film's label, or its opposite as often as the error rate says; the same on every run."""
        digest = hashlib.sha256(f"{self._name}|{film.sop_instance_uid}".encode()).digest()
        wrong = int.from_bytes(digest[:8], "big") / 2**64 < self._error_rate
        return bool(film.label) != wrong
