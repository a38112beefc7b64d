"""Webhook payloads as GitHub sends them, cut to what any handler reads and a little more."""

from __future__ import annotations

import json
from typing import Any

APP_ID = 42
SENDER = {"login": "senior", "id": 7, "type": "User", "site_admin": False}
AUTHOR = {"login": "author", "id": 8, "type": "User"}
BOT = {"login": "helper[bot]", "id": 9, "type": "Bot"}
REPOSITORY = {"id": 100, "name": "shop", "full_name": "acme/shop", "owner": {"login": "acme", "id": 1}}
HEAD = "a" * 40
BEFORE = "b" * 40


def event(action: str | None = None, **parts: Any) -> bytes:
    whole: dict[str, Any] = {
        "repository": {**REPOSITORY, "default_branch": "main"},
        "sender": SENDER,
        "installation": {"id": 5, "node_id": "x"},
        **parts,
    }
    if action is not None:
        whole["action"] = action
    return json.dumps({key: value for key, value in whole.items() if value is not ...}).encode()


def pull(number: int = 12, base: str = "main") -> dict[str, Any]:
    return {"number": number, "base": {"ref": base}, "head": {"sha": HEAD}, "title": "t"}


def review(**changes: Any) -> dict[str, Any]:
    return {
        "id": 77,
        "state": "approved",
        "user": SENDER,
        "commit_id": HEAD,
        "submitted_at": "2026-11-01T12:00:00Z",
        **changes,
    }


def workflow_run(**changes: Any) -> dict[str, Any]:
    return {
        "id": 5001,
        "event": "pull_request",
        "head_sha": HEAD,
        "head_repository": {"id": 100},
        "pull_requests": [pull_of_run()],
        **changes,
    }


def pull_of_run(**changes: Any) -> dict[str, Any]:
    return {"number": 12, "head": {"sha": HEAD}, "base": {"repo": {"id": 100}}, **changes}


def comment(body: str = "/approve-ai", **changes: Any) -> dict[str, Any]:
    return {
        "id": 981,
        "user": SENDER,
        "body": body,
        "created_at": "2026-11-01T12:00:00Z",
        "performed_via_github_app": None,
        **changes,
    }


def issue(number: int = 12) -> dict[str, Any]:
    return {"number": number, "pull_request": {"url": "u"}}


def check_run(**changes: Any) -> dict[str, Any]:
    return {
        "id": 5,
        "name": "countersign/release/1.x",
        "head_sha": HEAD,
        "external_id": "12:abcdef",
        "app": {"id": APP_ID},
        "pull_requests": [],
        **changes,
    }
