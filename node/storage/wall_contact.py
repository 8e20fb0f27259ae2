"""How the line to the coordinator and its runs stand, in `wall.db`; hearsay, not decisions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, delete, insert, select, update

from node.flows.desk_ports import Contact
from node.storage.engine import reading, writing
from node.storage.wall_tables import contact, run_notice
from protocols.enrolment import EnrolmentState
from protocols.inbox import RunNotice, RunState


class WallContact:
    """Implements `ContactBook` and `ContactSeen`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def reached(self, state: EnrolmentState, runs: tuple[RunNotice, ...], at: datetime) -> None:
        """The coordinator answered; its word on this site and its runs is kept."""
        with writing(self._engine) as connection:
            connection.execute(
                update(contact).values(enrolment=state.value, reached_at=at, failing_since=None, failures=0, problem="")
            )
            for run in runs:
                connection.execute(delete(run_notice).where(run_notice.c.run_id == run.run_id))
                connection.execute(
                    insert(run_notice).values(
                        run_id=run.run_id,
                        plan_id=run.plan_id,
                        state=run.state.value,
                        rounds_done=run.rounds_done,
                        heard_at=at,
                    )
                )

    def missed(self, problem: str, at: datetime) -> int:
        """The coordinator did not answer, for such a problem; how many times in a row."""
        with writing(self._engine) as connection:
            row = connection.execute(select(contact).with_for_update()).one()
            failures: int = row.failures + 1
            since = row.failing_since or at
            connection.execute(update(contact).values(failures=failures, failing_since=since, problem=problem[:64]))
            return failures

    def contact(self) -> Contact:
        """How the line stands."""
        with reading(self._engine) as connection:
            row = connection.execute(select(contact)).one()
            enrolment = None if row.enrolment is None else EnrolmentState(row.enrolment)
            return Contact(enrolment, row.reached_at, row.failing_since, row.failures, row.problem)

    def runs(self) -> list[RunNotice]:
        """What the coordinator last said of each run, the latest heard first."""
        found = select(run_notice).order_by(run_notice.c.heard_at.desc(), run_notice.c.run_id)
        with reading(self._engine) as connection:
            return [
                RunNotice(
                    run_id=row.run_id, plan_id=row.plan_id, state=RunState(row.state), rounds_done=row.rounds_done
                )
                for row in connection.execute(found)
            ]
