"""The bundle is the same bytes everywhere, opens in Flower, and carries no code of substance."""

from __future__ import annotations

import ast
import hashlib
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from flwr.cli.install import install_from_fab
from flwr.common.config import get_fab_config

from coordinator.edges.federation.bundle import build_bundle
from protocols.bundle import BUNDLE_SHA256


def test_the_pinned_digest_is_that_of_the_bundle() -> None:
    assert hashlib.sha256(build_bundle()).hexdigest() == BUNDLE_SHA256


def test_flower_opens_the_bundle_and_finds_the_installed_server_app(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    components = get_fab_config(build_bundle())["tool"]["flwr"]["app"]["components"]
    assert components["serverapp"] == "intramuros_rounds:app"
    installed = install_from_fab(build_bundle(), install_dir=tmp_path, skip_prompt=True)
    assert sorted(path.name for path in installed.iterdir()) == ["intramuros_rounds.py", "pyproject.toml"]


def test_the_bundle_only_names_installed_code() -> None:
    with zipfile.ZipFile(BytesIO(build_bundle())) as archive:
        statements = ast.parse(archive.read("intramuros_rounds.py")).body
    assert all(isinstance(statement, ast.Expr | ast.ImportFrom | ast.Assign) for statement in statements)
    assert [s.module for s in statements if isinstance(s, ast.ImportFrom)] == [
        "coordinator.edges.federation.server_app"
    ]
