"""A PDF of lines of text, in Latin letters and in Korean, without a library and without a font file.

Latin text is set in Helvetica, one of the fonts every viewer has; anything else in a Korean font that is named and not
carried, as the standard allows for the Adobe-Korea1 collection: viewers set it in the Korean font of the PC. So a PC
without any Korean font shows boxes; every PC of a Korean ward has one. A file may be attached, as it is. The same
lines give the same bytes.
Source: PDF 1.7, ISO 32000-1: 7.5 (structure), 9.6.2.2 (standard fonts), 9.7.5.2 (predefined CMaps), 7.11.4 (embedded
files); widths of Helvetica from Adobe's font metrics (Core14).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

PAGE_WIDTH, PAGE_HEIGHT = 595, 842
"""A4 in points."""
MARGIN = 56
_LINE_BY_SIZE = 1.5
_WIDTHS: Final = tuple(
    map(
        int,
        """
        278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278
        278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722
        667 944 667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556
        556 333 500 278 556 500 722 500 500 500 334 260 334 584
        """.split(),
    )
)
"""Of the characters from the space to the tilde, in thousandths of the font's size."""
_WIDE = 1000
_KOREAN: Final = (
    (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /HYGoThic-Medium-UniKS-UTF16-H /Encoding /UniKS-UTF16-H "
        b"/DescendantFonts [5 0 R] >>"
    ),
    (
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HYGoThic-Medium /DW 1000 /FontDescriptor 6 0 R "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Korea1) /Supplement 1 >> >>"
    ),
    (
        b"<< /Type /FontDescriptor /FontName /HYGoThic-Medium /Flags 4 /FontBBox [-6 -145 1003 880] /ItalicAngle 0 "
        b"/Ascent 880 /Descent -145 /CapHeight 737 /StemV 60 >>"
    ),
)
"""The objects 4 to 6: the Korean font, by name alone."""
_RUNS: Final = re.compile(r"[ -~]+|[^ -~]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that begin at a share of the line, 0 to 1, or end there."""

    words: str
    at: float = 0.0
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """Pieces on one line."""

    pieces: tuple[Piece, ...]
    size: float = 10.0


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the document."""

    name: str
    """In ASCII."""
    contents: bytes


def document(lines: Sequence[Line], attachment: Attachment) -> bytes:
    """The PDF of these lines, on as many pages as they take, with the attached file."""
    pages = list(_pages(lines))
    first = 10
    kids = " ".join(f"{first + 2 * at} 0 R" for at in range(len(pages)))
    named = f"({attachment.name})"
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [{named} 7 0 R] >> >> >>".encode(),
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        *_KOREAN,
        f"<< /Type /Filespec /F {named} /UF {named} /EF << /F 8 0 R >> >>".encode(),
        _stream("/Type /EmbeddedFile ", attachment.contents),
        b"<< /Font << /L 3 0 R /K 4 0 R >> >>",
    ]
    for at, page in enumerate(pages):
        box = f"/MediaBox [0 0 {PAGE_WIDTH} {PAGE_HEIGHT}]"
        content = f"{first + 2 * at + 1} 0 R"
        objects.append(f"<< /Type /Page /Parent 2 0 R {box} /Resources 9 0 R /Contents {content} >>".encode())
        objects.append(_stream("", page))
    return _file(objects)


def width(words: str, size: float) -> float:
    """How wide the words are, in points."""
    return sum(_WIDTHS[ord(one) - 32] if " " <= one <= "~" else _WIDE for one in words) * size / 1000


def wrapped(words: str, size: float, share: float) -> list[str]:
    """The words in lines no wider than this share of the page's, broken at a space where there is one."""
    room, lines, line = share * (PAGE_WIDTH - 2 * MARGIN), list[str](), ""
    for word in re.findall(r" *[^ ]+", words):
        if line and width(line + word, size) > room:
            lines.append(line)
            line, word = "", word.lstrip()  # noqa: PLW2901 - a line begins with a word, not with a space
        for letter in word:
            if line and width(line + letter, size) > room:
                lines.append(line)
                line = ""
            line += letter
    return [*lines, line]


def _pages(lines: Sequence[Line]) -> Iterator[bytes]:
    drawn, top = list[str](), float(PAGE_HEIGHT - MARGIN)
    for line in lines:
        height = line.size * _LINE_BY_SIZE
        if top - height < MARGIN:
            yield "\n".join(drawn).encode("ascii")
            drawn, top = [], float(PAGE_HEIGHT - MARGIN)
        top -= height
        for piece in line.pieces:
            left = MARGIN + piece.at * (PAGE_WIDTH - 2 * MARGIN)
            drawn.append(_text(piece.words, (left - width(piece.words, line.size) * piece.ends, top), line.size))
    yield "\n".join(drawn).encode("ascii")


def _text(words: str, at: tuple[float, float], size: float) -> str:
    runs = (_run(one, size) for one in _RUNS.findall(words))
    return f"BT {at[0]:.2f} {at[1]:.2f} Td {' '.join(runs)} ET"


def _run(words: str, size: float) -> str:
    """One font's part of a line; whatever lies outside the basic plane is set as the replacement character."""
    if " " <= words[0] <= "~":
        return f"/L {size:g} Tf <{words.encode('ascii').hex()}> Tj"
    plain = "".join(one if ord(one) < 0x10000 and one.isprintable() else "\ufffd" for one in words)
    return f"/K {size:g} Tf <{plain.encode('utf-16-be').hex()}> Tj"


def _stream(about: str, contents: bytes) -> bytes:
    return f"<< {about}/Length {len(contents)} >>\nstream\n".encode() + contents + b"\nendstream"


def _file(objects: Sequence[bytes]) -> bytes:
    made, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), list[int]()
    for number, one in enumerate(objects, start=1):
        places.append(len(made))
        made += f"{number} 0 obj\n".encode() + one + b"\nendobj\n"
    begins = len(made)
    made += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    made += "".join(f"{place:010d} 00000 n \n" for place in places).encode()
    made += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{begins}\n%%EOF\n".encode()
    return bytes(made)
