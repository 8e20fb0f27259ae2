"""Label files from outside are read by a child behind the sandbox's walls: bytes in, tables or a refusal out.

The parent sends one JSON line with the schema, the cases and the files; the child answers one, whose tables are those
of an export (`formats.tables`), which are read back here. The child reads one import and ends; since what it read may
have taken it over, its answer is bounded and parsed like anything from outside.
"""

from __future__ import annotations

import base64
import importlib
import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from node.edges.sandbox.walls import SandboxLimits, allow_processor_seconds, enclose
from node.labeling.formats.exported import CaseLabels, ProjectLabels
from node.labeling.formats.incoming_file import FileFault, FileRefused, IncomingFile, Part, Said
from node.labeling.formats.tables import read_readings, read_votes, write_readings, write_votes
from node.labeling.outside import CASE_NAME
from protocols.labels import LabelSchema

MOST_BYTES: Final = 256 * 2**20
"""Of one import, all files together."""
_LIMITS: Final = SandboxLimits(address_space_bytes=4 * 2**30, processor_seconds=300, wall_seconds=900.0)
_HOME_OF_THE_PACKAGES: Final = Path(__file__).resolve().parents[3]
_ENVIRONMENT: Final = {"LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"}


@dataclass(frozen=True, slots=True)
class EnclosedLabelFiles:
    """Implements `LabelFiles`."""

    limits: SandboxLimits = _LIMITS
    answer_bytes: int = 2 * MOST_BYTES
    """The most that a child may answer."""

    def read(self, files: Sequence[IncomingFile], cases: Mapping[str, str], schema: LabelSchema) -> Said:
        """What the files say. Raises: FileRefused, also where they cost the child more than it has."""
        if sum(len(one.contents) for one in files) > MOST_BYTES:
            raise FileRefused(files[0].name, FileFault.TOO_LARGE)
        asked = {
            "schema": schema.model_dump_json(),
            "cases": dict(cases),
            "files": [[one.name, base64.b64encode(one.contents).decode()] for one in files],
        }
        answer = self._asked(json.dumps(asked).encode())
        names = [one.name for one in files] or [""]
        if answer is None:
            raise FileRefused(names[0], FileFault.TOO_LARGE)
        said = taken(answer, names)
        if isinstance(said, FileRefused):
            raise said
        return said

    def _asked(self, question: bytes) -> bytes | None:
        """The child's answer; none where it ended without one, or says too much."""
        bounds = [str(self.limits.address_space_bytes), str(self.limits.processor_seconds)]
        with subprocess.Popen(
            [sys.executable, "-s", "-m", "node.edges.sandbox.label_files", *bounds],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_HOME_OF_THE_PACKAGES,
            env=_ENVIRONMENT,
        ) as child:
            ends = threading.Timer(self.limits.wall_seconds, child.kill)
            ends.start()
            try:
                return _exchanged(child, question, self.answer_bytes)
            finally:
                ends.cancel()
                child.kill()


def _exchanged(child: subprocess.Popen[bytes], question: bytes, most: int) -> bytes | None:
    """The child reads the whole question before it answers, so neither waits for the other."""
    if child.stdin is None or child.stdout is None:
        return None
    try:
        with child.stdin:
            child.stdin.write(question)
    except BrokenPipeError:
        return None
    answer = child.stdout.read(most + 1)
    return None if len(answer) > most or child.wait() != 0 else answer


class _Refusal(BaseModel):
    """Why nothing was taken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    fault: FileFault
    place: tuple[Part, Annotated[str, Field(pattern=rf"^([0-9]{{1,9}}|{CASE_NAME.pattern})$")]] | None


class _Tables(BaseModel):
    """What the files say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    votes: str
    readings: str


_ANSWER: Final = TypeAdapter[_Refusal | _Tables](_Refusal | _Tables)


def taken(answer: bytes, names: Sequence[str]) -> Said | FileRefused:
    """What the child answered about the files of these names."""
    try:
        said = _ANSWER.validate_json(answer)
        if isinstance(said, _Tables):
            return Said(read_votes(said.votes.encode()), read_readings(said.readings.encode()))
    except Exception:  # noqa: BLE001 - from a child that hostile bytes may have taken over
        return FileRefused(names[0], FileFault.NOT_READABLE)
    return FileRefused(said.file if said.file in names else names[0], said.fault, said.place)


def answered(question: bytes) -> dict[str, Any]:
    """What the child answers."""
    from node.labeling.formats.incoming import read_labels  # DICOM libraries: the parent needs none

    asked = json.loads(question)
    files = [IncomingFile(name, base64.b64decode(contents)) for name, contents in asked["files"]]
    schema = LabelSchema.model_validate_json(asked["schema"])
    try:
        said = read_labels(files, asked["cases"], schema)
    except FileRefused as refused:
        return {"file": refused.file, "fault": refused.fault.value, "place": refused.place}
    cases = sorted({*said.votes, *said.readings})
    labels = ProjectLabels(
        schema, tuple(CaseLabels(one, (), said.votes.get(one, ()), said.readings.get(one, ())) for one in cases)
    )
    return {"votes": write_votes(labels).decode(), "readings": write_readings(labels).decode()}


def main(address_space_bytes: int, processor_seconds: int) -> None:
    """Answers the one question on standard input."""
    from node.edges.sandbox.child import load_everything

    load_everything()
    importlib.import_module("node.labeling.formats.incoming")
    question = sys.stdin.buffer.read()
    enclose(address_space_bytes)
    allow_processor_seconds(processor_seconds)
    sys.stdout.buffer.write(json.dumps(answered(question)).encode())
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
