"""The operator's page: sites, plans, rounds, releases, as they stand, in Korean or English. It changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from coordinator.acceptance.pooled import value_of
from coordinator.edges.web.markup import Markup, document, join, table, tag, void
from coordinator.flows.overview import Overview, PlanView, RunView
from coordinator.ground.texts import Language, text
from coordinator.publication.release import Release
from coordinator.rounds.run import ACCEPTED
from protocols.plans import MetricName

_SECTIONS = ("sites", "plans", "rounds", "releases")
_NOTHING = "–"


def overview_page(name: str, seen: Overview, language: Language) -> str:
    """The whole page for a signed-in operator."""
    sections = (_sites(seen, language), _plans(seen, language), _rounds(seen, language), _releases(seen, language))
    links = (tag("a", _word(section, language), href=f"#{section}") for section in _SECTIONS)
    sign_out = tag("form", tag("button", _word("sign-out", language)), method="post", action="/operator/sign-out")
    head = tag("header", tag("h1", f"{name} · {_word('title', language)}"), _other(language, "/operator/"), sign_out)
    return document(name, language.value, head, tag("nav", *links), tag("main", *sections))


def sign_in_page(name: str, language: Language, *, problem: str = "") -> str:
    """The page that asks for a one-time code."""
    form = tag(
        "form",
        tag("label", _word("code", language), for_="code"),
        void("input", id="code", name="code", autocomplete="one-time-code", required="", autofocus=""),
        tag("button", _word("sign-in", language)),
        tag("p", _word("code-hint", language), class_="quiet"),
        method="post",
        action=f"/operator/sign-in?lang={language.value}",
    )
    told = tag("p", problem, role="alert", class_="warning") if problem else Markup("")
    head = tag("header", tag("h1", name), _other(language, "/operator/sign-in"))
    return document(name, language.value, head, tag("main", told, form))


def _sites(seen: Overview, language: Language) -> Markup:
    rows = [
        (
            site.site_name,
            _word(f"state-{site.shown_state.value}", language),
            tag("code", site.identity.fingerprint),
            _moment(site.changed_at),
        )
        for site in seen.sites
    ]
    return _section("sites", ("name", "state", "fingerprint", "since"), rows, language)


def _plans(seen: Overview, language: Language) -> Markup:
    rows = [_plan_row(view, language) for view in seen.plans]
    heads = ("name", "partner", "state", "approvals", "quorum", "rounds-done")
    warning = tag("p", _word("plain-warning", language), class_="warning") if rows else Markup("")
    return _section("plans", heads, rows, language, warning)


def _plan_row(view: PlanView, language: Language) -> tuple[str, ...]:
    plan = view.offer.plan
    done = 0 if view.run is None else view.run.rounds_done
    return (
        _title(view, language),
        view.partner_name,
        _word(f"state-{view.state}", language),
        str(view.ready),
        str(plan.quorum),
        f"{done} / {plan.rounds}",
    )


def _title(view: PlanView, language: Language) -> str:
    title = view.offer.plan.title
    return title.ko if language is Language.KO else title.en


def _rounds(seen: Overview, language: Language) -> Markup:
    if not seen.runs:
        return _section("rounds", (), [], language)
    names = {site.site_id: site.site_name for site in seen.sites}
    parts = [_run(view, names, language) for view in seen.runs]
    return tag("section", tag("h2", _word("rounds", language)), *parts, id="rounds")


def _run(view: RunView, names: dict[str, str], language: Language) -> Markup:
    run, title = view.run, view.title_ko if language is Language.KO else view.title_en
    state = _word(f"state-{run.state.value}", language)
    told = [tag("h3", f"{title} · {state} · {run.rounds_done} / {view.rounds_planned}")]
    if run.reason is not None:
        told.append(tag("p", f"{_word('reason', language)}: {text(f'ends.{run.reason.value}', language)}"))
    if run.chosen_round is not None:
        told.append(tag("p", f"{_word('chosen', language)}: {run.chosen_round}"))
    heads = ("round", "attempt", "state", "answered", "moved", "auc", "loss")
    told.append(table([_word(head, language) for head in heads], _attempt_rows(view, language)))
    refused = [answer for answer in view.answers if answer.outcome != ACCEPTED]
    rows = [
        (str(held.round), _word(f"step-{held.step.value}", language), names.get(held.site_id, ""), held.outcome)
        for held in refused
    ]
    if rows:
        told.append(table([_word(head, language) for head in ("round", "step", "site", "outcome")], rows))
    return tag("article", *told)


def _attempt_rows(view: RunView, language: Language) -> list[tuple[str, ...]]:
    rows = []
    for attempt in view.attempts:
        figures = view.figures.get(attempt.round, ())
        state = _word(f"state-{attempt.state.value}", language)
        measured = (value_of(figures, MetricName.VALIDATION_AUC), value_of(figures, MetricName.VALIDATION_LOSS))
        told = (_figure(attempt.update_norm), *(_figure(value) for value in measured))
        rows.append((str(attempt.round), str(attempt.attempt), state, str(attempt.sites), *told))
    return rows


def _releases(seen: Overview, language: Language) -> Markup:
    titles = {view.offer.plan_id: _title(view, language) for view in seen.plans}
    rows = [_release_row(release, titles[release.plan_id], language) for release in seen.releases]
    return _section("releases", ("name", "light", "released", "digest"), rows, language)


def _release_row(release: Release, title: str, language: Language) -> tuple[str, ...]:
    light = _word(f"light-{release.light.value}", language)
    return (title, light, _moment(release.released_at), tag("code", release.file_sha256))


def _section(
    name: str, heads: Sequence[str], rows: Sequence[Sequence[str]], language: Language, above: Markup | None = None
) -> Markup:
    words = [_word(head, language) for head in heads]
    body = table(words, rows) if rows else tag("p", _word("none", language), class_="quiet")
    return tag("section", tag("h2", _word(name, language)), join([above] if above else []), body, id=name)


def _other(language: Language, path: str) -> Markup:
    other = Language.EN if language is Language.KO else Language.KO
    return tag("a", _word("other-language", language), href=f"{path}?lang={other.value}", hreflang=other.value)


def _word(name: str, language: Language) -> str:
    return text(f"operator.{name}", language)


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")


def _figure(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.3f}"
