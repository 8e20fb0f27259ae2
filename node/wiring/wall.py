"""The wall process: worker, mail, daily roots, verdicts, retention and desk over one set of stores.

Before joining there is only a desk that shows.
"""

from __future__ import annotations

import threading
from datetime import timedelta

from node.edges.federation.coordinator_client import CoordinatorClient, MemberLine
from node.edges.federation.loops import Nudge, keep_going, together
from node.edges.federation.worker import Answers, WorkerSettings, serve
from node.edges.sandbox.pool import SandboxPool
from node.edges.wall_socket import WallServer
from node.flows.answer import AnswerRules
from node.flows.benefit import reach_next
from node.flows.close_days import Witnessing, look
from node.flows.inbox import Mail
from node.flows.retain_sent import SentBytes, empty_next_sent
from node.flows.rosters import RosterMail, fetch_rosters
from node.flows.wall_desk import InnerDesk
from node.ground.membership import Membership, read_membership
from node.storage.clean_store import CleanImages
from node.wiring.clean_frames import CleanFrames
from node.wiring.images import stop_on_signal
from node.wiring.place import Place
from node.wiring.supernode import runtime_secret
from node.wiring.wall_parts import member_desk, open_work, stranger_desk, wall_stores
from node.wiring.wall_sites import own_site
from protocols.bundle import BUNDLE_SHA256

_SANDBOXES = 1
_VERDICT_SECONDS = 5.0
_RETENTION_SECONDS = 3600.0
_BATCH_PAUSE_SECONDS = 0.2
"""Between two batches of emptied bytes, so that sends get their turn."""
_POLL_SECONDS = 1.0
"""The SuperNode itself asks the coordinator every three seconds; asking it more often only warms the ward."""


def run_wall(place: Place) -> None:
    """The wall has answered, approved and told until the process was asked to stop, or until the node joined."""
    stop = stop_on_signal()
    if not place.home.membership.exists():
        run_stranger(place, stop)
        return
    with SandboxPool(_SANDBOXES) as sandbox:
        frames = CleanFrames(CleanImages(place.home.clean), sandbox)
        run_member(place, read_membership(place.home.membership), frames, stop)


def run_stranger(place: Place, stop: threading.Event) -> None:
    """The desk of a node that has not joined, until it has: the supervisor then starts the wall anew, as a member's."""

    def look() -> None:
        while not stop.wait(1.0) and not place.home.membership.exists():
            continue

    together(stop, {"look": look, "desk": lambda: _serve_desk(place, stranger_desk(place), stop)}, [])


def run_member(place: Place, membership: Membership, frames: CleanFrames, stop: threading.Event) -> None:
    """The wall of a node that joined, until `stop` is set."""
    stores, site = wall_stores(place, membership), own_site(place, membership)
    work, mail, verdicts, retention = open_work(place, stores, frames), Nudge(stop), Nudge(stop), Nudge(stop)
    exclusions, roots, rosters = Nudge(stop), Nudge(stop), Nudge(stop)
    answering = work.answering(site, AnswerRules(place.config.wall.min_survivors, stop.is_set))
    reaching = work.reaching()
    desk = member_desk(place, membership, work, mail)
    seconds = place.config.wall.inbox_poll_seconds

    def end_fits() -> None:
        stop.wait()
        work.rooms.end_all()

    with CoordinatorClient(membership.address, membership.authority_pem) as client:
        line = MemberLine(client, site, place.clock)
        post = Mail(site, line, stores.plans, stores.outbox, stores.contact, place.clock)
        told = RosterMail(site, line, stores.peers, place.clock)
        witnessing = Witnessing(site, stores.roots, line, stores.outbox, place.clock)
        bodies = {
            "worker": lambda: serve(_worker(place), Answers(answering.answer, answering.refuse), stop=stop),
            "mail": lambda: keep_going(lambda: work.go_round(post, base_seconds=seconds), mail, name="mail"),
            "rosters": lambda: keep_going(lambda: fetch_rosters(told, base_seconds=seconds), rosters, name="rosters"),
            "roots": lambda: keep_going(lambda: look(witnessing), roots, name="roots"),
            "verdicts": lambda: keep_going(
                lambda: 0.0 if reach_next(reaching) else _VERDICT_SECONDS, verdicts, name="verdicts"
            ),
            "retention": lambda: keep_going(lambda: retain(place, stores.sent), retention, name="retention"),
            "exclusions": lambda: keep_going(work.obey, exclusions, name="exclusions"),
            "desk": lambda: _serve_desk(place, desk, stop),
            "fits": end_fits,
        }
        together(stop, bodies, [mail, roots, rosters, verdicts, retention, exclusions])


def retain(place: Place, sent: SentBytes) -> float:
    """One batch of bytes whose time is over was emptied; the seconds until the next."""
    keep = timedelta(days=place.config.wall.ledger_payload_days)
    return _BATCH_PAUSE_SECONDS if empty_next_sent(sent, place.clock, keep=keep) else _RETENTION_SECONDS


def _worker(place: Place) -> WorkerSettings:
    address = f"127.0.0.1:{place.config.wall.supernode_port}"
    return WorkerSettings(address, runtime_secret(place), BUNDLE_SHA256, poll_seconds=_POLL_SECONDS)


def _serve_desk(place: Place, desk: InnerDesk, stop: threading.Event) -> None:
    server = WallServer(place.home.run / "wall.sock", desk)
    threading.Thread(target=server.serve_forever, args=(0.2,), name="desk-server", daemon=True).start()
    stop.wait()
    server.shutdown()
    server.server_close()
