"""The sections of the configuration about images once they are here: how long, how cleaned, and whose not."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from node.ground.config_section import Section
from node.ground.faults import Objection


class Retention(Section):
    """How long received bytes are kept after acceptance, when they go earlier, and how often they are proven."""

    received_days: Annotated[int, Field(ge=1)] = 30
    without_end: bool = False
    """Received bytes are kept for ever: neither `received_days` nor a full disk drops one. Commitment asks for it."""
    high_water_percent: Annotated[int, Field(ge=1, le=100)] = 90
    """Above this share of the disk received bytes that may go are dropped early, the longest clean first."""
    low_water_percent: Annotated[int, Field(ge=0, le=99)] = 80
    """Down to this share."""
    settled_days: Annotated[int, Field(ge=0)] = 1
    """What is clean for less than this does not go early."""
    scrub_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """A round of the background scrub, which proves every received object, begins no sooner than this."""

    @model_validator(mode="after")
    def _low_is_below_high(self) -> Retention:
        if self.low_water_percent >= self.high_water_percent:
            raise Objection("ground.fault_water_marks")
        return self


class Deidentify(Section):
    """What this hospital chose of the options of PS3.15 annex E; `intramuros node deid-policy` says it in words."""

    dates: Literal["removed", "modified", "full"] = "modified"
    keep_times: bool = False
    """Times of day stay beside moved dates; full dates keep them anyway."""
    keep_patient_characteristics: bool = True
    keep_device_identity: bool = False
    keep_institution_identity: bool = False
    keep_uids: bool = False
    keep_safe_private: bool = False
    clean_descriptors: bool = False
    """Descriptions and comments stay, cleaned; without it they go."""
    clean_structured_content: bool = False
    permitted_marks: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,16}$")], ...] | None = None
    """Text that may stay in a picture, such as L or PORTABLE; any other text in it is blanked."""


class Exclusions(Section):
    """The list of patients whose images are not used."""

    copy_to: Path | None = None
    """A file outside the home that holds the same list, sealed, so that a restored home is filtered again too."""
