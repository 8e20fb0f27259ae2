"""Closing a case under a project's way of fusing: by vote, or by what is known of how its readers err.

`estimate` looks at the closed readings of a project and its gold cases and gives, for everything voted on, how each
reader errs (`consensus.dawid_skene`). `close` fuses one case with that: readers who are not in it are taken as all
readers together are. A gold case closes as gold says. As in the vote, what is mostly abstained from has no option, and
at a tie there is none. With the vote as its way a project needs no estimate, and none is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from node.consensus.dawid_skene import Beliefs, case_posterior, dawid_skene
from node.consensus.fusion import weighted_matrices
from node.consensus.opinion_table import Indices, Opinion, OpinionTable, gold_of, opinion_table
from node.consensus.vote import QuestionConsensus, fuse
from node.consensus.voted import Voted, said_to, voted_of
from node.consensus.way import Fusing, Gold, Matrix, Method, ReaderEstimate
from node.labeling.reading import Reading
from protocols.labels import LabelSchema

SEED = 1


def estimate(
    schema: LabelSchema, readings: Sequence[Reading], gold: Gold, method: Method
) -> tuple[ReaderEstimate, ...]:
    """One estimate for everything voted on that was read at all; none for the vote."""
    if method is Method.VOTE:
        return ()
    found = (_estimate(voted, readings, gold, method) for voted in voted_of(schema))
    return tuple(one for one in found if one is not None)


def close(schema: LabelSchema, readings: Sequence[Reading], fusing: Fusing) -> tuple[QuestionConsensus, ...]:
    """The consensus on one case, in the schema's order."""
    by_vote = fuse(schema, readings)
    if fusing.method is Method.VOTE:
        return by_vote
    return tuple(_closed(voted, vote, readings, fusing) for voted, vote in zip(voted_of(schema), by_vote, strict=True))


def _estimate(voted: Voted, readings: Iterable[Reading], gold: Gold, method: Method) -> ReaderEstimate | None:
    opinions = [
        Opinion(reading.case_id, reading.person_id, said)
        for reading in readings
        for said in said_to(voted, reading)
        if said is not None
    ]
    if not opinions:
        return None
    table = opinion_table(opinions, voted.options)
    known = gold_of(table, {case: option for (case, name), option in gold.items() if name == voted.name})
    return _weighted(voted, table, known) if method is Method.WEIGHTED else _dawid_skene(voted, table, known)


def _weighted(voted: Voted, table: OpinionTable, known: Indices) -> ReaderEstimate:
    matrices = weighted_matrices(table, known, accuracy=Beliefs().accuracy, reads=Beliefs().pool_reads)
    even = tuple(1.0 / len(voted.options) for _ in voted.options)
    return ReaderEstimate(
        voted=voted.name,
        options=voted.options,
        shares=even,
        of_all=_rows(matrices[-1]),
        of_reader={name: _rows(matrix) for name, matrix in zip(table.reader_ids, matrices[:-1], strict=True)},
        doubted=False,
    )


def _dawid_skene(voted: Voted, table: OpinionTable, known: Indices) -> ReaderEstimate:
    found = dawid_skene(table, known, seed=SEED)
    return ReaderEstimate(
        voted=voted.name,
        options=voted.options,
        shares=tuple(found.shares.tolist()),
        of_all=_rows(found.centre),
        of_reader={name: _rows(matrix) for name, matrix in zip(table.reader_ids, found.matrices, strict=True)},
        doubted=found.inverted,
    )


def _closed(voted: Voted, vote: QuestionConsensus, readings: Sequence[Reading], fusing: Fusing) -> QuestionConsensus:
    known = fusing.gold.get((readings[0].case_id, voted.name)) if readings else None
    if known is not None and known in voted.options:
        return _consensus(vote, known, 1.0, voted, readings)
    estimates = fusing.estimates.get(voted.name)
    if estimates is not None and estimates.options != voted.options:
        return vote  # made under another version of the schema; the lead's next estimate fits again
    if estimates is None or not vote.votes or vote.abstentions >= vote.votes:
        return vote if estimates is None else _without(vote)
    said = [(reading.person_id, one) for reading in readings for one in said_to(voted, reading) if one is not None]
    matrices = np.array([estimates.of_reader.get(reader, estimates.of_all) for reader, _ in said])
    posterior = case_posterior(
        matrices, np.array(estimates.shares), [(at, voted.options.index(one)) for at, (_, one) in enumerate(said)]
    )
    best = int(posterior.argmax())
    if np.isclose(np.sort(posterior)[-2], posterior[best]):
        return _without(vote)
    return _consensus(vote, voted.options[best], float(posterior[best]), voted, readings)


def _consensus(
    vote: QuestionConsensus, option: str, posterior: float, voted: Voted, readings: Sequence[Reading]
) -> QuestionConsensus:
    dissent = sum(said != option for reading in readings for said in said_to(voted, reading))
    return QuestionConsensus(vote.question, option, posterior, vote.votes, vote.abstentions, dissent)


def _without(vote: QuestionConsensus) -> QuestionConsensus:
    return QuestionConsensus(vote.question, None, 0.0, vote.votes, vote.abstentions, 0)


def _rows(matrix: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Matrix:
    return tuple(tuple(float(cell) for cell in row) for row in matrix)
