"""The composition root of the coordinator: wires stores and edges to flows, and supervises the processes.

`run` starts front, api, SuperLink, SuperExec and jobs. The ServerApp, which Flower starts, finds `conduct_plan` here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from coordinator.edges.cli.app import command_line
from coordinator.edges.cli.office import Office, say
from coordinator.edges.federation.superlink import (
    SuperLinkSettings,
    flower_environment,
    superexec_command,
    superlink_command,
)
from coordinator.flows.conduct import conduct
from coordinator.flows.reconcile import Reconciler, reconcile
from coordinator.flows.scene import Conductor, RunSuperseded
from coordinator.flows.start import live_run
from coordinator.ground.certificates import issue_server_certificate, make_authority, write_private
from coordinator.ground.clock import SystemClock
from coordinator.ground.config import CoordinatorConfig, config_text, load_config
from coordinator.ground.face import Face
from coordinator.ground.home import Home, HomeTaken, usable
from coordinator.ground.keys import read_authority, read_identity
from coordinator.ground.logs import configure_logs, log
from coordinator.ground.supervision import Child, Supervisor, answers, check_port_free
from coordinator.rounds.courier import Courier
from coordinator.storage.engine import open_engine
from coordinator.storage.migrate import check, upgrade
from coordinator.storage.model_files import StoredModels
from coordinator.storage.unit import StoredWork
from protocols.flower_fleet import QUIET_ENVIRONMENT
from protocols.signing import Identity

_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Parts:
    """An opened coordinator: what every process is wired from."""

    home: Home
    config: CoordinatorConfig
    face: Face
    work: StoredWork
    models: StoredModels
    clock: SystemClock


def open_parts(path: Path) -> Parts:
    """The parts of an initialised home, whose database has this release's schema."""
    home = Home(path.absolute())
    config = load_config(home)
    engine = open_engine(home.path, config.database_url)
    check(engine)
    face = Face(config.name, config.address, read_authority(home.authority), read_identity(home.identity))
    return Parts(home, config, face, StoredWork(engine), StoredModels(home), SystemClock())


def init_home(path: Path, config: CoordinatorConfig) -> Face:
    """The home is initialised: keys, authority, database, and at last the configuration. Raises: HomeTaken."""
    home, now = Home(path.absolute()), SystemClock().now()
    if home.config.exists() or (home.keys.exists() and any(home.keys.iterdir())):
        raise HomeTaken(home=home.path)
    home.make()
    identity, authority = Identity.generate(), make_authority(f"{config.name} authority", now=now)
    server = issue_server_certificate(authority, list(dict.fromkeys((config.host, "localhost", _LOOPBACK))), now=now)
    write_private(home.identity, identity.raw_secret())
    write_private(home.authority_key, authority.key_pem)
    write_private(home.server_key, server.key_pem)
    write_private(home.superexec_secret, os.urandom(32))
    home.authority.write_bytes(authority.certificate_pem)
    home.server_certificate.write_bytes(server.certificate_pem)
    upgrade(open_engine(home.path, config.database_url))
    home.config.write_text(config_text(config), encoding="utf-8")
    return Face(config.name, config.address, authority.certificate_pem.decode("ascii"), identity)


def run(path: Path) -> None:
    """Run the coordinator: front, api, SuperLink, SuperExec, jobs; until SIGTERM or Ctrl-C."""
    configure_logs("supervisor")
    home = Home(path.absolute())
    config = load_config(home)
    for host, setting in ((config.front_host, "front"), (_LOOPBACK, "api"), (_LOOPBACK, "superlink")):
        check_port_free(host, getattr(config, f"{setting}_port"), f"{setting}_port")
    home.make()  # a home that was restored without its logs
    upgrade(open_engine(home.path, config.database_url))
    parts = open_parts(path)
    ready_mark = home.run / "ready"
    ready_mark.unlink(missing_ok=True)

    def tell_ready() -> None:
        ready_mark.write_text(f"{os.getpid()}\n", encoding="ascii")
        page = f"http://{_LOOPBACK}:{config.api_port}/operator/"
        print(say("terminal.ready", address=config.address, page=page), flush=True)

    try:
        Supervisor(_children(parts)).run(tell_ready)
    finally:
        ready_mark.unlink(missing_ok=True)


def run_front_process(path: Path) -> None:
    """Serve the one port hospitals and partners reach."""
    from coordinator.edges.front import FrontSettings, run_front

    parts = open_parts(path)
    run_front(
        FrontSettings(
            host=parts.config.front_host,
            port=parts.config.front_port,
            server_certificate=parts.home.server_certificate,
            server_key=parts.home.server_key,
            superlink_address=f"{_LOOPBACK}:{parts.config.superlink_port}",
            superlink_root_certificate=parts.home.authority,
            api_url=f"http://{_LOOPBACK}:{parts.config.api_port}",
        )
    )


def run_api_process(path: Path) -> None:
    """Serve site and partner routes and the operator's page on loopback."""
    from coordinator.edges.web.app import run_api
    from coordinator.edges.web.desk import Desk

    configure_logs("api")
    parts = open_parts(path)
    port, language = parts.config.api_port, parts.config.language
    run_api(Desk(parts.work, parts.models, parts.clock, parts.face, language, port))


def run_jobs_process(path: Path) -> None:
    """Bring the SuperLink's members and runs to what the books say, again and again."""
    from coordinator.edges.federation.control import Control
    from coordinator.edges.federation.engine import ControlEngine

    configure_logs("jobs")
    parts = open_parts(path)
    control = Control(f"{_LOOPBACK}:{parts.config.superlink_port}", parts.home.authority)
    reconciler = Reconciler(parts.work, ControlEngine(control), parts.clock)
    while True:
        failed = reconcile(reconciler)
        if failed:
            log().warning("the SuperLink could not follow", count=failed)
        parts.clock.sleep(parts.config.jobs_poll_seconds)


def conduct_plan(home: Path, courier: Courier, *, plan_id: str, start: int) -> None:
    """The live run of the plan is conducted to its end, unless another ServerApp took it up."""
    configure_logs("serverapp")
    parts = open_parts(home)
    live = live_run(parts.work, plan_id)
    if live is None:
        log().warning("no live run", plan_id=plan_id, start=start)
        return
    conductor = Conductor(parts.work, courier, parts.models, parts.clock, parts.face, start)
    try:
        ended = conduct(conductor, live.run_id)
    except RunSuperseded:
        log().warning("run superseded", run_id=live.run_id, start=start)
        return
    log().info("run ended", run_id=ended.run_id, state=ended.state.value, code=ended.reason or "")


class Doors:
    """What the command line is given."""

    def open_office(self, home: Path) -> Office:
        """The coordinator of an initialised home."""
        parts = open_parts(home)
        return Office(parts.work, parts.clock, parts.face, parts.config)

    def init(self, home: Path, config: CoordinatorConfig) -> Face:
        """The home is initialised. Raises: HomeTaken, HomeUnusable."""
        with usable(home):
            return init_home(home, config)

    def is_ready(self, home: Path) -> bool:
        """Whether the coordinator of this home runs, and front, api and SuperLink answer."""
        parts = open_parts(home)
        ports = (parts.config.front_port, parts.config.api_port, parts.config.superlink_port)
        return (parts.home.run / "ready").exists() and all(answers(port) for port in ports)

    def processes(self) -> Mapping[str, Callable[[Path], None]]:
        """The long-running processes by name."""
        return {"run": run, "front": run_front_process, "api": run_api_process, "jobs": run_jobs_process}


def main() -> None:
    """The command line, in this process."""
    os.environ.update(QUIET_ENVIRONMENT)
    command_line(Doors())(prog_name="intramuros coordinator")


def _children(parts: Parts) -> list[Child]:
    """The processes in the order they start; those that answer on a port are waited for."""
    home, config = parts.home, parts.config
    link = SuperLinkSettings(
        port=config.superlink_port,
        database=home.superlink_database,
        authority_certificate=home.authority,
        server_certificate=home.server_certificate,
        server_key=home.server_key,
        secret_file=home.superexec_secret,
        flwr_home=home.flower("superlink"),
    )
    superlink = _flower_child("superlink", superlink_command(link), home)
    superexec = _flower_child("superexec", superexec_command(link), home)
    return [
        replace(superlink, port=config.superlink_port),
        superexec,
        replace(_own_child("api", home), port=config.api_port),
        replace(_own_child("front", home), port=config.front_port),
        _own_child("jobs", home),
    ]


def _flower_child(name: str, command: tuple[str, ...], home: Home) -> Child:
    environment = flower_environment(os.environ, flwr_home=home.flower(name), coordinator_home=home.path)
    return Child(name, command, environment, home.logs / f"{name}.log")


def _own_child(name: str, home: Home) -> Child:
    command = (sys.executable, "-P", "-m", "coordinator", name, "--home", str(home.path))
    return Child(name, command, {**os.environ, **QUIET_ENVIRONMENT}, home.logs / f"{name}.log")


if __name__ == "__main__":
    main()
