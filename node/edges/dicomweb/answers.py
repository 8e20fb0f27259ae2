"""The bodies of searches and metadata: JSON Model objects joined as they were written at cleaning time.

Whatever can be is passed on as text, unparsed: an instance within its series, and all metadata.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from fastapi import Response

from node.deidentify.findings import BASE
from node.edges.dicomweb.media import JSON
from node.edges.dicomweb.query import ALL, Asked
from node.flows.image_search import FoundImages, FoundPage, Level

_AGENT: Final = "299 intramuros"
_FUZZY: Final = f'{_AGENT} "The fuzzymatching parameter is not supported. Only literal matching has been performed."'


def search_answer(asked: Asked, page: FoundPage, base: str) -> Response:
    """The results of a search, with the warnings that the standard asks for. Source: PS3.18 sections 8.3.4, 10.6.3."""
    warnings = [_FUZZY] if asked.fuzzy else []
    if page.more:
        warnings.append(f'{_AGENT} "There are {page.more} additional results that can be requested"')
    answer = json_answer((_object(one, asked) for one in page.found), base)
    for warning in warnings:
        answer.headers.append("Warning", warning)
    return answer


def json_answer(objects: Iterable[str | bytes], base: str) -> Response:
    """An array of JSON Model objects whose URLs begin with the address that was asked."""
    return Response(json_body(objects, base), media_type=JSON)


def json_body(objects: Iterable[str | bytes], base: str) -> bytes:
    """The bytes of that array."""
    written = b",".join(one if isinstance(one, bytes) else one.encode() for one in objects)
    return b"".join((b"[", written, b"]")).replace(BASE.encode(), base.encode())


def _object(found: FoundImages, asked: Asked) -> str:
    match asked.search.level:
        case Level.STUDY:
            return _merged(found.study, extra=_of_study(found))
        case Level.SERIES:
            instances = {"00201209": {"vr": "IS", "Value": [found.instance_count]}}
            above = (found.study,) if asked.search.with_above else ()
            return _merged(*above, found.series, extra=instances)
        case Level.INSTANCE:
            if not (found.study or asked.include):
                return found.instance
            return _merged(found.study, found.series, found.instance, extra=_included(found.metadata, asked.include))


def _of_study(found: FoundImages) -> dict[str, Any]:
    return {
        "00080061": {"vr": "CS", "Value": list(found.modalities)} if found.modalities else {"vr": "CS"},
        "00201206": {"vr": "IS", "Value": [found.series_count]},
        "00201208": {"vr": "IS", "Value": [found.instance_count]},
    }


def _included(metadata: bytes, include: frozenset[str]) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(metadata) if include else {}
    return whole if ALL in include else {key: value for key, value in whole.items() if key in include}


def _merged(*objects: str, extra: dict[str, Any]) -> str:
    """One object of all, the later before the earlier, its keys ascending."""
    together: dict[str, Any] = {}
    for one in objects:
        if one:
            together |= json.loads(one)
    together = {**extra, **together}
    return json.dumps(dict(sorted(together.items())), ensure_ascii=False, separators=(",", ":"))


def stored_answer(stored: Sequence[dict[str, Any]], failed: Sequence[dict[str, Any]], others: Sequence[int]) -> str:
    """The Store Instances Response Module. Source: PS3.18 table I.1-1; `others` are failures without a UID."""
    said: dict[str, Any] = {"00081190": {"vr": "UR"}}
    for key, items in (("00081198", failed), ("00081199", stored)):
        if items:
            said[key] = {"vr": "SQ", "Value": list(items)}
    if others:
        reasons = [{"00081197": {"vr": "US", "Value": [reason]}} for reason in others]
        said["0008119A"] = {"vr": "SQ", "Value": reasons}
    return json.dumps(dict(sorted(said.items())), separators=(",", ":"))
