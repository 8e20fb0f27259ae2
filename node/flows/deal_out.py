"""Cases are dealt to the readers who may read them, inside the transaction of the act that changed who or what."""

from __future__ import annotations

from node.flows.act import Act
from node.flows.ward import WardWork
from node.labeling.deal import Deal, DealRules, deal
from node.labeling.project import ProjectState
from node.readers.person import may_be_given_cases


def deal_out(work: WardWork, project_id: str, act: Act) -> None:
    """Every case of the project that wants readings has its readers; nothing changes where it has them already."""
    project = work.deals.held_for_deal(project_id)
    readers = {person.person_id for person in work.people.all() if may_be_given_cases(person, project.department)}
    rules = DealRules(project_id, readers, project.reads_per_case, act.now)
    changes = deal(rules, work.deals.open_case_ids(project_id), work.deals.of_project(project_id))
    if changes != Deal():
        work.deals.apply(project_id, changes, act.event("project.dealt", f"project:{project_id}"))


def deal_out_open_projects(work: WardWork, act: Act) -> None:
    """Every open project is dealt anew: someone may read who might not before, or the other way round."""
    for project in list(work.projects.all()):
        if project.state is ProjectState.OPEN:
            deal_out(work, project.project_id, act)
