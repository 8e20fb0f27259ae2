"""A plan file: the fields of a training plan as JSON. What the client knows itself may be left out."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from coordinator.partner.errors import NotReady
from protocols.cards import PartnerCard
from protocols.plans import TrainingPlan


def read_plan_file(path: Path, card: PartnerCard) -> TrainingPlan:
    """The plan of a file; `plan_id`, `partner_id`, `partner_name` and `created_at` may be missing.

    Raises:
        NotReady: no such file, not JSON, or naming every field that is wrong.
    """
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotReady("file-unreadable", file=path, reason=error.strerror) from None
    except (ValueError, RecursionError) as error:
        raise NotReady("plan-not-json", file=path, reason=error) from None
    if not isinstance(fields, dict):
        raise NotReady("plan-no-object", file=path)
    try:
        return TrainingPlan.model_validate_json(json.dumps({**_known(card), **fields}))
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, item['loc'])) or 'plan'}: {item['msg']}" for item in error.errors()]
        raise NotReady("plan-invalid", file=path, faults="\n".join(lines)) from None


def _known(card: PartnerCard) -> dict[str, Any]:
    return {
        "plan_id": str(uuid.uuid4()),
        "partner_id": card.partner_id,
        "partner_name": card.partner_name,
        "created_at": datetime.now(UTC).isoformat(),
    }
