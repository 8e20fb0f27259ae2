"""Where the bytes of a frame stand in a clean file, and in which form the asker takes it. Source: PS3.18 section 8.7.3.

A native frame is cut out as it is, a compressed one too where the asker names its transfer syntax; only a compressed
frame that is wanted as values has to be decoded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from node.deidentify.findings import Span
from node.edges.dicomweb.media import EXPLICIT_LITTLE, FRAME_TYPES, OCTETS, Offer, chosen
from node.edges.dicomweb.refusals import FrameInseparable
from node.flows.image_search import HeldImage

PIXELS = "7FE00010"


@dataclass(frozen=True, slots=True)
class FrameForm:
    """The form in which frames go out: `said` is the media type of a part with its transfer syntax."""

    media_type: str
    transfer_syntax: str
    multipart: bool

    @property
    def said(self) -> str:
        """The content type of one part."""
        return f"{self.media_type}; transfer-syntax={self.transfer_syntax}"

    @property
    def decoded(self) -> bool:
        """Whether the asker wants values and no compressed stream."""
        return self.media_type == OCTETS


def form_of(accept: str | None, image: HeldImage) -> FrameForm:
    """The form that an Accept header takes. Raises: NotAcceptable."""
    offers = [Offer(OCTETS, EXPLICIT_LITTLE)]
    stored_type = FRAME_TYPES.get(image.transfer_syntax_uid)
    if stored_type is not None:
        offers.append(Offer(stored_type, image.transfer_syntax_uid))
    choice = chosen(accept, offers, told=", ".join(offer.media_type for offer in offers))
    return FrameForm(choice.offer.media_type, choice.offer.transfer_syntax, choice.multipart)


def spans_of(image: HeldImage, number: int, form: FrameForm) -> Sequence[Span]:
    """Where the bytes of a frame, numbered from 1, stand in this form; nowhere where it has to be decoded.

    Raises:
        FrameInseparable: the frames of the compressed stream cannot be told apart.
    """
    if not form.decoded:
        if len(image.fragments) < number:
            raise FrameInseparable
        return image.fragments[number - 1]
    if image.frame_bytes and PIXELS in image.spans:
        start, _ = image.spans[PIXELS]
        return [(start + (number - 1) * image.frame_bytes, image.frame_bytes)]
    return ()
