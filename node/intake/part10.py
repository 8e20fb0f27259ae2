"""DICOM files written and opened without touching the data set: preamble, prefix, file meta information, the rest.

The preamble of a stored file is always zero (a sender's preamble may be a program). A UID goes into the file as it
came, also a malformed one: it is never a file name here. Source: PS3.10 section 7.1.
"""

from __future__ import annotations

import struct
from typing import Final

from node.ground.errors import NodeError
from node.intake.received import Instance

PREFIX: Final = b"\0" * 128 + b"DICM"
IMPLEMENTATION: Final = "2.25.329800735698586629295641978511506172918"
_LONGEST_META_BYTES: Final = 64 * 1024
_LONG_FORMS: Final = frozenset({b"OB", b"OW", b"UN", b"SQ", b"UT"})
_CLASS, _INSTANCE, _SYNTAX = 0x0002, 0x0003, 0x0010
MEDIA_DIRECTORY: Final = "1.2.840.10008.1.3.10"


class FileBroken(NodeError):
    """The file has the DICOM prefix but its file meta information is cut off, lies, or names no instance."""


def file_bytes(instance: Instance) -> bytes:
    """The whole DICOM file of an instance, its data set byte for byte as received."""
    head = file_head(instance.sop_class_uid, instance.sop_instance_uid, instance.transfer_syntax_uid)
    return head + instance.data_set


def file_head(sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> bytes:
    """What stands in a DICOM file before its data set."""
    elements = b"".join(
        (
            _element(0x0001, b"OB", b"\0\1"),
            _element(_CLASS, b"UI", _uid(sop_class_uid)),
            _element(_INSTANCE, b"UI", _uid(sop_instance_uid)),
            _element(_SYNTAX, b"UI", _uid(transfer_syntax_uid)),
            _element(0x0012, b"UI", _uid(IMPLEMENTATION)),
        )
    )
    length = _element(0x0000, b"UL", struct.pack("<I", len(elements)))
    return b"".join((PREFIX, length, elements))


def is_dicom(head: bytes) -> bool:
    """Whether a file that starts like this is meant as DICOM: it has the prefix after 128 bytes."""
    return head[128:132] == b"DICM"


def opened(contents: bytes) -> Instance:
    """The instance in a file's bytes.

    Raises:
        FileBroken: the file meta information cannot be read.
    """
    meta: dict[int, bytes] = {}
    at = len(PREFIX)
    while contents[at : at + 2] == b"\2\0":
        if at > _LONGEST_META_BYTES:
            raise FileBroken("file meta information without end")
        number, value, at = _read_element(contents, at)
        meta[number] = value
    if at >= len(contents) or not all(meta.get(number) for number in (_CLASS, _INSTANCE, _SYNTAX)):
        raise FileBroken("file meta information is incomplete")
    return Instance(
        sop_class_uid=_text(meta[_CLASS]),
        sop_instance_uid=_text(meta[_INSTANCE]),
        transfer_syntax_uid=_text(meta[_SYNTAX]),
        data_set=contents[at:],
    )


def _read_element(contents: bytes, at: int) -> tuple[int, bytes, int]:
    """One explicit VR little endian element of group 2: its number, value, and where the next one starts."""
    head = contents[at : at + 12]
    long_form = head[4:6] in _LONG_FORMS
    if len(head) < (12 if long_form else 8):
        raise FileBroken("file meta information is cut off")
    (number,) = struct.unpack_from("<H", head, 2)
    (length,) = struct.unpack_from("<I", head, 8) if long_form else struct.unpack_from("<H", head, 6)
    start = at + (12 if long_form else 8)
    if start + length > len(contents):
        raise FileBroken("file meta information is cut off")
    return number, contents[start : start + length], start + length


def _element(number: int, vr: bytes, value: bytes) -> bytes:
    if vr in _LONG_FORMS:
        return struct.pack("<HH2sHI", 0x0002, number, vr, 0, len(value)) + value
    return struct.pack("<HH2sH", 0x0002, number, vr, len(value)) + value


def _uid(value: str) -> bytes:
    encoded = value.encode("latin-1", "replace")
    return encoded + b"\0" * (len(encoded) % 2)


def _text(value: bytes) -> str:
    return value.decode("latin-1").strip(" \0")
