"""A coordinator that tries at random: true words of hospitals, put together as it likes, over two attempts of a round.

It holds everything that hospitals ever sent and mixes it: other sheets, other packets, other models, other lists, votes
left out, earlier attempts, all in any order. Hospitals 1 … c are its own: their words are forged to fit. Choices lean
towards what an honest coordinator would do, so that a good part of the tries gets far.
"""

from __future__ import annotations

import random
from collections import defaultdict

from fakes.lies import OTHER_MODEL, in_hand
from fakes.secure import MODEL, SecureHospital, about_of, opened

from node.release.secure.refusals import SecureRefused
from node.release.secure.state import Stage, name_of
from protocols.encoding import decode
from protocols.masking import (
    AdvertInstruction,
    MaskedStatement,
    MaskedUpdate,
    MaskingRound,
    MaskingShares,
    MaskInstruction,
    ShareInstruction,
    SharePacket,
    SurvivorInstruction,
    SurvivorVote,
    UnmaskingShares,
    adverts_digest,
)
from protocols.signing import Purpose, unseal

SELDOM, EARLY, ODD = 0.02, 0.15, 0.15
STEPS = (None, Stage.ADVERTISED, Stage.SHARED, Stage.MASKED, Stage.VOTED, Stage.REVEALED, Stage.ENDED)
"""What was done last, in the order of what an honest coordinator would ask for next; the list from then on."""


class Adversary:
    """What it was told, by attempt, and what it asks next."""

    def __init__(self, members: list[SecureHospital], colluders: int, rng: random.Random) -> None:
        self._members = members
        self._own = members[:colluders]
        self._rng = rng
        self.adverts: dict[int, dict[str, bytes]] = defaultdict(dict)
        self.sheets: dict[int, tuple[bytes, ...]] = {}
        self.shares: dict[int, list[MaskingShares]] = defaultdict(list)
        self.said: dict[int, dict[str, tuple[MaskedStatement, bytes]]] = defaultdict(dict)
        self.votes: dict[tuple[int, tuple[str, ...]], dict[str, bytes]] = defaultdict(dict)
        self.shown: dict[int, list[UnmaskingShares]] = defaultdict(list)
        self.attempt = 1
        self.refused = 0

    def tries(self) -> None:
        """One message to one hospital."""
        one = self._rng.choice(self._members)
        state = one.kept.of_round(name_of(about_of(self._members)))
        about = about_of(self._members, attempt=1 if state is None else state.about.attempt)
        asks = (self._keys, self._sheet, self._mask, self._list)
        stage = None if state is None or state.about.attempt != self.attempt else state.stage
        ask = self._rng.choice(asks) if self._rng.random() < ODD else asks[min(STEPS.index(stage), 3)]
        try:
            ask(one, about)
        except SecureRefused:
            self.refused += 1

    def _keys(self, one: SecureHospital, _about: MaskingRound) -> None:
        attempt = 3 - self.attempt if self._seldom() and self._seldom() else self.attempt
        about = about_of(self._members, attempt=attempt)
        members = tuple(member.site_id for member in self._members)
        asked = AdvertInstruction(about=about, model_sha256=self._model(), members=members)
        self.adverts[about.attempt][one.site_id] = one.answer(asked)

    def _sheet(self, one: SecureHospital, about: MaskingRound) -> None:
        held = self.adverts[about.attempt]
        chosen = tuple(held[site] for site in sorted(held) if not self._seldom())
        if len(held) < len(self._members) and not self._seldom():
            return
        sheet = self.sheets.setdefault(about.attempt, chosen)
        if self._seldom():
            sheet = chosen
        if len(sheet) >= 3:
            sealed = one.answer(ShareInstruction(about=about, sealed_adverts=sheet))
            self.shares[about.attempt].append(opened(sealed, MaskingShares, one.identity.public)[0])

    def _mask(self, one: SecureHospital, about: MaskingRound) -> None:
        digest = adverts_digest(self.sheets.get(about.attempt, ()))
        packets = {
            shares.site_id: SharePacket(site_id=shares.site_id, sealed_shares=packet.sealed_shares)
            for shares in self.shares[about.attempt]
            for packet in shares.packets
            if packet.site_id == one.site_id and (shares.adverts_sha256 == digest or self._seldom())
        }
        whole = len(packets) == len(self.sheets.get(about.attempt, ())) - 1
        chosen = tuple(packets[site] for site in sorted(packets) if not (self._seldom() and self._seldom()))
        if chosen and (whole or self._seldom()):
            asked = MaskInstruction(about=about, model_sha256=self._model(), packets=chosen)
            update, _ = opened(one.answer(asked), MaskedUpdate, one.identity.public)
            frame = unseal(update.sealed_statement, one.identity.public, Purpose.MASKED_STATEMENT)
            self._hear(one, decode(frame, MaskedStatement)[0], update.sealed_statement)

    def _hear(self, one: SecureHospital, said: MaskedStatement, sealed: bytes) -> None:
        before = self.said[said.about.attempt].setdefault(one.site_id, (said, sealed))
        assert before[1] == sealed, "two masked vectors of one attempt"

    def _list(self, one: SecureHospital, about: MaskingRound) -> None:
        heard = self.said[about.attempt]
        if one.site_id not in heard:
            return
        mine, _ = heard[one.site_id]
        words = {site: sealed for site, (_, sealed) in heard.items()}
        for own in self._own:
            words[own.site_id] = in_hand(own, mine.model_copy(update={"site_id": own.site_id}))
        chosen = tuple(site for site in sorted(words) if not self._seldom())
        if len(chosen) < 3 or (len(words) < len(self._members) and not self._rng.random() < EARLY):
            return
        unmask = about.folds or self._rng.random() < 0.5
        votes = self._votes(mine, chosen) if unmask and not about.folds else ()
        asked = SurvivorInstruction(
            about=about, survivors=chosen, sealed_statements=tuple(words[site] for site in chosen),
            unmask=unmask, sealed_votes=votes,
        )  # fmt: skip
        sealed = one.answer(asked)
        if unmask:
            self.shown[about.attempt].append(opened(sealed, UnmaskingShares, one.identity.public)[0])
        else:
            self.votes[(about.attempt, chosen)][one.site_id] = sealed

    def _votes(self, mine: MaskedStatement, chosen: tuple[str, ...]) -> tuple[bytes, ...]:
        cast = dict(self.votes[(mine.about.attempt, chosen)])
        for own in self._own:
            vote = SurvivorVote(
                site_id=own.site_id, about=mine.about, adverts_sha256=mine.adverts_sha256,
                model_sha256=mine.model_sha256, survivors=chosen,
            )  # fmt: skip
            cast[own.site_id] = in_hand(own, vote)
        return tuple(sealed for site, sealed in cast.items() if site in chosen and not self._seldom())

    def _model(self) -> str:
        return OTHER_MODEL if self._seldom() and self._seldom() else MODEL

    def _seldom(self) -> bool:
        return self._rng.random() < SELDOM
