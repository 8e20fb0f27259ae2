"""Commands about members: invite, sites, admit, remove, partner add, partner list."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from coordinator.edges.cli.office import Doors, HomeOption, JsonOption, refusals, say, show
from coordinator.flows.join import admit, invite, remove
from coordinator.flows.overview import Overview, overview
from coordinator.flows.partners import add_partner, card_of
from coordinator.ground.told import Told
from coordinator.membership.partner import Partner
from coordinator.membership.site import Site

_MAX_KEY_FILE_BYTES = 4096
SiteArgument = Annotated[str, typer.Argument(help="The site's name or identifier.")]


class KeyFileUnreadable(Told):
    """The file with a partner's key is no text, or not for this user."""

    text_key = "refusals.key-file"


def add_members(app: typer.Typer, doors: Doors) -> None:
    """The commands are part of the application."""
    _add_invite(app, doors)
    _add_sites(app, doors)
    _add_decisions(app, doors)
    partners = typer.Typer(help="Partners: AI firms that submit plans.", no_args_is_help=True)
    _add_partners(partners, doors)
    app.add_typer(partners, name="partner")


def _add_invite(app: typer.Typer, doors: Doors) -> None:
    @app.command("invite")
    def invite_site(
        home: HomeOption,
        site_name: Annotated[str, typer.Option(help="The hospital's name; it must join under it.")],
        address: Annotated[str | None, typer.Option(help="HOST:PORT as this hospital reaches the front.")] = None,
        hours: Annotated[int, typer.Option(min=1, max=24 * 30, help="How long the invitation is good.")] = 72,
        as_json: JsonOption = False,
    ) -> None:
        """Make an invitation that one hospital can use once."""
        with refusals():
            office = doors.open_office(home)
            face = replace(office.face, address=address or office.face.address)
            made = invite(office.work, face, site_name, hours=hours, now=office.clock.now())
        text, fingerprint = made.to_text(), office.face.identity.public.fingerprint
        document = {"invitation": text, "fingerprint": fingerprint, "expires_at": made.expires_at.isoformat()}
        show(document, text, say("terminal.fingerprint", fingerprint=fingerprint), as_json=as_json)


def _add_sites(app: typer.Typer, doors: Doors) -> None:
    @app.command()
    def sites(home: HomeOption, as_json: JsonOption = False) -> None:
        """List the sites with their states and fingerprints."""
        with refusals():
            office = doors.open_office(home)
            seen = overview(office.work, now=office.clock.now())
        lines = [_line(site) for site in seen.sites] or [say("terminal.no-site")]
        document = [_site(site) | {"root_faults": _root_faults(seen, site)} for site in seen.sites]
        show(document, *lines, *_evidence(seen), as_json=as_json)


def _add_decisions(app: typer.Typer, doors: Doors) -> None:
    @app.command("admit")
    def admit_site(
        home: HomeOption,
        site: SiteArgument,
        fingerprint: Annotated[str, typer.Option(help="As the hospital's staff read it out.")],
        as_json: JsonOption = False,
    ) -> None:
        """Admit a site whose fingerprint was compared by voice."""
        with refusals():
            office = doors.open_office(home)
            admitted = admit(office.work, site, fingerprint, now=office.clock.now())
        show(_site(admitted), say("terminal.admitted", site=admitted.site_name), as_json=as_json)

    @app.command("remove")
    def remove_site(home: HomeOption, site: SiteArgument, as_json: JsonOption = False) -> None:
        """Remove a site for good; its key opens nothing any more."""
        with refusals():
            office = doors.open_office(home)
            removed = remove(office.work, site, now=office.clock.now())
        show(_site(removed), say("terminal.removed", site=removed.site_name), as_json=as_json)


def _add_partners(app: typer.Typer, doors: Doors) -> None:
    @app.command("add")
    def add(
        home: HomeOption,
        name: Annotated[str, typer.Option(help="The partner's name, as hospitals will see it.")],
        key: Annotated[str, typer.Option(help="What `intramuros partner key` printed, or a file that holds it.")],
        as_json: JsonOption = False,
    ) -> None:
        """Add a partner and print the card to hand to it."""
        with refusals():
            office = doors.open_office(home)
            card = add_partner(office.work, office.face, name, _key_text(key), now=office.clock.now())
        show({"partner_id": card.partner_id, "card": card.to_text()}, card.to_text(), as_json=as_json)

    @app.command("list")
    def list_partners(home: HomeOption, as_json: JsonOption = False) -> None:
        """List the partners with their cards."""
        with refusals():
            office = doors.open_office(home)
            held = overview(office.work, now=office.clock.now()).partners
        rows = [{**_named(partner), "card": card_of(office.face, partner).to_text()} for partner in held]
        lines = [f"{row['partner_id']}  {row['partner_name']}" for row in rows]
        show(rows, *(lines or [say("terminal.no-partner")]), as_json=as_json)


def _named(partner: Partner) -> dict[str, str]:
    return {"partner_id": partner.partner_id, "partner_name": partner.partner_name}


def _key_text(key: str) -> str:
    path = Path(key)
    try:
        if not path.is_file():
            return key
        with path.open(encoding="utf-8") as file:
            return file.read(_MAX_KEY_FILE_BYTES)
    except (OSError, UnicodeDecodeError, ValueError):
        raise KeyFileUnreadable(file=path) from None


def _line(site: Site) -> str:
    state = say(f"operator.state-{site.shown_state.value}")
    return say("terminal.site", state=state, fingerprint=site.identity.fingerprint, site=site.site_name)


def _site(site: Site) -> dict[str, object]:
    return {
        "site_id": site.site_id,
        "site_name": site.site_name,
        "state": site.shown_state.value,
        "fingerprint": site.identity.fingerprint,
        "enrolled_at": site.enrolled_at.isoformat(),
    }


def _root_faults(seen: Overview, site: Site) -> list[str]:
    return [refused.fault.value for refused in seen.evidence if refused.site_id == site.site_id]


def _evidence(seen: Overview) -> list[str]:
    names = {site.site_id: site.site_name for site in seen.sites}
    return [
        say(
            "terminal.root-evidence",
            site=names[refused.site_id],
            day=refused.day.isoformat(),
            reason=say(f"ledger_roots.{refused.fault.value}"),
        )
        for refused in seen.evidence
    ]
