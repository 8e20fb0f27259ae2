"""Identifiers as types of their own, so that a site can never be passed where a plan is meant."""

from __future__ import annotations

from typing import Annotated, NewType

from pydantic import StringConstraints

_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"

Uuid = Annotated[str, StringConstraints(pattern=_UUID)]
"""A random UUID version 4 in lower case. Source: RFC 9562 section 5.4."""

SiteId = NewType("SiteId", str)
PlanId = NewType("PlanId", str)
RunId = NewType("RunId", str)
PartnerId = NewType("PartnerId", str)
