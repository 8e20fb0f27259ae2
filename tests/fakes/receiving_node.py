"""A node's receiving side on real stores in a home directory; as a program it serves until it is killed.

python receiving_node.py HOME PORT
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from node.edges.dicom.server import ReceiveServer
from node.flows.receive import Receiving
from node.ground.clock import SystemClock
from node.ground.config import Dicom, DicomPeer
from node.ground.home import Home
from node.ground.keyring import Keyring, make_keys
from node.ground.logs import configure_logs
from node.storage.disk import Disk
from node.storage.engine import Database, open_engine
from node.storage.intake_parts import IntakeGround, receive_parts
from node.storage.migrate import upgrade

PEERS = (DicomPeer(ae_title="CT3"), DicomPeer(ae_title="STORESCU"))


def intake_ground(directory: Path) -> IntakeGround:
    """The home is made where it is new; the database is migrated."""
    home = Home(directory)
    home.make()
    keyring = Keyring(home.keys) if (home.keys / "master.key").exists() else make_keys(home.keys)
    engine = open_engine(Database.INTAKE, directory)
    upgrade(Database.INTAKE, engine)
    return IntakeGround(home, keyring, engine, SystemClock())


def server_on(ground: IntakeGround, config: Dicom, disk: Disk | None = None) -> ReceiveServer:
    """A server that is not yet started."""
    return ReceiveServer(config, Receiving(receive_parts(ground, config, disk)))


def main(directory: str, port: str) -> None:
    """Serves until it is ended."""
    configure_logs("receive")
    ground = intake_ground(Path(directory))
    server = server_on(ground, Dicom(port=int(port), peers=PEERS, free_space_reserve_mib=1))
    server.start()
    print("ready", flush=True)
    signal.sigwait({signal.SIGTERM})
    server.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
