"""The node's configuration: one frozen value read from `node.toml`, handed on in parts.

Unknown keys are refused, secrets live in files of their own, and what has no safe default has none.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, StringConstraints, ValidationError, field_validator, model_validator

from node.ground.config_section import Section
from node.ground.faults import Objection, faults, system_fault
from node.ground.image_config import Deidentify, Exclusions, Retention
from node.ground.texts import Language
from node.ground.told import Told

Port = Annotated[int, Field(ge=1, le=65535)]
AeTitle = Annotated[str, StringConstraints(pattern=r"^[\x21-\x5b\x5d-\x7e]{1,16}$")]
MEBIBYTE = 1024 * 1024
_PRIVATE = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
ON_SITE = tuple(map(ip_network, _PRIVATE))
"""Loopback and the private ranges. Source: RFC 1918, RFC 4193."""


class ConfigRefused(Told):
    """The configuration is missing, damaged, or holds a key or value that is not known."""


class ConfigMissing(ConfigRefused):
    """The home directory holds no configuration file."""

    text_key = "ground.config_missing"


class ConfigUnreadable(ConfigRefused):
    """The configuration file is there and the system does not give it."""

    text_key = "ground.config_unreadable"


class ConfigNotToml(ConfigRefused):
    """The configuration file does not follow the TOML format."""

    text_key = "ground.config_not_toml"


class ConfigInvalid(ConfigRefused):
    """The configuration file holds a key or value that is not known."""

    text_key = "ground.config_invalid"


class SettingsInvalid(ConfigRefused):
    """What was asked for a new node is no configuration."""

    text_key = "ground.settings_invalid"


class DicomPeer(Section):
    """A DICOM application that may send: its AE title (`*` takes any) from an address or a network of them."""

    ae_title: str
    address: str = "127.0.0.1"
    called_ae_title: AeTitle | None = None
    """The AE title under which this peer calls the node; without one the node's own."""
    tls_required: bool = False
    """The peer is taken only over an encrypted connection."""
    stalled_seconds: Annotated[float, Field(gt=0, le=3600)] = 60.0
    """A peer that stops in the middle of a message is cut off after this long."""
    idle_seconds: Annotated[float, Field(gt=0, le=24 * 3600)] = 300.0
    """An association on which nothing is said is ended after this long."""
    archive: bool = False
    """This node is the peer's archive: storage commitment is given, so that the peer may delete its own copies."""
    report_port: Port | None = None
    """Where the peer hears commitment reports; without one they go out on the association that asked."""
    report_host: str | None = None
    """The peer's host for that, where `address` is a network."""

    @model_validator(mode="after")
    def _archive_is_for_one(self) -> DicomPeer:
        network = "/" in self.address and self.report_host is None
        if self.archive and (self.ae_title == "*" or (self.report_port is not None and network)):
            raise Objection("ground.fault_archive_peer")
        return self


class TlsProfile(StrEnum):
    """The secure transport profiles of PS3.15: B.12 and B.13."""

    BCP_195 = "bcp195"
    MODIFIED_BCP_195 = "bcp195-modified"


class DicomTls(Section):
    """DICOM over TLS on a port of its own; both sides show a certificate. Changed files count without a restart."""

    port: Port = 2762
    certificate: Path
    certificate_key: Path
    authorities: Path
    """The certificates of the authorities that sign the peers' own, in PEM."""
    profile: TlsProfile = TlsProfile.BCP_195


class Retrieve(StrEnum):
    """How a source sends: to the node's own port (C-MOVE), or on the line that asked (C-GET)."""

    MOVE = "move"
    GET = "get"


class PullSource(Section):
    """What every archive that images are pulled from has."""

    name: str
    at_once: Annotated[int, Field(ge=1, le=16)] = 1
    """Studies fetched at the same time."""
    hours: str | None = None
    """When it may be asked, in the hospital's time zone, such as 20:00-06:00; always, where nothing is said."""
    answer_seconds: Annotated[float, Field(gt=0, le=24 * 3600)] = 600.0
    """How long it may be silent in the middle of an answer."""

    @field_validator("name")
    @classmethod
    def _name_is_short(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z0-9-]{1,32}", value):
            raise Objection("ground.fault_source_name")
        return value

    @field_validator("hours")
    @classmethod
    def _hours_are_a_span(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", value):
            raise Objection("ground.fault_hours")
        return value


class DicomSource(PullSource):
    """A PACS asked by C-FIND. With C-MOVE it must know the node's AE title, and be one of its peers."""

    ae_title: AeTitle
    host: str
    port: Port = 104
    retrieve: Retrieve = Retrieve.MOVE
    tls: bool = False
    """Asked over TLS, with the certificate of `[dicom.tls]`."""


class WebArchive(PullSource):
    """An archive asked by DICOMweb; over HTTPS, or on this machine."""

    url: str
    authorities: Path | None = None
    """The certificates of the authorities that sign the archive's own, in PEM; the system's where nothing is said."""
    token: Path | None = None
    """A file that holds the bearer token the archive asks for."""

    @field_validator("url")
    @classmethod
    def _url_is_safe(cls, value: str) -> str:
        if not re.fullmatch(r"(https://[^\s?#@]+|http://(127\.0\.0\.1|localhost)(:\d+)?(/[^\s?#@]*)?)", value):
            raise Objection("ground.fault_archive_url")
        return value


class Dicom(Section):
    """The receiving side."""

    ae_title: AeTitle = "INTRAMUROS"
    host: str = "127.0.0.1"
    port: Port = 11112
    peers: tuple[DicomPeer, ...] = ()
    free_space_reserve_mib: Annotated[int, Field(ge=1)] = 512
    """Below this much free disk a C-STORE is answered A700, so that the PACS tries again."""
    max_instance_mib: Annotated[int, Field(ge=1)] = 1024
    max_associations: Annotated[int, Field(ge=1, le=200)] = 16
    waiting_associations: Annotated[int, Field(ge=0, le=1000)] = 64
    """How many peers may wait for an association to become free; one more is told to try again later."""
    waiting_seconds: Annotated[float, Field(gt=0, le=600)] = 20.0
    """How long a peer waits in that queue; senders often give up after 30 s."""
    tls: DicomTls | None = None
    sources: tuple[DicomSource, ...] = ()
    web_archives: tuple[WebArchive, ...] = ()

    @model_validator(mode="after")
    def _sources_can_be_asked(self) -> Dicom:
        if self.tls is None and any(source.tls for source in self.sources):
            raise Objection("ground.fault_source_tls")
        pulled: tuple[PullSource, ...] = (*self.sources, *self.web_archives)
        if len({source.name for source in pulled}) < len(pulled):
            raise Objection("ground.fault_source_twice")
        return self


class Web(Section):
    """The page and its API. Outside loopback a certificate is required."""

    host: str = "127.0.0.1"
    port: Port = 8400
    certificate: Path | None = None
    certificate_key: Path | None = None
    session_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 8 * 60
    on_site: tuple[IPv4Network | IPv6Network, ...] = ON_SITE
    """The hospital's own networks: a lay labeler is heard from nowhere else."""


class Wall(Section):
    """The wall process and the SuperNode beside it."""

    supernode_port: Port = 9094
    inbox_poll_seconds: Annotated[float, Field(gt=0, le=3600)] = 10.0
    min_survivors: Annotated[int, Field(ge=1)] = 3
    fit_threads: Annotated[int, Field(ge=1, le=256)] = 1
    ledger_payload_days: Annotated[int, Field(ge=1, le=36_500)] = 90
    """How long the exact bytes that left are kept, once delivered; their ledger entries stay for ever."""
    two_people: bool = False
    """An approval counts only once a second data steward, somebody else, confirmed it."""
    patient_epsilon: Annotated[float, Field(gt=0, le=1000)] = 10.0
    """What all private plans together may spend of one patient, at the smallest delta among them."""


class NodeConfig(Section):
    """Everything `node.toml` can say."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    language: Language = Language.KO
    timezone: str = "Asia/Seoul"
    dicom: Dicom = Dicom()
    web: Web = Web()
    wall: Wall = Wall()
    retention: Retention = Retention()
    deidentify: Deidentify = Deidentify()
    exclusions: Exclusions = Exclusions()
    database_url: str | None = None
    """A PostgreSQL URL; without one the node keeps SQLite files in its home."""

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise Objection("ground.fault_time_zone") from None
        return value


def load_config(home: Path) -> NodeConfig:
    """The configuration of a node's home directory.

    Raises:
        ConfigRefused: naming the key that is wrong.
    """
    path = home / "node.toml"
    try:
        with path.open("rb") as file:
            return NodeConfig.model_validate(tomllib.load(file))
    except FileNotFoundError:
        raise ConfigMissing(file=path) from None
    except OSError as error:
        raise ConfigUnreadable(file=path, reason=system_fault(error)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigNotToml(file=path, reason=error) from None
    except ValidationError as error:
        raise ConfigInvalid(file=path, faults=faults(error)) from None


def new_config(settings: Mapping[str, object]) -> NodeConfig:
    """The configuration of a node that is still to be made.

    Raises:
        SettingsInvalid: naming every setting that is wrong.
    """
    try:
        return NodeConfig.model_validate(settings)
    except ValidationError as error:
        raise SettingsInvalid(faults=faults(error)) from None
