"""A decoded frame as an answer: its values as bytes, its shape in headers."""

from __future__ import annotations

from fastapi import Response

from node.deidentify.findings import DecodedFrame


def frame_answer(found: DecodedFrame) -> Response:
    """Values little endian, [row, column] or [row, column, colour]."""
    headers = {
        "X-Rows": str(found.rows),
        "X-Columns": str(found.columns),
        "X-Samples": str(found.samples),
        "X-Bits-Allocated": str(found.bits_allocated),
        "X-Bits-Stored": str(found.bits_stored),
        "X-Signed": "true" if found.signed else "false",
        "X-Photometric": found.photometric,
        "X-Baked": "true" if found.baked else "false",
    }
    return Response(found.pixels, media_type="application/octet-stream", headers=headers)
