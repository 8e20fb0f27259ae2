"""Majority vote with a posterior.

An option wins when more readers chose it than any other option, and more than abstained; otherwise there is no
consensus and the case teaches nothing. The posterior of the winner is naive Bayes with one symmetric error for every
reader: each is right with probability `READER_ACCURACY`, wrong options are equally likely, and so are all options
beforehand:

    P(option | votes)  ∝  a^n (1 - a)^(N - n) / (K - 1)^(N - n)      n votes of N for it, K options, a the accuracy

Abstentions are no votes. The accuracy is assumed, not measured: measuring each reader (Dawid and Skene,
doi:10.2307/2346806) replaces this module's likelihood, not its callers.

Example: three readers, two options, two of three agree: 0.85² 0.15 / (0.85² 0.15 + 0.15² 0.85) = 0.85.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from node.consensus.voted import Voted, said_to, voted_of
from node.labeling.reading import Reading
from protocols.labels import LabelSchema

READER_ACCURACY = 0.85


@dataclass(frozen=True, slots=True)
class QuestionConsensus:
    """What the readings of one case say to one question."""

    question: str
    """Its code, or `question/option` for one option of several (`consensus.voted`)."""
    option: str | None
    """None when the readers did not agree, or mostly abstained."""
    posterior: float
    """Probability of the option given the votes, 0..1; 0 without an option."""
    votes: int
    abstentions: int
    dissent: int
    """Readings that say otherwise, abstentions included; 0 without an option."""


def fuse(schema: LabelSchema, readings: Sequence[Reading]) -> tuple[QuestionConsensus, ...]:
    """The consensus on everything the schema puts to the vote, in its order."""
    return tuple(
        _fuse(voted, [said for reading in readings for said in said_to(voted, reading)]) for voted in voted_of(schema)
    )


def dissents(consensus: QuestionConsensus, reading: Reading) -> bool:
    """True when the reading does not say what the consensus says; never without a consensus."""
    if consensus.option is None:
        return False
    question, _, option = consensus.question.partition("/")
    voted = Voted(consensus.question, question, (), option or None)
    return any(said != consensus.option for said in said_to(voted, reading))


def posteriors(votes: Sequence[int]) -> list[float]:
    """Naive Bayes posterior of each option, given the votes for each."""
    total, wrong = sum(votes), (1 - READER_ACCURACY) / (len(votes) - 1)
    likelihoods = [READER_ACCURACY**count * wrong ** (total - count) for count in votes]
    return [likelihood / sum(likelihoods) for likelihood in likelihoods]


def _fuse(voted: Voted, said: Sequence[str | None]) -> QuestionConsensus:
    counts = Counter(said)
    votes = [counts[option] for option in voted.options]
    abstentions = len(said) - sum(votes)
    best = max(votes)
    agreed = votes.count(best) == 1 and best > abstentions
    winner = votes.index(best)
    return QuestionConsensus(
        question=voted.name,
        option=voted.options[winner] if agreed else None,
        posterior=posteriors(votes)[winner] if agreed else 0.0,
        votes=sum(votes),
        abstentions=abstentions,
        dissent=len(said) - best if agreed else 0,
    )
