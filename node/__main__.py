"""`python -m node …`: the commands hospital IT types. The processes of a node start elsewhere (wiring/process.py)."""

from __future__ import annotations

from pathlib import Path

from node.ground.logs import configure_logs
from node.wiring.commands import HomeOption, app
from node.wiring.commands_person import person
from node.wiring.commands_pull import pull
from node.wiring.deidentify_commands import deid_policy, deid_selftest
from node.wiring.exclude_commands import exclude
from node.wiring.export_commands import export
from node.wiring.gold_commands import gold
from node.wiring.label_commands import labels
from node.wiring.pay_commands import statement_verify
from node.wiring.peer_commands import peers
from node.wiring.place import open_place
from node.wiring.plan_commands import plan
from node.wiring.store_commands import fsck
from node.wiring.teaching_commands import certificate_verify
from node.wiring.terminal import refusals
from node.wiring.token_commands import token


@app.command("run")
def run(home: HomeOption) -> None:
    """Run the node until it is told to stop: receive, page, jobs, and once joined the wall and its SuperNode."""
    from node.wiring.tree import run_tree

    configure_logs("supervisor")
    with refusals():
        run_tree(open_place(home))


@app.command("openapi")
def openapi(path: Path) -> None:
    """Write the OpenAPI document of the page's API to a file."""
    from node.wiring.web import write_api_document

    with refusals():
        write_api_document(path)


app.add_typer(person, name="person")
app.add_typer(pull, name="pull")
app.add_typer(exclude, name="exclude")
app.add_typer(token, name="token")
app.add_typer(plan, name="plan")
app.add_typer(peers, name="peers")
app.command("fsck")(fsck)
app.command("export")(export)
app.command("gold")(gold)
app.command("labels")(labels)
app.command("certificate-verify")(certificate_verify)
app.command("statement-verify")(statement_verify)
app.command("deid-policy")(deid_policy)
app.command("deid-selftest")(deid_selftest)


if __name__ == "__main__":
    app(prog_name="intramuros node")
