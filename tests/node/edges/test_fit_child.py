"""The fit child as a real process: what it answers, what it refuses, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from node.edges.fit import messages
from node.edges.fit.frames import BLOB_BYTES_MAX, Frame, FrameDamaged, packed, read_frame
from node.edges.fit.process import FitLimits, FitModel, FitProcess
from node.training.catalog import CHEST_CNN_GN_1, HyperparameterRefused, UnknownArchitecture, starting_tensors
from node.training.cohort import Part, TrainingCase
from node.training.ports import FitChild, FitCode, FitDeadlineExceeded, FitFailed, FitSettings
from node.training.privacy import PatientNoise, PrivateOrder, holds
from node.training.samples import Sample, remove_export, write_export
from node.training.weights import TensorShapeRefused

SMALL = FitModel(CHEST_CNN_GN_1, {"width": 8})
SETTINGS = FitSettings(local_steps=2, batch_size=4, learning_rate=0.01, weight_decay=0.0, seed=1)
START = starting_tensors(CHEST_CNN_GN_1, {"width": 8}, seed=0)
# Long enough to be interrupted, on any machine.
ENDLESS_ROUNDS = 10_000


def samples_of(part: Part, cases: int) -> list[Sample]:
    rng = np.random.default_rng(cases)
    return [
        Sample(
            TrainingCase(f"{part}-{number}", hash((part, number)) % 10_000, Path("x"), number % 2, 1.0, part),
            rng.random((1, 128, 128), dtype=np.float32),
        )
        for number in range(cases)
    ]


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    samples = [*samples_of(Part.TRAIN, 12), *samples_of(Part.VALIDATION, 10), *samples_of(Part.HOLDOUT, 5)]
    directory = write_export(tmp_path_factory.mktemp("fit") / "export", samples)
    yield directory
    remove_export(directory)


@pytest.fixture(scope="module")
def child(export: Path) -> Iterator[FitProcess]:
    process = FitProcess(export, SMALL, FitLimits())
    yield process
    process.close()


def alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_fit_process_is_a_fit_child(child: FitProcess) -> None:
    port: FitChild = child
    assert port is child


def test_a_round_an_evaluation_an_own_model_and_scores_come_from_one_process(child: FitProcess) -> None:
    report = child.train(START, SETTINGS)
    first_id = child.process_id
    assert report.steps == 2
    assert {name: tensor.shape for name, tensor in report.update.items()} == {n: t.shape for n, t in START.items()}
    figures = child.evaluate(START)
    assert figures.validation.cases == 10
    assert figures.membership.auc is not None
    own = child.train_own(START, SETTINGS, rounds=2)
    assert own.best_round in (1, 2)
    assert len(own.figures) == 2
    assert set(child.score_holdout(own.tensors)) == {f"holdout-{number}" for number in range(5)}
    assert child.process_id == first_id


def test_the_same_round_twice_gives_the_same_update(child: FitProcess) -> None:
    first, again = child.train(START, SETTINGS), child.train(START, SETTINGS)
    assert all(np.array_equal(first.update[name], again.update[name]) for name in START)


def test_a_private_child_trains_with_noise_behind_closed_doors_and_signs_what_it_did(export: Path) -> None:
    process = FitProcess(export, FitModel(CHEST_CNN_GN_1, {"width": 8}, private=True), FitLimits())
    order = PrivateOrder(PatientNoise(1.0, 1.0, 0.5, 6.0), "reserved", "5a" * 32)
    try:
        first, again = (process.train(START, replace(SETTINGS, private=order)) for _ in range(2))
        plain = process.train(START, SETTINGS)
    finally:
        process.close()
    assert any(not np.array_equal(first.update[name], again.update[name]) for name in START), "no noise comes twice"
    assert first.training_loss is None
    assert first.record is not None
    assert holds(first.record, bytes.fromhex(order.key))
    assert plain.record is None


def test_a_refusal_is_a_code_and_leaves_the_child_alive(child: FitProcess) -> None:
    child.evaluate(START)
    before = child.process_id
    with pytest.raises(FitFailed) as refused:
        child.train(START, FitSettings(local_steps=9, batch_size=2, learning_rate=1e30, weight_decay=0.0, seed=1))
    assert refused.value.code is FitCode.DIVERGED
    assert child.process_id == before
    assert child.evaluate(START).validation.cases == 10


def test_weights_of_another_shape_are_refused_before_they_are_sent(child: FitProcess) -> None:
    with pytest.raises(TensorShapeRefused):
        child.train(START | {"head.bias": np.zeros(2, dtype=np.float32)}, SETTINGS)


def test_a_child_that_is_late_is_ended_and_the_next_call_starts_another(export: Path) -> None:
    process = FitProcess(export, SMALL, FitLimits(own_deadline_seconds=1.5))
    child_id: list[int | None] = []
    timer = threading.Timer(1.0, lambda: child_id.append(process.process_id))
    timer.start()
    with pytest.raises(FitDeadlineExceeded, match="2 s"):
        process.train_own(START, SETTINGS, rounds=ENDLESS_ROUNDS)
    timer.join()
    assert child_id[0] is not None
    assert not alive(child_id[0])
    assert process.process_id is None
    process.close()


def test_a_child_that_is_killed_is_reported_as_ended(export: Path) -> None:
    process = FitProcess(export, SMALL, FitLimits())
    process.evaluate(START)
    assert process.process_id is not None
    os.kill(process.process_id, 9)
    with pytest.raises(FitFailed) as ended:
        process.evaluate(START)
    assert ended.value.code is FitCode.ENDED
    assert process.evaluate(START).validation.cases == 10
    process.close()


def test_closing_ends_a_training_in_the_middle_and_is_final(export: Path) -> None:
    process = FitProcess(export, SMALL, FitLimits())
    process.evaluate(START)
    threading.Timer(0.5, process.close).start()
    begun = time.monotonic()
    with pytest.raises(FitFailed) as ended:
        process.train_own(START, SETTINGS, rounds=ENDLESS_ROUNDS)
    assert ended.value.code is FitCode.ENDED
    assert time.monotonic() - begun < 10
    with pytest.raises(FitFailed):
        process.evaluate(START)


def test_a_child_without_its_export_says_so_in_a_code(tmp_path: Path) -> None:
    process = FitProcess(tmp_path / "patient-Kim", SMALL, FitLimits())
    with pytest.raises(FitFailed) as failed:
        process.evaluate(START)
    assert failed.value.code is FitCode.EXPORT_DAMAGED
    assert "Kim" not in str(failed.value)
    process.close()


def test_an_architecture_outside_the_catalog_starts_no_process(export: Path) -> None:
    with pytest.raises(UnknownArchitecture):
        FitProcess(export, FitModel("anything"), FitLimits())
    with pytest.raises(HyperparameterRefused):
        FitProcess(export, FitModel(CHEST_CNN_GN_1, {"width": 7}), FitLimits())


def test_a_child_without_memory_says_so_or_ends_but_never_hangs(export: Path) -> None:
    process = FitProcess(export, SMALL, FitLimits(memory_mib=64, start_deadline_seconds=60))
    with pytest.raises(FitFailed):
        process.evaluate(START)
    process.close()


def test_behind_closed_doors_neither_a_file_nor_a_socket_opens() -> None:
    tried = """
import socket
from pathlib import Path
from node.edges.fit.confine import bound_process, close_doors
bound_process(memory_mib=4096)
close_doors()
for attempt in (socket.socket, lambda: open("/etc/hostname"), lambda: open("/tmp/leak", "w")):
    try:
        attempt()
    except OSError:
        continue
    raise SystemExit(1)
"""
    subprocess.run([sys.executable, "-c", tried], check=True)


def test_the_child_ends_with_its_parent(export: Path, tmp_path: Path) -> None:
    parent = f"""
import os, sys
from pathlib import Path
from node.edges.fit.process import FitLimits, FitModel, FitProcess
from node.training.catalog import starting_tensors
process = FitProcess(Path({str(export)!r}), FitModel("chest-cnn-gn-1", {{"width": 8}}), FitLimits())
process.evaluate(starting_tensors("chest-cnn-gn-1", {{"width": 8}}, seed=0))
print(process.process_id, flush=True)
os._exit(0)
"""
    ran = subprocess.run([sys.executable, "-c", parent], check=True, capture_output=True, text=True)
    until = time.monotonic() + 10
    while alive(int(ran.stdout)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not alive(int(ran.stdout))


def test_a_frame_gives_back_its_header_and_blob() -> None:
    frame = Frame(b"{}", b"\x00\x01")
    stream = [packed(frame)[place : place + 3] for place in range(0, len(packed(frame)), 3)]
    buffer = bytearray(b"".join(stream))

    def read(count: int) -> bytes:
        taken = bytes(buffer[: min(count, 3)])
        del buffer[: len(taken)]
        return taken

    assert read_frame(read) == frame
    assert read_frame(read) is None


@pytest.mark.parametrize(
    "content",
    [
        b"IFIT",
        b"NOPE" + bytes(12),
        b"IFIT" + (2**31).to_bytes(4, "big") + bytes(8),
        b"IFIT" + bytes(4) + (BLOB_BYTES_MAX + 1).to_bytes(8, "big"),
        packed(Frame(b"{}", b"blob"))[:-1],
    ],
)
def test_bytes_that_are_not_a_frame_are_refused(content: bytes) -> None:
    buffer = bytearray(content)

    def read(count: int) -> bytes:
        taken = bytes(buffer[:count])
        del buffer[: len(taken)]
        return taken

    with pytest.raises(FrameDamaged):
        read_frame(read)


@pytest.mark.parametrize(
    "header", [b"", b"{}", b'{"op": "exec"}', b'{"op": "evaluate", "text": "x"}', b'{"op": "train"}']
)
def test_a_header_that_states_no_request_is_refused(header: bytes) -> None:
    with pytest.raises(FrameDamaged):
        messages.request_in(header)


def test_an_answer_with_a_text_beside_its_code_is_refused() -> None:
    with pytest.raises(FrameDamaged):
        messages.answer_in(b'{"kind": "refused", "code": "internal", "text": "KeyError: Kim"}')
