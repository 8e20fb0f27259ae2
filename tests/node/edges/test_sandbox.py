"""The sandbox answers as the pure functions do, and neither hostile bytes nor its own code get out of it."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import cast

import pydicom
import pytest
from fakes.instances import dataset, dicom_file
from pydicom.uid import DeflatedExplicitVRLittleEndian

from node.deidentify.clean import clean
from node.deidentify.errors import (
    FrameMissing,
    ReplacementIncomplete,
    SandboxRefused,
    SandboxTimedOut,
    SandboxUnavailable,
)
from node.deidentify.frames import decode_frame, shown_frame
from node.deidentify.ports import ImageSandbox
from node.deidentify.pseudonyms import replacement
from node.deidentify.summary import summarise
from node.deidentify.verdict import Quarantined, QuarantineReason, Replacement
from node.edges.sandbox import wire
from node.edges.sandbox.child import answered, serve
from node.edges.sandbox.pool import SandboxPool
from node.edges.sandbox.process import SandboxProcess
from node.edges.sandbox.walls import SandboxLimits
from node.edges.sandbox.wire import Operation, Request

KEY = bytes(range(32))
FILM = dicom_file()
REPOSITORY = Path(__file__).parents[3]
CODEC_FILES = (
    *("MR_small_RLE.dcm", "MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm", "SC_rgb_jpeg_gdcm.dcm"),
    *("SC_rgb_jpeg_dcmtk.dcm", "SC_rgb_rle.dcm", "examples_palette.dcm", "MR_small_bigendian.dcm"),
)


@pytest.fixture(scope="module")
def pool() -> Iterator[SandboxPool]:
    with SandboxPool(1) as sandboxes:
        yield sandboxes


def ended(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return True
    return False


def test_the_pool_serves_the_port(pool: SandboxPool) -> None:
    port: ImageSandbox = pool
    assert port.summarise(FILM) == summarise(FILM)


def test_the_answers_are_those_of_the_pure_functions(pool: SandboxPool) -> None:
    made = replacement(summarise(FILM), KEY)
    assert pool.clean(FILM, made) == clean(FILM, made)
    assert pool.frame(FILM, 1) == decode_frame(FILM, 1)
    assert pool.preview(FILM, 1).startswith(b"\x89PNG")


def test_a_quarantine_comes_back_as_a_verdict(pool: SandboxPool) -> None:
    image = dataset()
    image.BurnedInAnnotation = "YES"
    raw = dicom_file(image)
    verdict = pool.clean(raw, replacement(summarise(raw), KEY))
    assert verdict == Quarantined(QuarantineReason.BURNED_IN_ANNOTATION)


@pytest.mark.parametrize("name", CODEC_FILES)
def test_every_codec_works_behind_the_walls(pool: SandboxPool, name: str) -> None:
    raw = (Path(pydicom.__file__).parent / "data" / "test_files" / name).read_bytes()
    assert pool.frame(raw, 1) == decode_frame(raw, 1)
    assert pool.preview(raw, 1).startswith(b"\x89PNG")


@pytest.mark.parametrize("character_set", ["ISO 2022 IR 149", "ISO 2022 IR 87", "GB18030", "ISO_IR 144", "ISO_IR 999"])
def test_every_character_set_works_behind_the_walls(pool: SandboxPool, character_set: str) -> None:
    raw = FILM.replace(b"ISO_IR 192", b"ISO_IR 100").replace(b"ISO_IR 100", character_set.encode().ljust(10)[:10])
    assert pool.summarise(raw).patient_id == "P-77"


def test_a_refusal_is_a_code_and_the_child_lives_on(pool: SandboxPool) -> None:
    pool.summarise(FILM)
    before = pool.process_ids
    with pytest.raises(SandboxRefused) as caught:
        pool.summarise(b"Canary Gildong" * 100)
    assert caught.value.reason is QuarantineReason.NOT_DICOM
    assert str(caught.value) == "not_dicom"
    assert pool.process_ids == before


def test_a_frame_is_baked_behind_the_wall_as_in_front_of_it(pool: SandboxPool) -> None:
    curved = dataset()
    curved.WindowCenter, curved.WindowWidth, curved.VOILUTFunction = "7", "4", "SIGMOID"
    frame = pool.shown(dicom_file(curved), 1)
    assert frame == shown_frame(dicom_file(curved), 1)
    assert (frame.baked, pool.shown(FILM, 1).baked) == (True, False)
    with pytest.raises(FrameMissing):
        pool.shown(FILM, 2)


def test_a_missing_frame_and_an_unfit_replacement_are_told_apart(pool: SandboxPool) -> None:
    with pytest.raises(FrameMissing):
        pool.frame(FILM, 2)
    with pytest.raises(ReplacementIncomplete):
        pool.clean(FILM, Replacement("P-ABC", {}, -3))


def bomb(inflated_bytes: int) -> bytes:
    image = dataset()
    image.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    raw = dicom_file(image)
    start = 144 + struct.unpack_from("<I", raw, 140)[0]
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = squeezer.compress(FILM[FILM.index(b"\x08\x00\x05\x00CS") :]) + squeezer.flush(zlib.Z_FULL_FLUSH)
    megabyte = squeezer.compress(bytes(2**20)) + squeezer.flush(zlib.Z_FULL_FLUSH)
    return raw[:start] + head + megabyte * (inflated_bytes // 2**20) + squeezer.flush()


def test_a_deflated_bomb_is_refused(pool: SandboxPool) -> None:
    with pytest.raises(SandboxRefused) as caught:
        pool.summarise(bomb(300 * 2**20))
    assert caught.value.reason is QuarantineReason.INFLATES_TOO_FAR


def test_what_passes_the_memory_bound_is_refused_and_the_next_image_is_served() -> None:
    with SandboxPool(1, limits=SandboxLimits(address_space_bytes=320 * 2**20)) as small:
        small.summarise(FILM)
        first = small.process_ids[0]
        with pytest.raises(SandboxRefused) as caught:
            small.summarise(bomb(200 * 2**20))
        assert caught.value.reason is QuarantineReason.TOO_COSTLY
        assert ended(first)
        assert small.summarise(FILM).patient_id == "P-77"


def test_a_late_child_is_ended_and_replaced() -> None:
    with SandboxPool(1, limits=SandboxLimits(wall_seconds=0.4)) as hasty:
        hasty.summarise(FILM)
        first = hasty.process_ids[0]
        os.kill(first, signal.SIGSTOP)
        started = time.monotonic()
        with pytest.raises(SandboxTimedOut) as caught:
            hasty.summarise(FILM)
        assert time.monotonic() - started < 5.0
        assert caught.value.reason is QuarantineReason.TOO_COSTLY
        assert ended(first)
        assert hasty.summarise(FILM).patient_id == "P-77"


def test_a_child_that_dies_over_an_image_is_replaced() -> None:
    with SandboxPool(1) as mortal:
        mortal.summarise(FILM)
        os.kill(mortal.process_ids[0], signal.SIGKILL)
        with pytest.raises(SandboxRefused):
            mortal.summarise(FILM)
        assert mortal.summarise(FILM).patient_id == "P-77"


def test_a_spent_child_is_replaced() -> None:
    with SandboxPool(1, limits=SandboxLimits(requests_per_process=2)) as spent:
        spent.summarise(FILM)
        first = spent.process_ids
        spent.summarise(FILM)
        spent.summarise(FILM)
        assert spent.process_ids != first


def test_several_threads_share_the_pool() -> None:
    answers: list[str] = []
    with SandboxPool(2) as shared:
        threads = [threading.Thread(target=lambda: answers.append(shared.summarise(FILM).patient_id)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == ["P-77"] * 8


def test_close_leaves_no_child() -> None:
    pool = SandboxPool(1)
    pool.summarise(FILM)
    child = pool.process_ids[0]
    pool.close()
    assert ended(child)
    assert pool.process_ids == ()


@pytest.mark.parametrize("command", [["/nowhere/python"], [sys.executable, "-c", "raise SystemExit(3)"]])
def test_a_child_that_cannot_start_is_the_machines_fault(command: list[str]) -> None:
    with pytest.raises(SandboxUnavailable):
        SandboxProcess(SandboxLimits(), command=command).ask(Request(operation=Operation.SUMMARISE), FILM)


POSSESSED = """
import os
from node.edges.sandbox import wire
header, _ = wire.packed(wire.Answer(said=wire.Ready()))
os.write(1, header)
os.write(1, {said!r})
while os.read(0, 65536): pass
"""


@pytest.mark.parametrize(
    "said",
    [
        wire.LENGTHS.pack(4, 0) + b"{{}}",
        wire.LENGTHS.pack(2**31, 0),
        wire.LENGTHS.pack(62, 0) + b'{"said":{"kind":"clean","done":[],"diagnosis":"Hong Gildong"}}',
    ],
    ids=["no JSON", "a lying length", "a field nobody asked for"],
)
def test_a_child_that_was_taken_over_cannot_say_what_it_likes(said: bytes) -> None:
    child = SandboxProcess(SandboxLimits(), command=[sys.executable, "-c", POSSESSED.format(said=said)])
    with pytest.raises(SandboxRefused) as caught:
        child.ask(Request(operation=Operation.SUMMARISE), FILM)
    assert caught.value.reason is QuarantineReason.MALFORMED
    assert child.process_id is None


ATTEMPTS = {
    "a file to read": "open('/etc/hostname').read()",
    "a file to write": "open('/tmp/intramuros-sandbox-leak', 'w')",
    "a file past Python": "libc.open(b'/etc/hostname', 0) < 0 and fail()",
    "a socket": "__import__('socket').socket()",
    "a socket past Python": "libc.socket(2, 1, 0) < 0 and fail()",
    "a process": "__import__('os').fork()",
    "a process past Python": "libc.fork() < 0 and fail()",
    "a program": "__import__('os').system('true')",
    "a thread": "__import__('threading').Thread(target=print).start()",
    "much memory": "bytearray(3 * 2**30)",
}
PROBE = """
import ctypes, os, socket, subprocess, threading
libc = ctypes.CDLL(None)
from node.edges.sandbox.walls import enclose
def fail(): raise OSError
enclose(2 * 2**30)
try:
    {attempt}
except BaseException as refused:
    os.write(1, type(refused).__name__.encode())
    os._exit(0)
os._exit(7)
"""


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_nothing_outside_can_be_reached(attempt: str) -> None:
    environment = {"OPENBLAS_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"}
    probe = [sys.executable, "-c", PROBE.format(attempt=attempt)]
    result = subprocess.run(probe, cwd=REPOSITORY, env=environment, capture_output=True, timeout=60, check=False)
    assert result.returncode == 0, result.stdout
    assert result.stdout.decode() in {"WallTouched", "OSError", "RuntimeError", "MemoryError", "BlockingIOError"}


def test_the_child_sees_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTRAMUROS_SECRET", "canary")
    with SandboxPool(1) as fresh:
        fresh.summarise(FILM)
        assert b"canary" not in Path(f"/proc/{fresh.process_ids[0]}/environ").read_bytes()


def test_computing_too_long_ends_the_child() -> None:
    code = "from node.edges.sandbox.walls import allow_processor_seconds\nallow_processor_seconds(0)\nwhile True: pass"
    result = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, timeout=60, check=False)
    assert result.returncode == -signal.SIGXCPU


def test_a_fault_nobody_foresaw_is_a_refusal_by_code() -> None:
    unforeseen = Request.model_construct(operation=cast(Operation, "surprise"))
    assert answered(unforeseen, FILM)[0].said == wire.Refusal(reason=QuarantineReason.MALFORMED)


def test_a_request_cut_short_ends_the_service() -> None:
    header, blob = wire.packed(Request(operation=Operation.SUMMARISE), FILM)
    answers = BytesIO()
    serve(BytesIO(header + blob[:100]), answers, processor_seconds=600)
    assert answers.getvalue() == b""
