"""The label schemas this node knows, read once from `schemas/*.json` and checked as wire values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from node.labeling.errors import SchemaUnknown
from protocols.labels import LabelSchema

_DIRECTORY = Path(__file__).parent / "schemas"


@cache
def schemas() -> Mapping[tuple[str, int], LabelSchema]:
    """Every schema by code and version."""
    read = (LabelSchema.model_validate_json(path.read_bytes()) for path in sorted(_DIRECTORY.glob("*.json")))
    return {(schema.schema_code, schema.schema_version): schema for schema in read}


def schema_of(code: str, version: int) -> LabelSchema:
    """The schema of this code and version.

    Raises:
        SchemaUnknown: this node has none such.
    """
    try:
        return schemas()[(code, version)]
    except KeyError:
        raise SchemaUnknown("no such label schema on this node") from None
