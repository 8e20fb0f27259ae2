"""The process `receive`: DICOM comes in, and its answers stand for durable bytes. It takes no image apart."""

from __future__ import annotations

import gc

from node.edges.dicom.server import ReceiveServer
from node.edges.dicom.tls import TlsDoor
from node.flows.receive import Receiving
from node.storage.intake_parts import receive_parts
from node.wiring.commitments import commit_parts, forget_lost_lines
from node.wiring.images import intake_ground, stop_on_signal
from node.wiring.place import Place


def run_receive(place: Place) -> None:
    """The DICOM ports have been open until the process was asked to stop."""
    dicom = place.config.dicom
    receiving = Receiving(receive_parts(intake_ground(place), dicom))
    doors = [None] if dicom.tls is None else [None, TlsDoor(dicom.tls)]
    commit = commit_parts(place)
    forget_lost_lines(commit, place)
    servers = [ReceiveServer(dicom, receiving, door, commit) for door in doors]
    stop = stop_on_signal()
    for server in servers:
        server.start()
    gc.freeze()  # what start-up made stays: going over it again and again would hold up every sender
    stop.wait()
    for server in servers:
        server.stop()
