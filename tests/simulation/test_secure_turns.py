"""Secure runs whose updates go in turns, from the coordinator's books to hospitals' walls and back.

Every model is bit for bit the one that the same words give when they are added up in the open; at the end the model
went as far as all updates in sums did, up to the last rounding.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes.secure_walls import WalledHospital
from fakes.secure_world import SecureWorld, WalledCourier, a_secure_world, checkpoint, conducted
from fakes.wall_cast import SPECS
from numpy.typing import NDArray

from coordinator.aggregation.weighted_sum import model_moved
from coordinator.rounds.courier import CourierStopped
from coordinator.rounds.run import Run
from coordinator.rounds.starting import starting_weights
from node.release.asked import Asked, Exchange
from node.release.secure.compress import compress, order_of, places_of
from protocols.inbox import RunState
from protocols.masking import AdvertInstruction, MaskInstruction, SurvivorInstruction, members_digest
from protocols.models import blob_bytes, model_digest
from protocols.plans import Aggregation, AggregationMode, Compression
from protocols.sparse import SparseTerms, order_seed, sparse_terms

ROUNDS = 4
SIZE = blob_bytes(SPECS) // 4
START = starting_weights(SPECS, 7)
TURNS = Aggregation(mode=AggregationMode.SECURE, threshold_t=3, compression=Compression.TURNS)
Numbers = NDArray[np.float64]
Counted = Sequence[Sequence[WalledHospital]]


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[SecureWorld]:
    made = a_secure_world(tmp_path, 4, threshold=3, rounds=ROUNDS, aggregation=TURNS)
    yield made
    made.close()


def carried(secure: SecureWorld, courier: WalledCourier | None = None) -> Run:
    return conducted(secure, courier or secure.courier, secure.world.started(secure.offer))


def terms_of(secure: SecureWorld) -> SparseTerms:
    found = sparse_terms(secure.offer.plan, members=len(secure.members))
    assert found is not None
    return found


def order(secure: SecureWorld) -> NDArray[np.intp]:
    identities = {one.site_id: one.identity.public.raw for one in secure.members}
    return order_of(order_seed(secure.offer.plan_id, members_digest(identities)), SIZE)


def in_the_open(secure: SecureWorld, run: Run, counted: Counted) -> list[bytes]:
    """The model after every round, by adding up in the open the words of those who are in each sum."""
    terms, models = terms_of(secure), [START]
    kept = {one.site_id: np.zeros(SIZE) for one in secure.members}
    for number, members in enumerate(counted, start=1):
        places, digest = places_of(order(secure), terms, number), model_digest(SPECS, models[-1])
        total, weight = np.zeros(places.size, dtype=np.int64), 0
        for one in secure.members:
            held = vector(one, run, number, digest)
            if held is None:
                continue
            update = np.frombuffer(held.vector, "<i4") / 2.0**secure.offer.plan.aggregation.scale_bits
            made = compress(update, kept[one.site_id], terms=terms, places=places, weight=held.weight)
            if one in members:
                total += made.words[:-2].view(np.int16)
                weight += held.weight
            left = made.kept if one in members else made.whole
            kept[one.site_id] = left.astype("<f4").astype(np.float64)
        moved = np.zeros(SIZE)
        moved[places] = total * terms.unit(weight)
        models.append(model_moved(models[-1], moved).blob)
    return models[1:]


def vector(one: WalledHospital, run: Run, number: int, digest: str) -> Any:
    asked = Asked(run.plan_id, run.run_id, Exchange.TRAIN, number, 1, digest)
    return one.wall.stores.vectors.kept(asked)


def models(secure: SecureWorld, run: Run) -> list[bytes]:
    return [checkpoint(secure, run, number) for number in range(1, ROUNDS + 1)]


def check_way(secure: SecureWorld, run: Run, members: Sequence[WalledHospital]) -> None:
    """The way of the whole run is that of all its members' mean updates."""
    digests = [model_digest(SPECS, blob) for blob in (START, *models(secure, run)[:-1])]
    means = []
    for number, digest in enumerate(digests, start=1):
        held = [vector(one, run, number, digest) for one in members]
        weighted = [np.frombuffer(one.vector, "<i4").astype(np.float64) * one.weight for one in held]
        means.append(np.sum(weighted, axis=0) / sum(one.weight for one in held) / 2.0**20)
    true = np.sum(means, axis=0)
    moved = np.frombuffer(models(secure, run)[-1], "<f4").astype(np.float64) - np.frombuffer(START, "<f4")
    assert np.linalg.norm(moved - true) < 0.02 * np.linalg.norm(true)


def test_a_run_in_turns_takes_a_quarter_of_the_bytes_and_gives_the_model_of_the_same_words_in_the_open(
    secure: SecureWorld,
) -> None:
    run = carried(secure)
    assert (run.state, run.reason, run.rounds_done) == (RunState.FINISHED, None, ROUNDS)
    assert models(secure, run) == in_the_open(secure, run, [secure.members] * ROUNDS)
    check_way(secure, run, secure.members)
    expected = terms_of(secure).upload_bytes
    for one in secure.members:
        sent = [
            row.entry.sent_bytes for row in one.wall.ledger.page(0, 100) if row.entry.message_kind == "masked-update"
        ]
        assert len(sent) == ROUNDS
        assert expected < sum(sent) < expected + ROUNDS * 8192
        assert sum(sent) < ROUNDS * SIZE * 4 * 0.27


STEPS = [
    (AdvertInstruction, "lost", False),
    (MaskInstruction, "unheard", False),
    (SurvivorInstruction, "lost", True),
]


@pytest.mark.parametrize(("kind", "direction", "counts"), STEPS)
def test_what_was_in_no_sum_goes_in_a_later_one(
    secure: SecureWorld, kind: type[Any], direction: str, counts: bool
) -> None:
    courier, second = secure.courier, secure.members[1]

    def is_it(one: WalledHospital, asked: Any) -> bool:
        return one is second and isinstance(asked, kind) and (asked.about.round, asked.about.attempt) == (3, 1)

    setattr(courier, direction, is_it)
    run = carried(secure, courier)
    others = [one for one in secure.members if one is not second]
    third = secure.members if counts else others
    assert (run.state, run.rounds_done) == (RunState.FINISHED, ROUNDS)
    counted = [secure.members, secure.members, third, secure.members]
    if kind is AdvertInstruction:
        counted[3] = others
    assert models(secure, run) == in_the_open(secure, run, counted)


def test_walls_that_restart_before_every_step_lose_nothing_and_send_nothing_twice(secure: SecureWorld) -> None:
    courier = secure.courier

    def restarted(one: WalledHospital, asked: Any) -> bool:
        if one.number in {1, 3} and hasattr(asked, "about"):
            one.stop()
            one.start()
        return False

    courier.lost = restarted
    run = carried(secure, courier)
    assert run.state is RunState.FINISHED
    assert models(secure, run) == in_the_open(secure, run, [secure.members] * ROUNDS)
    check_way(secure, run, secure.members)


@pytest.mark.parametrize("dies_at", [9, 12])
def test_a_server_app_that_dies_between_rounds_or_in_one_goes_on_to_the_same_model(
    secure: SecureWorld, dies_at: int
) -> None:
    world, courier = secure.world, secure.courier
    courier.dies_at, run = dies_at, world.started(secure.offer)
    with pytest.raises(CourierStopped):
        conducted(secure, courier, run)
    world.engine.alive.clear()
    world.reconcile()
    with world.work.reading() as books:
        again = books.runs.find(run.run_id)
    assert again is not None
    run = conducted(secure, secure.courier, again)
    assert (run.state, run.rounds_done) == (RunState.FINISHED, ROUNDS)
    assert models(secure, run) == in_the_open(secure, run, [secure.members] * ROUNDS)


def test_a_hospital_that_lost_what_it_kept_back_sits_out_and_the_others_go_on(secure: SecureWorld) -> None:
    courier, lost = secure.courier, secure.members[2]

    def forgotten(one: WalledHospital, asked: Any) -> bool:
        if one is lost and isinstance(asked, MaskInstruction) and asked.about.round == 3:
            with lost.wall.round_engine.begin() as connection:
                connection.exec_driver_sql("DELETE FROM kept_back")
        return False

    courier.lost = forgotten
    run = carried(secure, courier)
    others = [one for one in secure.members if one is not lost]
    assert (run.state, run.rounds_done) == (RunState.FINISHED, ROUNDS)
    assert models(secure, run) == in_the_open(secure, run, [secure.members, secure.members, others, others])
