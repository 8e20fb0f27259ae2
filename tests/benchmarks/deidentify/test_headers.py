"""deid-anonymizer, deid-deid: headers de-identified per second and core, in turn, from file to file in one process."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from benchmarks.deidentify.corpus import write_corpus
from benchmarks.deidentify.sides import Side, deid, dicom_anonymizer, headers_a_cpu_second, ours
from benchmarks.interleaved import interleaved
from benchmarks.measured import Measured, measure, now, versions
from sqlalchemy import Engine

from node.storage.engine import Database, open_engine
from node.storage.migrate import upgrade

SHORT_FILES, FULL_FILES = 40, 300
PAIRS_SHORT, PAIRS_FULL = 3, 7
SCOPE = (
    "Both sides read a CT file of 512 KiB and write a file, one thread each; processor time of the process, so that"
    " other work on the machine weighs little. Neither side looks at pixels here."
)
OURS = (
    "Ours: the whole pinned table with dates moved and times, patient characteristics, device, institution, safe"
    " private, descriptors and structured content on; two passes over the header, because the one that parses never"
    " sees the key; an audit event for each file in the intake database. Not in it: the pipe to the sandbox process."
)
PEERS = "The peers run their defaults: they clean no text (descriptions go), keep no interval and write no audit."
NOTES = (SCOPE, OURS, PEERS)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_engine(Database.INTAKE, tmp_path)
    upgrade(Database.INTAKE, made)
    yield made
    made.dispose()


@pytest.mark.bench("deid-anonymizer")
def test_headers_against_dicom_anonymizer(
    tmp_path: Path, engine: Engine, short: bool, seconds_allowed: float, keep: Callable[[Measured], None]
) -> None:
    keep(compared("deid-anonymizer", dicom_anonymizer, ours(engine), tmp_path, short=short, seconds=seconds_allowed))


@pytest.mark.bench("deid-deid")
@pytest.mark.filterwarnings("ignore")
def test_headers_against_deid(
    tmp_path: Path, engine: Engine, short: bool, seconds_allowed: float, keep: Callable[[Measured], None]
) -> None:
    keep(compared("deid-deid", deid, ours(engine), tmp_path, short=short, seconds=seconds_allowed))


def compared(name: str, peer: Side, mine: Side, folder: Path, *, short: bool, seconds: float) -> Measured:
    """Both sides over the same files in turn; what comes first into the caches is warmed on both."""
    began, started, load = time.monotonic(), now(), os.getloadavg()[0]
    source, out = folder / "in", folder / "out"
    for made in (source, out):
        made.mkdir()
    elements = write_corpus(source, SHORT_FILES if short else FULL_FILES)
    files = sorted(source.iterdir())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for side in (mine, peer):
            side(files[:4], out)
        samples = interleaved(
            lambda: [headers_a_cpu_second(mine, files, out)],
            lambda: [headers_a_cpu_second(peer, files, out)],
            pairs_max=PAIRS_SHORT if short else PAIRS_FULL,
            until=began + seconds * 0.6,
        )
    told = versions("dicom-anonymizer", "deid", "pydicom")
    notes = [
        *NOTES,
        f"{len(files)} files of {elements} elements at the top level, {samples.pairs} pair(s) of runs, the peer first.",
        "Versions of the peers: " + ", ".join(f"{part} {version}" for part, version in told.items()) + ".",
        f"Load of the machine (1 minute) {load:.1f} before and {os.getloadavg()[0]:.1f} after.",
    ]
    check_complete(files, out)
    return measure(name, samples.ours, samples.peer, started=started, notes=notes)


def check_complete(files: Sequence[Path], out: Path) -> None:
    """Return when a file was written for every file read."""
    missing = {file.name for file in files} - {file.name for file in out.rglob("*") if file.is_file()}
    assert not missing, f"{len(missing)} files were not written"
