"""Which media type an answer has: Accept headers as clients send them."""

import pytest

from node.edges.dicomweb.media import EXPLICIT_LITTLE, OBJECT, OCTETS, Offer, accepted, chosen
from node.edges.dicomweb.refusals import NotAcceptable

JLS = "1.2.840.10008.1.2.4.80"
FRAMES = (Offer(OCTETS, EXPLICIT_LITTLE), Offer("image/jls", JLS))


@pytest.mark.parametrize(
    ("header", "media_type", "multipart"),
    [
        (None, OCTETS, True),
        ("*/*", OCTETS, True),
        ("multipart/related", OCTETS, True),
        ('multipart/related; type="application/octet-stream"', OCTETS, True),
        ("multipart/related; type=application/octet-stream; transfer-syntax=*", OCTETS, True),
        (f'multipart/related; type="application/octet-stream"; transfer-syntax={EXPLICIT_LITTLE}', OCTETS, True),
        ('multipart/related; type="image/jls"', "image/jls", True),
        (f'multipart/related; type="image/jls"; transfer-syntax={JLS}', "image/jls", True),
        ('multipart/related; type="*/*"; transfer-syntax=*', "image/jls", True),
        ('multipart/related; type="image/*"', "image/jls", True),
        ("application/octet-stream", OCTETS, False),
        ('image/png, multipart/related; type="image/jls"; q=0.5, application/octet-stream;q=0.4', "image/jls", True),
        ('multipart/related; type="image/jls"; q=0, */*;q=0.1', OCTETS, True),
    ],
)
def test_the_best_range_takes_what_it_can(header: str | None, media_type: str, multipart: bool) -> None:
    choice = chosen(header, FRAMES, told="")
    assert (choice.offer.media_type, choice.multipart) == (media_type, multipart)


@pytest.mark.parametrize(
    "header",
    [
        "image/png",
        'multipart/related; type="application/dicom+xml"',
        'multipart/related; type="image/jls"; transfer-syntax=1.2.840.10008.1.2.4.90',
        "application/octet-stream;q=0",
        "rubbish",
        ";;;,,,",
        'multipart/related; type="application/octet-stream"; q=x',
    ],
)
def test_what_is_not_there_is_refused_with_what_is(header: str) -> None:
    with pytest.raises(NotAcceptable, match="image/jls"):
        chosen(header, FRAMES, told="application/octet-stream, image/jls")


def test_an_object_is_not_given_in_another_transfer_syntax() -> None:
    offer = (Offer(OBJECT, JLS),)
    assert chosen('multipart/related; type="application/dicom"; transfer-syntax=*', offer, told="").offer is offer[0]
    with pytest.raises(NotAcceptable):
        chosen(f'multipart/related; type="application/dicom"; transfer-syntax={EXPLICIT_LITTLE}', offer, told="")


def test_a_long_header_takes_no_long_time() -> None:
    assert accepted("a/b; " * 20_000) == ()
    assert len(accepted("a/b;q=0.5," * 1000)) == 1000
