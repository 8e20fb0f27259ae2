"""Text in a picture: where lines of it stand, and what a line says, by two small networks on one processor.

The networks are PP-OCRv4's detector (differentiable binarisation) and reader (CTC) as the distribution
`rapidocr-onnxruntime` carries them, Apache-2.0; only its model files are used, and only the very bytes named here.
Finding a line is what matters: reading it only decides whether it is a permitted mark. Nothing is fetched or reported.

A detector that looks for text takes whatever stands out most for it, so a picture without any would be full of lines.
Each picture therefore gets a test line of our own below it: it keeps the detector's scale, and where it is not found
the search has not worked and says so. Where a line runs from a dark ground over a bright one, the detector loses its
end: the end is taken along unseen.
Source: Liao et al., Real-time Scene Text Detection with Differentiable Binarization, AAAI 2020, equation 10 for the
widening of a box.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # ships no types
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from node.deidentify.errors import NetworkChanged, UnreadableImage
from node.deidentify.pixels.boxes import Box
from node.deidentify.pixels.patches import patches
from node.deidentify.pixels.pictures import standing_out
from node.deidentify.verdict import QuarantineReason

_DETECTOR, _READER = "ch_PP-OCRv4_det_infer.onnx", "ch_PP-OCRv4_rec_infer.onnx"
_SHA256: Final = {
    _DETECTOR: "d2a7720d45a54257208b1e13e36a8479894cb74155a5efe29462512d42f49da9",
    _READER: "48fc40f24f6d2a207a2b1091d3437eb3cc3eb6b676dc3ef9c37384005483683b",
}
_SHORT_SIDE, _LONG_SIDE, _MOST_ENLARGED, _STEP = 640, 2000, 2.5, 32
_INK, _LEAST_SCORE, _WIDENED = 0.3, 0.45, 1.6
_LEAST_SIDE: Final = 6
_LENGTHENED, _LEAST_STRETCH = 3.0, 1.4
"""A line goes on for so many of its heights at both ends; what is no longer than so many heights is a mark."""
_TEST_ROWS, _TEST_COLUMNS = 64, 256
_TEST_LINE: Final = (16, 14, "Intramuros 0123", 30)
"""Left, top, words, letter height."""
_KEEPS_ROOM: Final = 3 * 2**20
"""Up to so many values of a picture, the room a run took is kept."""
_LINE_HEIGHT, _MOST_LINE_WIDTH = 48, 48 * 40
_BLANK: Final = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text: where it stands, in pixels of the picture, and what it seems to say."""

    box: Box
    said: str
    score: float


class TextReader:
    """Both networks. Opens no file and starts no thread after it was made.

    The detector looks at every picture; the reader is made of the bytes at hand when the first line is found, since
    most pictures have none.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """With the models of a folder, else those of the distribution. Raises: NetworkChanged."""
        folder = folder or _models()
        onnxruntime.disable_telemetry_events()
        self._detector = _session(_checked(folder / _DETECTOR))
        self._reading = _checked(folder / _READER)
        self._reader: Any = None
        self._letters: Sequence[str] = ()
        self._test_line = _drawn_test_line()

    def lines(self, picture: NDArray[np.uint8]) -> list[Line]:
        """Every line of text in an 8 bit picture, [row, column, layer], with its ends; the first layer is read.

        Raises:
            UnreadableImage: the test line was not found.
        """
        found = [box for box in self._boxes(picture) if min(box.right - box.left, box.bottom - box.top) > _LEAST_SIDE]
        whole = Box(0, 0, picture.shape[1], picture.shape[0])
        read = (self._read(picture[box.top : box.bottom, box.left : box.right, 0]) for box in found)
        return [Line(_lengthened(box).within(whole), *said) for box, said in zip(found, read, strict=True)]

    def _boxes(self, picture: NDArray[np.uint8]) -> list[Box]:
        rows, columns, layers = picture.shape
        height, width = _working_size(rows, columns)
        shown = np.zeros((height + _TEST_ROWS, max(width, _TEST_COLUMNS), layers), np.uint8)
        shown[:] = self._test_line[0, 0]
        shown[:height, :width] = _resized(picture, height, width)
        shown[height:, :_TEST_COLUMNS] = self._test_line
        ink: NDArray[np.float32] = self._detector.run(None, {"x": _input(shown)}, _room_after(shown.size))[0][0, 0]
        found = [patch for patch in patches(_grown(ink > _INK)) if _score(ink, patch) >= _LEAST_SCORE]
        if not any(patch.top >= height for patch in found):
            raise UnreadableImage(QuarantineReason.TEXT_SEARCH_FAILED)
        whole, scales = Box(0, 0, columns, rows), (rows / height, columns / width)
        return [_widened(patch, *scales).within(whole) for patch in found if patch.top < height]

    def _read(self, line: NDArray[np.uint8]) -> tuple[str, float]:
        """What the line says and how sure that is; "" and 0 where nothing can be read."""
        self._make_reader()
        rows, columns = line.shape
        width = min(_MOST_LINE_WIDTH, max(_LINE_HEIGHT, round(_LINE_HEIGHT * columns / rows)))
        letters: NDArray[np.float32] = self._reader.run(None, {"x": _input(_resized(line, _LINE_HEIGHT, width))})[0][0]
        chosen = letters.argmax(axis=1)
        new = np.concatenate(([True], chosen[1:] != chosen[:-1])) & (chosen != _BLANK)
        if not new.any():
            return "", 0.0
        said = "".join(self._letters[number] for number in chosen[new])
        return said.strip(), float(letters.max(axis=1)[new].mean())

    def _make_reader(self) -> None:
        if self._reader is None:
            self._reader = _session(self._reading)
            letters = self._reader.get_modelmeta().custom_metadata_map["character"].splitlines()
            self._letters = ["", *letters, " "]


def _models() -> Path:
    """Where the distribution keeps its models; the package itself is not imported."""
    spec = find_spec("rapidocr_onnxruntime")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("rapidocr_onnxruntime")
    return Path(spec.origin).parent / "models"


def _checked(model: Path) -> bytes:
    contents = model.read_bytes()
    if sha256(contents).hexdigest() != _SHA256[model.name]:
        raise NetworkChanged(model.name)
    return contents


def _session(contents: bytes) -> Any:  # onnxruntime ships no types
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    provider = ("CPUExecutionProvider", {"arena_extend_strategy": "kSameAsRequested"})
    return onnxruntime.InferenceSession(contents, options, providers=[provider])


def _room_after(values: int) -> Any:  # onnxruntime ships no types
    """How a run ends: the room for a large picture is given back, that for a small one serves the next."""
    options = onnxruntime.RunOptions()
    if values > _KEEPS_ROOM:
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


def _working_size(rows: int, columns: int) -> tuple[int, int]:
    """Small pictures are enlarged, large ones made smaller; sides are multiples of the network's step."""
    scale = min(max(1.0, _SHORT_SIDE / min(rows, columns)), _MOST_ENLARGED, _LONG_SIDE / max(rows, columns))
    height, width = (max(_STEP, round(side * scale / _STEP) * _STEP) for side in (rows, columns))
    return height, width


def _drawn_test_line() -> NDArray[np.uint8]:
    strip = Image.new("L", (_TEST_COLUMNS, _TEST_ROWS), 0)
    left, top, words, size = _TEST_LINE
    ImageDraw.Draw(strip).text((left, top), words, fill=255, font=ImageFont.load_default(size))
    drawn = np.asarray(strip)
    return np.stack([drawn, standing_out(drawn), drawn], axis=2)


def _resized(picture: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR))


def _input(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """float32 [1, layer, row, column], -1..1; a picture of one layer three times."""
    layers = picture.transpose(2, 0, 1) if picture.ndim == 3 else np.broadcast_to(picture, (3, *picture.shape))
    return (layers.astype(np.float32) / np.float32(127.5) - np.float32(1.0))[np.newaxis]


def _score(ink: NDArray[np.float32], patch: Box) -> float:
    """How sure the detector is of the ink in a patch."""
    inside = ink[patch.top : patch.bottom, patch.left : patch.right]
    return float(inside[inside > _INK].mean()) if (inside > _INK).any() else 0.0


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask one pixel further to the right and down, so that broken strokes of one line meet."""
    grown = mask.copy()
    grown[:, 1:] |= mask[:, :-1]
    grown[1:, :] |= mask[:-1, :]
    grown[1:, 1:] |= mask[:-1, :-1]
    return grown


def _widened(patch: Box, row_scale: float, column_scale: float) -> Box:
    """The patch widened on each side by its area over its perimeter, in pixels of the picture."""
    height, width = patch.bottom - patch.top, patch.right - patch.left
    by = height * width * _WIDENED / (2 * (height + width)) + 1
    return Box(
        left=int((patch.left - by) * column_scale),
        top=int((patch.top - by) * row_scale),
        right=int(np.ceil((patch.right + by) * column_scale)),
        bottom=int(np.ceil((patch.bottom + by) * row_scale)),
    )


def _lengthened(box: Box) -> Box:
    """A line with its two ends, which the detector may have lost; a mark as it is."""
    height = box.bottom - box.top
    if box.right - box.left < _LEAST_STRETCH * height:
        return box
    by = round(_LENGTHENED * height)
    return Box(box.left - by, box.top, box.right + by, box.bottom)
