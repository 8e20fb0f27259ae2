"""A round as bytes, for the store that encrypts them: what is unpacked is what was packed, or it is refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from node.ground.errors import NodeError
from node.release.secure.state import Secrets, SecureRound, Stage
from protocols.mask_streams import SharePair
from protocols.masking import MaskingAdvert, MaskingRound

FORMAT = 1
_AS_THEY_ARE = ("model_sha256", "adverts_sha256", "trained_sha256", "statement_sha256", "words_sha256")
_LISTS = ("members", "peers", "voted_for", "revealed_for")


class RoundUnreadable(NodeError):
    """Stored bytes that are no round of this release: the attempt cannot go on."""


def packed(state: SecureRound) -> bytes:
    """The round's bytes; they hold secrets."""
    secrets, own = state.secrets, state.own_share
    body: dict[str, Any] = {
        "format": FORMAT,
        "about": state.about.model_dump(mode="json"),
        "stage": state.stage.value,
        "adverts": [advert.model_dump(mode="json") for advert in state.adverts],
        "secrets": secrets and [_text(getattr(secrets, one.name)) for one in fields(secrets)],
        "own_share": own and [_text(own.seed_share), _text(own.key_share)],
        "held": [[site, _text(pair.seed_share), _text(pair.key_share)] for site, pair in state.held],
        **{name: getattr(state, name) for name in _AS_THEY_ARE},
        **{name: list(getattr(state, name)) for name in _LISTS},
    }
    return json.dumps(body).encode("ascii")


def unpacked(raw: bytes) -> SecureRound:
    """The round of its bytes.

    Raises:
        RoundUnreadable: they are none.
    """
    try:
        body = json.loads(raw)
        if body["format"] != FORMAT:
            raise RoundUnreadable("a round of another release")
        return _round(body)
    except (ValueError, KeyError, TypeError):
        raise RoundUnreadable("the stored round does not read") from None


def _round(body: Mapping[str, Any]) -> SecureRound:
    return SecureRound(
        about=MaskingRound.model_validate_json(json.dumps(body["about"])),
        stage=Stage(body["stage"]),
        members=tuple(body["members"]),
        model_sha256=body["model_sha256"],
        secrets=body["secrets"] and Secrets(*map(_raw, body["secrets"])),
        adverts_sha256=body["adverts_sha256"],
        adverts=tuple(MaskingAdvert.model_validate_json(json.dumps(one)) for one in body["adverts"]),
        own_share=body["own_share"] and SharePair(*map(_raw, body["own_share"])),
        held=tuple((site, SharePair(_raw(seed), _raw(key))) for site, seed, key in body["held"]),
        peers=tuple(body["peers"]),
        trained_sha256=body["trained_sha256"],
        statement_sha256=body["statement_sha256"],
        words_sha256=body["words_sha256"],
        voted_for=tuple(body["voted_for"]),
        revealed_for=tuple(body["revealed_for"]),
    )


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
