"""`app.py serve`: what keeps it from starting is said in one sentence, and it ends with 2."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.embedded import new_private_key
from tests.cli.conftest import Run

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def key() -> str:
    return new_private_key()


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def refusal(key: str, **settings: str) -> str:
    """What it says when it does not start."""
    environment = os.environ | {"APP_ID": "7", "PRIVATE_KEY": key, "WEBHOOK_SECRET": "s" * 32} | settings
    command = [sys.executable, "app.py", "serve"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr


def test_a_port_that_is_taken(key: str, taken: int, tmp_path: Path) -> None:
    said = refusal(key, HOST="127.0.0.1", PORT=str(taken), DATABASE_URL=f"sqlite:///{tmp_path}/x.db")
    assert said == f"serve: HOST and PORT: cannot listen on 127.0.0.1:{taken}: Address already in use\n"


def test_a_host_that_is_none_of_this_machine(key: str, tmp_path: Path) -> None:
    said = refusal(key, HOST="192.0.2.1", DATABASE_URL=f"sqlite:///{tmp_path}/x.db")
    assert said.startswith("serve: HOST and PORT: cannot listen on 192.0.2.1:3000: Cannot assign")


def test_a_database_that_is_none(key: str, tmp_path: Path) -> None:
    (tmp_path / "some.db").write_text("x" * 4096, encoding="utf-8")
    said = refusal(key, DATABASE_URL=f"sqlite:///{tmp_path}/some.db")
    assert said == "serve: DATABASE_URL: file is not a database\n"


def test_a_server_that_nobody_runs_and_no_password(key: str) -> None:
    said = refusal(key, DATABASE_URL="postgresql://bot:hunter2@127.0.0.1:1/countersign")
    assert said.startswith("serve: DATABASE_URL: connection failed")
    assert said.count("\n") == 1
    assert "hunter2" not in said


def test_a_setting_that_is_missing(key: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"APP_ID": "7", "PRIVATE_KEY": key, "WEBHOOK_SECRET": ""}.items():
        monkeypatch.setenv(name, value)
    refused = run("serve")
    assert refused.exit_code == 2
    assert refused.stderr.startswith("serve: WEBHOOK_SECRET: expected")
