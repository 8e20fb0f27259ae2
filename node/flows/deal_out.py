"""Cases are dealt to the readers who may read them, inside the transaction of the act that changed who or what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from node.flows.act import Act
from node.flows.deal_while_unsure import deal_while_unsure
from node.flows.repeat_cases import give_repeats
from node.flows.ward import Ward, WardWork
from node.labeling.case_rules import CaseRule, rule_for
from node.labeling.deal import Deal, DealRules, deal
from node.labeling.project import GIVES_CASES, Project, ProjectState
from node.readers.eligibility import Demand, suits
from node.readers.person import Person


def deal_out(work: WardWork, project_id: str, act: Act) -> None:
    """Every case of the project that wants readings has its readers; nothing changes where it has them already."""
    project = work.deals.held_for_deal(project_id)
    rules = _rules(work, project, act.now)
    if project.reads_at_most is not None and project.state in GIVES_CASES:
        changes = deal_while_unsure(work, project, rules, act)
    else:
        changes = deal(rules, _wanting(work, project), work.deals.of_project(project_id))
    if changes != Deal():
        work.deals.apply(project_id, changes, act.event("project.dealt", f"project:{project_id}"))
    give_repeats(work, project, frozenset(rules.readers).union(*rules.of_case.values()), act)


def deal_out_open_projects(work: WardWork, act: Act) -> None:
    """Every open project is dealt anew: someone may read who might not before, or the other way round."""
    for project in list(work.projects.all()):
        if project.state in GIVES_CASES:
            deal_out(work, project.project_id, act)


def deal_out_due(ward: Ward, act: Act) -> None:
    """Open projects in which what is dealt depends on what was read before are dealt anew, each by itself."""
    with ward.reading() as work:
        giving = [one for one in work.projects.all() if one.state in GIVES_CASES]
        due = [one for one in giving if one.reads_at_most is not None or work.repeats.of_project(one.project_id)]
    for project in due:
        with ward.writing() as work:
            deal_out(work, project.project_id, act)


def deal_out_certified(ward: Ward, since: datetime, act: Act) -> None:
    """Open projects of tasks for which a course certified somebody since then are dealt, each by itself.

    Passing an exam deals nothing by itself: it would move worklists on the act of one who reads.
    """
    with ward.reading() as work:
        new = {one.task for one in work.certificates.all() if one.course is not None and one.issued_at >= since}
        giving = [one for one in work.projects.all() if one.state in GIVES_CASES and one.labelers]
    for project in (one for one in giving if one.schema_code in new):
        with ward.writing() as work:
            deal_out(work, project.project_id, act)


def demand_of(project: Project, rule: CaseRule | None = None) -> Demand:
    """What the project's cases ask of whoever reads them, or those of one of its rules."""
    plain = Demand(task=project.schema_code, department=project.department, labelers=project.labelers)
    if rule is None:
        return plain
    department = rule.department or project.department
    return replace(plain, department=department, subspecialty=rule.subspecialty, min_years=rule.min_years)


def suits_some(person: Person, project: Project, tasks: Collection[str], now: datetime) -> bool:
    """True when the person may be given cases of the project: of those no rule is about, or of some rule."""
    return any(suits(person, demand_of(project, rule), tasks, now) for rule in (None, *project.rules))


def _rules(work: WardWork, project: Project, now: datetime) -> DealRules:
    people, tasks = list(work.people.all()), work.certificates.open_tasks(now)

    def readers(rule: CaseRule | None) -> frozenset[str]:
        demand = demand_of(project, rule)
        suited = (one for one in people if suits(one, demand, tasks.get(one.person_id, frozenset()), now))
        return frozenset(one.person_id for one in suited)

    by_rule = {rule: readers(rule) for rule in (None, *project.rules)}
    of_case: dict[str, frozenset[str]] = {}
    if project.rules:
        found = work.orders.traits(project.project_id).items()
        of_case = {case_id: by_rule[rule_for(project.rules, traits)] for case_id, traits in found}
    for found_out in (work.adjudications.adjudicators(), work.teaching_cases.shown()):
        for case_id, never in found_out.items():
            of_case[case_id] = of_case.get(case_id, by_rule[None]) - never
    return DealRules(project.project_id, by_rule[None], project.reads_per_case, now, of_case)


def _wanting(work: WardWork, project: Project) -> list[str]:
    if project.state not in GIVES_CASES:
        return []
    return work.deals.open_case_ids(project.project_id, pilot=project.state is ProjectState.PILOT)
