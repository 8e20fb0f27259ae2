"""The three drawn hospitals: how their pictures look, how they write, how they store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from deploy.demo.phantoms.anatomy import Look
from deploy.demo.phantoms.people import Writing


@dataclass(frozen=True, slots=True)
class Site:
    """One drawn hospital."""

    name: str
    letter: str
    institution: str
    maker: str
    writing: Writing
    character_sets: tuple[str, ...]
    modality: str
    sop_class_uid: UID
    transfer_syntax_uid: UID
    bits_stored: int
    look: Look


SITES: Final = (
    Site(
        name="site-north",
        letter="N",
        institution="가람 상상병원",
        maker="Umbra Drawing Works",
        writing=Writing.KOREAN,
        character_sets=("", "ISO 2022 IR 149"),
        modality="CR",
        sop_class_uid=ComputedRadiographyImageStorage,
        transfer_syntax_uid=ExplicitVRLittleEndian,
        bits_stored=8,
        look=Look(rows=256, columns=256, brightness=0.0, contrast=1.0, noise=0.03),
    ),
    Site(
        name="site-east",
        letter="E",
        institution="Nowhere Harbour Infirmary",
        maker="Penumbra Plates",
        writing=Writing.LATIN,
        character_sets=("ISO_IR 100",),
        modality="DX",
        sop_class_uid=DigitalXRayImageStorageForPresentation,
        transfer_syntax_uid=ImplicitVRLittleEndian,
        bits_stored=12,
        look=Look(rows=256, columns=224, brightness=0.1, contrast=0.8, noise=0.035),
    ),
    Site(
        name="site-south",
        letter="S",
        institution="라온 가상의료원",
        maker="Sciography Hall",
        writing=Writing.KOREAN,
        character_sets=("ISO_IR 192",),
        modality="CR",
        sop_class_uid=ComputedRadiographyImageStorage,
        transfer_syntax_uid=RLELossless,
        bits_stored=8,
        look=Look(rows=224, columns=256, brightness=-0.06, contrast=1.2, noise=0.04),
    ),
)
