"""Multipart read as it arrives: the same parts however it is cut, bounded, and refused where it lies."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.edges.dicomweb.multipart import Part, PartReader, boundary_of, new_boundary, pieces, whole
from node.edges.dicomweb.refusals import MultipartBroken

DICOM = "application/dicom"


def read(body: bytes, *, size: int, most: int = 1 << 16) -> tuple[list[Part], PartReader]:
    reader = PartReader("b", most)
    cuts: Iterator[bytes] = (body[at : at + size] for at in range(0, len(body), size))
    return [part for piece in cuts for part in reader.feed(piece)], reader


@given(st.lists(st.binary(max_size=300), max_size=5), st.integers(min_value=1, max_value=400))
def test_parts_are_the_same_however_the_body_is_cut(contents: list[bytes], size: int) -> None:
    contents = [one for one in contents if b"\r\n--b" not in one]
    parts, reader = read(whole([(DICOM, one) for one in contents], "b"), size=size)
    assert [part.contents for part in parts] == contents
    assert reader.done
    assert {part.media_type for part in parts} <= {DICOM}


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_what_stands_before_and_after_is_dropped(size: int) -> None:
    body = b"preamble\r\n--b\r\ncontent-TYPE: application/dicom; x=y\r\n\r\nfile\r\n--b--\r\nepilogue\r\n--b\r\n"
    parts, reader = read(body, size=size)
    assert [(part.media_type, part.contents, part.cut) for part in parts] == [(DICOM, b"file", False)]
    assert reader.done


@pytest.mark.parametrize("size", [1, 50, 10_000])
def test_a_part_beyond_its_bound_is_read_past_and_says_so(size: int) -> None:
    body = whole([(DICOM, b"first"), (DICOM, b"x" * 60_000), (DICOM, b"last")], "b")
    parts, _ = read(body, size=size, most=100)
    assert [(len(part.contents), part.cut) for part in parts] == [(5, False), (100, True), (4, False)]


def test_never_more_than_a_part_and_its_bound_is_held() -> None:
    reader = PartReader("b", 1000)
    assert list(reader.feed(b"--b\r\nContent-Type: application/dicom\r\n\r\n")) == []
    for _ in range(200):
        assert list(reader.feed(bytes(10_000))) == []
        assert len(reader._held) < 40_000
    waiting = PartReader("b", 1000)
    for _ in range(50):
        assert list(waiting.feed(b"no boundary " * 1000)) == []
        assert len(waiting._held) < 100


@pytest.mark.parametrize(
    "body",
    [
        b"--b\r\n\r\n--b--",
        b"--bother\r\n\r\nfile\r\n--b--",
        b"--b\r\nContent-Type: x\r\n--b--",
    ],
)
def test_a_boundary_that_lies_is_refused(body: bytes) -> None:
    with pytest.raises(MultipartBroken):
        read(body, size=1000)


def test_a_body_that_ends_early_is_not_done() -> None:
    parts, reader = read(b"--b\r\nContent-Type: application/dicom\r\n\r\nfile", size=1000)
    assert (parts, reader.done) == ([], False)


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ('multipart/related; type="application/dicom"; boundary="a b"', "a b"),
        ("multipart/related; boundary=abc; type=application/dicom", "abc"),
        ("multipart/related", None),
        ("multipart/related; boundary=", None),
        (f"multipart/related; boundary={'x' * 73}", "x" * 73),
        (f"multipart/related; boundary={'x' * 201}", None),
        ('multipart/related; boundary="a "', None),
        ("multipart/related; boundary=한", None),
    ],
)
def test_a_boundary_is_one_of_the_standard(content_type: str, boundary: str | None) -> None:
    assert boundary_of(content_type) == boundary


def test_what_is_written_piece_by_piece_is_what_is_written_at_once() -> None:
    boundary = new_boundary()
    assert b"".join(pieces([(DICOM, b"1"), (DICOM, b"2")], boundary)) == whole([(DICOM, b"1"), (DICOM, b"2")], boundary)
    assert new_boundary() != boundary


@pytest.mark.parametrize("padding", [b"", b" ", b" \t", b" " * 1000])
def test_padding_behind_a_boundary_may_come_in_any_pieces(padding: bytes) -> None:
    body = b"--b" + padding + b"\r\nContent-Type: application/dicom\r\n\r\nfile\r\n--b--\r\n"
    for size in range(1, 12):
        parts, reader = read(body, size=size)
        assert [part.contents for part in parts] == [b"file"]
        assert reader.done


def test_padding_without_end_is_refused_and_not_kept() -> None:
    body = b"--b" + b" " * 4000
    for size in (1, 100, 4003):
        with pytest.raises(MultipartBroken):
            read(body, size=size)
