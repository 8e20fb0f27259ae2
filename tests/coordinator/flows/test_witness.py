"""A hospital's daily root at the coordinator: countersigned once, in order, and a rewritten ledger is found."""

from datetime import timedelta
from typing import Any

import pytest
from factories import NOW, a_ledger_root, an_identity
from fakes.coordinator_world import World
from fakes.hospitals import Hospital

from coordinator.flows.join import remove
from coordinator.flows.overview import overview
from coordinator.flows.witness import receive_root
from coordinator.membership.ledger_root import CLOCK_TOLERANCE, RootRefused
from coordinator.membership.site import SiteUnknown
from protocols.encoding import decode, encode
from protocols.ledger_roots import LedgerRoot, LedgerWitness, RootFault, check_witness, day_end, root_digest
from protocols.receipts import GENESIS
from protocols.signing import Identity, Purpose, seal, unseal

OTHER = "cd" * 32


def a_root(hospital: Hospital, **changes: Any) -> LedgerRoot:
    return a_ledger_root(**{"site_id": hospital.site_id, "day": NOW.date() - timedelta(days=3), **changes})


def after(root: LedgerRoot, **changes: Any) -> LedgerRoot:
    fields = {"day": root.day + timedelta(days=1), "previous_sha256": root_digest(root), "closed_at": NOW}
    return root.model_copy(update={**fields, **changes})


def sealed(root: LedgerRoot, identity: Identity) -> bytes:
    return seal(encode(root), identity, Purpose.LEDGER_ROOT)


def sent(world: World, hospital: Hospital, root: LedgerRoot) -> bytes:
    return receive_root(world.work, world.face, sealed(root, hospital.identity), now=world.clock.now())


def refused(world: World, hospital: Hospital, root: LedgerRoot) -> RootFault:
    with pytest.raises(RootRefused) as refusal:
        sent(world, hospital, root)
    return refusal.value.fault


def evidence(world: World) -> list[RootFault]:
    return [kept.fault for kept in overview(world.work, now=NOW).evidence]


def test_roots_are_countersigned_day_by_day_also_where_nothing_left(world: World) -> None:
    hospital = world.admitted("a")
    root = a_root(hospital)
    for _ in range(3):
        opened = unseal(sent(world, hospital, root), world.face.identity.public, Purpose.LEDGER_WITNESS)
        witness, _ = decode(opened, LedgerWitness)
        check_witness(witness, root)
        assert witness.witnessed_at == NOW
        root = after(root)
    assert evidence(world) == []


def test_the_same_bytes_get_the_same_witness_also_later(world: World) -> None:
    hospital = world.admitted("a")
    root = a_root(hospital)
    first = sent(world, hospital, root)
    sent(world, hospital, after(root))
    world.clock.sleep(3600)
    assert sent(world, hospital, root) == first


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"entries": 4}, RootFault.TWO_ROOTS),
        ({"head_hash": OTHER}, RootFault.TWO_ROOTS),
        ({"closed_at": NOW + timedelta(seconds=1)}, RootFault.TWO_ROOTS),
    ],
)
def test_a_second_root_of_one_day_is_never_countersigned_and_is_kept_as_evidence(
    world: World, changes: dict[str, Any], fault: RootFault
) -> None:
    hospital = world.admitted("a")
    root = a_root(hospital)
    sent(world, hospital, root)
    for _ in range(2):
        assert refused(world, hospital, root.model_copy(update=changes)) is fault
    assert evidence(world) == [fault]
    sent(world, hospital, after(root))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"previous_sha256": OTHER}, RootFault.UNLINKED),
        ({"previous_sha256": GENESIS}, RootFault.UNLINKED),
        ({"entries": 2}, RootFault.SHORTENED),
        ({"head_hash": OTHER}, RootFault.SHORTENED),
    ],
)
def test_a_rewritten_or_shortened_ledger_is_found_at_its_next_root(
    world: World, changes: dict[str, Any], fault: RootFault
) -> None:
    hospital = world.admitted("a")
    root = a_root(hospital)
    sent(world, hospital, root)
    assert refused(world, hospital, after(root, **changes)) is fault
    (kept,) = overview(world.work, now=NOW).evidence
    assert (kept.site_id, kept.fault) == (hospital.site_id, fault)
    assert decode(unseal(kept.sealed, hospital.identity.public, Purpose.LEDGER_ROOT), LedgerRoot)[0].day == kept.day


def test_a_day_left_out_or_not_over_is_refused_and_is_no_evidence(world: World) -> None:
    hospital = world.admitted("a")
    root = a_root(hospital)
    sent(world, hospital, root)
    assert refused(world, hospital, after(root, day=root.day + timedelta(days=2))) is RootFault.GAP
    today = a_root(world.admitted("b"), day=NOW.date())
    assert refused(world, world.hospitals[1], today) is RootFault.NOT_OVER
    world.clock.at = day_end(NOW.date()) - CLOCK_TOLERANCE
    sent(world, world.hospitals[1], today)
    assert evidence(world) == []


def test_a_root_of_a_stranger_or_for_another_site_is_refused(world: World) -> None:
    hospital, other = world.admitted("a"), world.admitted("b")
    with pytest.raises(SiteUnknown):
        receive_root(world.work, world.face, sealed(a_root(hospital), an_identity(9)), now=NOW)
    assert refused(world, other, a_root(hospital)) is RootFault.UNREADABLE
    with pytest.raises(RootRefused):
        receive_root(world.work, world.face, b"nothing", now=NOW)
    wrong = seal(encode(a_root(hospital)), hospital.identity, Purpose.APPROVAL)
    with pytest.raises(RootRefused):
        receive_root(world.work, world.face, wrong, now=NOW)


def test_a_site_that_was_removed_is_witnessed_to_its_end(world: World) -> None:
    hospital = world.admitted("a")
    remove(world.work, "a", now=NOW)
    assert sent(world, hospital, a_root(hospital))
