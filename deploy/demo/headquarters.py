"""The coordinator and the partner of the demo, each at its own command line."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.demo.processes import Processes, StepFailed, command, wait_until
from protocols.plans import TrainingPlan

NAME = "Demo coordinator"
PARTNER = "Demo Imaging AI"


@dataclass(slots=True)
class Headquarters:
    """The coordinator's home, and the partner's beside it."""

    home: Path
    partner_home: Path
    front_port: int
    api_port: int
    superlink_port: int
    fingerprint: str = ""

    @property
    def authority(self) -> Path:
        """The certificate of the coordinator's own authority."""
        return self.home / "authority.pem"

    @property
    def operator_address(self) -> str:
        """Where the operator's page is."""
        return f"http://127.0.0.1:{self.api_port}/operator/"

    def install(self) -> None:
        """The coordinator's home is made: keys, authority, certificates."""
        made = self._coordinator(
            "init", "--name", NAME, "--address", f"127.0.0.1:{self.front_port}", "--api-port", str(self.api_port),
            "--superlink-port", str(self.superlink_port), "--json",
        )  # fmt: skip
        self.fingerprint = str(made["fingerprint"])

    def start(self, processes: Processes) -> None:
        """`intramuros coordinator run` answers."""
        processes.start("coordinator", "coordinator", "run", "--home", str(self.home))
        wait_until(self._answers, what="the coordinator's front", processes=processes, timeout_seconds=120)

    def invite(self, site_name: str, address: str) -> str:
        """A one-time invitation for one hospital, who reaches the front at `address`."""
        return str(self._coordinator("invite", "--site-name", site_name, "--address", address, "--json")["invitation"])

    def admit(self, site_name: str, fingerprint: str) -> None:
        """The site is a member, its fingerprint having been compared."""
        self._coordinator("admit", site_name, "--fingerprint", fingerprint, "--json")

    def sites(self) -> list[dict[str, Any]]:
        """Every site with its state and fingerprint."""
        return list(self._coordinator("sites", "--json"))

    def register_partner(self) -> str:
        """The partner made its keys and is known to the coordinator; its identifier."""
        key = str(self._partner("init", "--json")["key"])
        added = self._coordinator("partner", "add", "--name", PARTNER, "--key", key, "--json")
        self._partner("connect", "--card", str(added["card"]), "--json")
        return str(added["partner_id"])

    def submit(self, plan: TrainingPlan) -> None:
        """The partner submitted the plan as data."""
        path = self.partner_home / "plan.json"
        path.write_text(plan.model_dump_json(indent=2), encoding="utf-8")
        self._partner("submit", str(path), "--json")

    def approvals(self, plan_id: str) -> int:
        """How many hospitals approved the plan."""
        return int(self.status(plan_id)["approvals"])

    def start_run(self, plan_id: str) -> None:
        """The run of a plan was started."""
        self._coordinator("start", plan_id, "--json")

    def status(self, plan_id: str) -> dict[str, Any]:
        """Where a plan stands, as its partner is told: state, rounds_done, end_reason."""
        return dict(self._partner("status", plan_id, "--json"))

    def follow(self, plan_id: str, processes: Processes, name: str) -> None:
        """The partner follows its plan until that has ended; each state is a line of the process's log."""
        words = ("status", plan_id, "--follow", "--json", "--home", str(self.partner_home))
        processes.start(name, "coordinator.partner", *words, finishes=True)

    def fetch(self, plan_id: str, target: Path) -> dict[str, Any]:
        """The partner fetched the release and verified it; what its command printed."""
        fetched: dict[str, Any] = self._partner("fetch", plan_id, "--out", str(target), "--json")
        return fetched

    def login_code(self) -> str:
        """A one-time log-in for the operator's page."""
        return str(self._coordinator("login-code", "--json")["code"])

    def certificate_for_recorder(self, directory: Path) -> tuple[Path, Path]:
        """A server certificate of the demo's own authority for the recorder: (chain file, key file)."""
        authority_key = serialization.load_pem_private_key(
            (self.home / "keys" / "authority.key").read_bytes(), password=None
        )
        authority = x509.load_pem_x509_certificate((self.home / "authority.pem").read_bytes())
        if not isinstance(authority_key, ec.EllipticCurvePrivateKey):
            raise StepFailed("the coordinator's authority key is of another kind", process="coordinator init")
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _server_certificate(key, authority, authority_key)
        directory.mkdir(parents=True, exist_ok=True)
        chain, secret = directory / "recorder.pem", directory / "recorder.key"
        chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        secret.touch(mode=0o600)
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return chain, secret

    def _answers(self) -> bool:
        """The front refuses a stranger, which shows that front and api are up."""
        context = ssl.create_default_context(cafile=str(self.authority))
        address = f"https://127.0.0.1:{self.front_port}/api/inbox"
        try:
            return httpx.get(address, verify=context, timeout=2, trust_env=False).status_code == 401
        except httpx.TransportError:
            return False

    def _coordinator(self, *arguments: str) -> Any:
        return command("coordinator", *arguments, "--home", str(self.home))

    def _partner(self, *arguments: str) -> Any:
        return command("coordinator.partner", *arguments, "--home", str(self.partner_home))


def _server_certificate(
    key: ec.EllipticCurvePrivateKey, authority: x509.Certificate, authority_key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "recorder")]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(names, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
