"""The networks as they are loaded: the very bytes that were tried, nothing fetched, nothing reported, no OpenCV."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # ships no types
import pytest
from PIL import Image, ImageDraw, ImageFont

from node.deidentify.errors import NetworkChanged, UnreadableImage
from node.deidentify.pixels import reader
from node.deidentify.pixels.boxes import Box
from node.deidentify.pixels.pictures import Frames, pictures
from node.deidentify.pixels.reader import TextReader
from node.deidentify.verdict import QuarantineReason

ROOT = Path(__file__).parents[4]
LOADED_ALONE = """
import sys
reached = []
outward = ("socket.connect", "socket.getaddrinfo", "socket.sendto", "subprocess.", "urllib.")
sys.addaudithook(lambda event, _: reached.append(event) if event.startswith(outward) else None)
import numpy
from node.deidentify.pixels.reader import TextReader
TextReader().lines(numpy.zeros((64, 64, 3), numpy.uint8))
assert not reached, reached
assert not {"cv2", "rapidocr_onnxruntime", "shapely", "pyclipper"} & set(sys.modules)
"""


@pytest.fixture(scope="module")
def text_reader() -> TextReader:
    return TextReader()


def _pictures_of(words: str, *, size: int, ink: int, ground: int) -> list[np.ndarray]:
    picture = Image.new("L", (256, 256), ground)
    ImageDraw.Draw(picture).text((8, 8), words, fill=ink, font=ImageFont.load_default(size))
    values = np.asarray(picture)[np.newaxis]
    return list(pictures(Frames(values, "MONOCHROME2", values.min(keepdims=False))))


def test_loading_and_reading_reaches_for_no_network_and_loads_no_opencv() -> None:
    subprocess.run([sys.executable, "-c", LOADED_ALONE], cwd=ROOT, check=True, timeout=120)


def test_what_onnxruntime_might_report_is_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    switched = []
    monkeypatch.setattr(onnxruntime, "disable_telemetry_events", lambda: switched.append("off"))
    TextReader()
    assert switched == ["off"]


def test_a_model_file_with_other_bytes_is_refused(tmp_path: Path) -> None:
    for name in ("ch_PP-OCRv4_det_infer.onnx", "ch_PP-OCRv4_rec_infer.onnx"):
        (tmp_path / name).write_bytes((reader._models() / name).read_bytes() + b"\0")
    with pytest.raises(NetworkChanged):
        TextReader(tmp_path)


@pytest.mark.parametrize(("size", "ink", "ground"), [(8, 200, 20), (10, 90, 40), (14, 60, 40), (24, 0, 200)])
def test_small_and_faint_lines_are_found(text_reader: TextReader, size: int, ink: int, ground: int) -> None:
    (picture,) = _pictures_of("HONG GILDONG 801224", size=size, ink=ink, ground=ground)
    boxes = [line.box for line in text_reader.lines(picture)]
    assert boxes
    assert all(box.top < 8 + 2 * size for box in boxes)


def test_a_line_that_runs_over_a_bright_ground_is_taken_to_its_end(text_reader: TextReader) -> None:
    words, font = "1966-07-20", ImageFont.load_default(12)
    drawn = Image.new("L", (256, 256), 20)
    pen = ImageDraw.Draw(drawn)
    left, top, right, bottom = pen.textbbox((8, 230), words, font=font)
    pen.rectangle((left + 0.7 * (right - left), 0, 255, 255), fill=252)
    pen.text((8, 230), words, fill=255, font=font)
    values = np.asarray(drawn)[np.newaxis]
    (picture,) = pictures(Frames(values, "MONOCHROME2", values.min(keepdims=False)))
    boxes = [line.box for line in text_reader.lines(picture)]
    assert any(box.left <= left and box.top <= top and box.right >= right and box.bottom >= bottom for box in boxes)


def test_a_mark_has_no_ends_to_lose() -> None:
    assert reader._lengthened(Box(10, 10, 22, 20)) == Box(10, 10, 22, 20)
    assert reader._lengthened(Box(10, 10, 40, 20)) == Box(-20, 10, 70, 20)


def test_a_search_whose_test_line_is_not_found_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    blind = TextReader()
    monkeypatch.setattr(blind, "_test_line", np.zeros_like(blind._test_line))
    with pytest.raises(UnreadableImage) as caught:
        blind.lines(np.zeros((64, 64, 3), np.uint8))
    assert caught.value.reason is QuarantineReason.TEXT_SEARCH_FAILED
