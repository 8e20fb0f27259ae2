"""What the wire accepts and refuses."""

from __future__ import annotations

import json

import factories
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.approvals import Approval
from protocols.encoding import MAGIC, canonical_json, decode, encode, kind_of
from protocols.errors import FrameRefused
from protocols.results import ErrorReport


def _frame(header: object, blob: bytes = b"") -> bytes:
    raw = header if isinstance(header, bytes) else canonical_json(header)  # type: ignore[arg-type]  # hostile on purpose
    return MAGIC + len(raw).to_bytes(4, "big") + raw + blob


def _header() -> dict[str, object]:
    frame = encode(factories.an_error_report())
    return dict(json.loads(frame[len(MAGIC) + 4 :]))


@given(st.binary(max_size=200))
def test_a_blob_comes_back_unchanged(blob: bytes) -> None:
    assert decode(encode(factories.an_error_report(), blob), ErrorReport) == (factories.an_error_report(), blob)


@given(st.binary(max_size=300))
def test_random_bytes_are_refused_and_never_crash(content: bytes) -> None:
    with pytest.raises(FrameRefused):
        decode(MAGIC + content, ErrorReport)


def test_another_kind_is_refused() -> None:
    with pytest.raises(FrameRefused, match="expected approval"):
        decode(encode(factories.an_error_report()), Approval)


def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(FrameRefused, match="version"):
        decode(_frame({**_header(), "version": 99}), ErrorReport)


def test_an_unknown_field_is_refused() -> None:
    header = _header()
    header["body"] = {**header["body"], "note": "x"}  # type: ignore[dict-item]  # a plain JSON object
    with pytest.raises(FrameRefused, match="refused"):
        decode(_frame(header), ErrorReport)


def test_a_field_of_another_type_is_refused() -> None:
    header = _header()
    header["body"] = {**header["body"], "round": "1"}  # type: ignore[dict-item]  # a plain JSON object
    with pytest.raises(FrameRefused):
        decode(_frame(header), ErrorReport)


def test_bytes_that_are_not_canonical_are_refused() -> None:
    with pytest.raises(FrameRefused, match="canonical"):
        decode(_frame(json.dumps(_header(), indent=1).encode()), ErrorReport)


def test_a_second_spelling_of_the_same_moment_is_refused() -> None:
    frame = encode(factories.an_approval())
    other = frame.replace(b"2026-11-22T03:00:00Z", b"2026-11-22T12:00:00+09:00")
    length = len(frame) - len(MAGIC) - 4 + (len(other) - len(frame))
    other = MAGIC + length.to_bytes(4, "big") + other[len(MAGIC) + 4 :]
    with pytest.raises(FrameRefused, match="refused"):
        decode(other, Approval)


def test_a_frame_over_the_limit_is_refused() -> None:
    with pytest.raises(FrameRefused):
        decode(encode(factories.an_error_report(), b"x" * 1000), ErrorReport, max_bytes=500)


def test_a_lying_header_length_is_refused() -> None:
    frame = encode(factories.an_error_report())
    with pytest.raises(FrameRefused):
        decode(MAGIC + (len(frame) * 2).to_bytes(4, "big") + frame[len(MAGIC) + 4 :], ErrorReport)


def test_a_number_that_is_not_finite_is_refused() -> None:
    header = canonical_json(_header()).replace(b'"round":1', b'"round":NaN')
    with pytest.raises(FrameRefused):
        decode(_frame(header), ErrorReport)


def test_a_frame_names_its_kind() -> None:
    assert kind_of(encode(factories.a_receipt())) == "receipt"
