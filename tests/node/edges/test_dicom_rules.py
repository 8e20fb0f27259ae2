"""Who gets an association and who waits for one: rules, the line before the places, transfer syntaxes."""

import threading
from typing import Any

import pytest

from node.edges.dicom.peers import Caller, PeerRules, Rejection
from node.edges.dicom.slots import Slots
from node.edges.dicom.syntaxes import preferred
from node.ground.config import DicomPeer
from node.intake.errors import PeerAddressInvalid

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
JPEG_LOSSLESS, JPEG_BASELINE = "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.50"


def peer(**changes: Any) -> DicomPeer:  # `Any`: the fields of a peer, each of its own type
    return DicomPeer(**{"ae_title": "CT3", "address": "10.1.0.0/16", **changes})


def caller(**changes: Any) -> Caller:
    return Caller(**{"calling": "CT3", "called": "INTRAMUROS ", "address": "10.1.2.3", "encrypted": False, **changes})


@pytest.mark.parametrize(
    ("peers", "asking"),
    [
        ((peer(),), caller()),
        ((peer(),), caller(address="::ffff:10.1.2.3")),
        ((peer(address="10.1.2.3"),), caller(calling=" CT3")),
        ((peer(ae_title="*"),), caller(calling="CT4")),
        ((peer(called_ae_title="RESEARCH"),), caller(called="RESEARCH")),
        ((peer(tls_required=True),), caller(encrypted=True)),
        ((peer(address="fe80::/64"),), caller(address="fe80::1%eth0")),
    ],
)
def test_a_peer_is_a_title_from_an_address_that_calls_the_right_title(
    peers: tuple[DicomPeer, ...], asking: Caller
) -> None:
    assert PeerRules("INTRAMUROS", peers).rule_for(asking) is peers[0]


@pytest.mark.parametrize(
    ("peers", "asking", "rejection"),
    [
        ((), caller(), Rejection.CALLING_AE_TITLE),
        ((peer(),), caller(address="10.2.2.3"), Rejection.CALLING_AE_TITLE),
        ((peer(),), caller(calling="CT4"), Rejection.CALLING_AE_TITLE),
        ((peer(),), caller(called="OTHER"), Rejection.CALLED_AE_TITLE),
        ((peer(ae_title="*", address="0.0.0.0/0"),), caller(address="no address"), Rejection.CALLING_AE_TITLE),
        ((peer(called_ae_title="RESEARCH"),), caller(), Rejection.CALLED_AE_TITLE),
        ((peer(), peer(ae_title="CT4", called_ae_title="B")), caller(called="B"), Rejection.CALLED_AE_TITLE),
        ((peer(tls_required=True),), caller(), Rejection.TLS_REQUIRED),
    ],
)
def test_whoever_fits_no_rule_is_rejected_with_the_reason(
    peers: tuple[DicomPeer, ...], asking: Caller, rejection: Rejection
) -> None:
    assert PeerRules("INTRAMUROS", peers).rule_for(asking) is rejection


def test_the_first_rule_that_fits_is_the_one_that_counts() -> None:
    strict, loose = peer(tls_required=True), peer(ae_title="*")
    assert PeerRules("INTRAMUROS", (strict, loose)).rule_for(caller()) is Rejection.TLS_REQUIRED
    assert PeerRules("INTRAMUROS", (loose, strict)).rule_for(caller()) is loose


def test_a_peer_address_that_is_none_is_refused_at_start() -> None:
    with pytest.raises(PeerAddressInvalid, match=r"pacs\.local"):
        PeerRules("INTRAMUROS", (peer(address="pacs.local"),))


@pytest.mark.parametrize(
    ("offered", "taken"),
    [
        ([IMPLICIT], IMPLICIT),
        ([EXPLICIT, IMPLICIT], EXPLICIT),
        ([IMPLICIT, EXPLICIT, JPEG_LOSSLESS], JPEG_LOSSLESS),
        ([JPEG_BASELINE, EXPLICIT], JPEG_BASELINE),
        ([EXPLICIT, JPEG_BASELINE], EXPLICIT),
        ([EXPLICIT, JPEG_BASELINE, JPEG_LOSSLESS], JPEG_LOSSLESS),
    ],
)
def test_compressed_goes_before_uncompressed_and_lossy_only_where_the_sender_names_it_first(
    offered: list[str], taken: str
) -> None:
    assert preferred(offered) == taken


def test_places_are_given_in_the_order_of_the_line() -> None:
    slots, came = Slots(1, waiting=2, longest_wait_seconds=5), list[int]()
    assert slots.take()
    waiting = []
    for number in (1, 2):
        waiting.append(threading.Thread(target=lambda n=number: came.extend([n] * slots.take())))
        waiting[-1].start()
        while len(slots._line) < number:
            pass
    assert not slots.take(), "the line is full"
    for number in (1, 2):
        slots.give_back()
        waiting[number - 1].join(5)
    assert came == [1, 2]


def test_whoever_waits_too_long_leaves_the_line() -> None:
    slots = Slots(1, waiting=1, longest_wait_seconds=0.01)
    assert [slots.take(), slots.take()] == [True, False]
    slots.give_back()
    assert slots.take()


def test_closing_sends_everyone_in_line_away() -> None:
    slots, answers = Slots(1, waiting=1, longest_wait_seconds=5), list[bool]()
    slots.take()
    waiting = threading.Thread(target=lambda: answers.append(slots.take()))
    waiting.start()
    while not slots._line:
        pass
    slots.close()
    waiting.join(5)
    assert [*answers, slots.take()] == [False, False]
