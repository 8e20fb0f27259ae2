"""What stands in the file of an opened sum, as it is written now and as runs of before have it."""

import struct

import pytest
from secure_factories import SITES

from coordinator.flows.checkpoint import read_sum
from coordinator.rounds.states import EndReason, RunEnds
from protocols.masking import SumTold

WORDS = bytes(range(200)) * 3


def written(said: SumTold) -> bytes:
    told = said.model_dump_json().encode("ascii")
    return struct.pack(">I", len(told)) + told + WORDS


@pytest.mark.parametrize("sites", [None, SITES])
def test_a_sum_is_read_as_it_was_written(sites: tuple[str, ...] | None) -> None:
    said = SumTold(survivors=3, weight=2**40, sites=sites)
    assert read_sum(written(said)) == (said, WORDS)


@pytest.mark.parametrize("weight", [1, 123, 2**31, 2**40])
def test_a_sum_of_a_run_that_began_before_sums_named_their_sites_is_read(weight: int) -> None:
    former = struct.pack(">IQ", 3, weight) + WORDS
    assert read_sum(former) == (SumTold(survivors=3, weight=weight), WORDS)


@pytest.mark.parametrize(
    "content",
    [b"", b"\0\0\0", b"\0\0\0\4{", struct.pack(">IQ", 3, 0) + WORDS, b"\xff" * 200, struct.pack(">I", 9) + b"{" * 20],
)
def test_what_is_no_sum_ends_the_run(content: bytes) -> None:
    with pytest.raises(RunEnds) as end:
        read_sum(content)
    assert end.value.reason is EndReason.CHECKPOINT_DAMAGED
