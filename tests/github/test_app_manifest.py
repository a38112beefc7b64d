"""The App asks GitHub for exactly what the code hears and does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.github.events import EVENTS, UNASKED


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    text = (Path(__file__).parents[2] / "app.yml").read_text()
    read: dict[str, Any] = yaml.safe_load(text)
    return read


def test_the_app_subscribes_to_the_events_it_handles(manifest: dict[str, Any]) -> None:
    assert manifest["default_events"] == sorted(set(EVENTS) - UNASKED)


def test_permissions_are_sorted_and_no_wider_than_needed(manifest: dict[str, Any]) -> None:
    permissions = manifest["default_permissions"]
    assert list(permissions) == sorted(permissions)
    assert {name for name, level in permissions.items() if level == "write"} == {
        "checks",
        "deployments",
        "issues",
        "pull_requests",
        "statuses",
    }
    assert permissions["contents"] == "read"


def test_the_app_is_not_offered_to_the_public(manifest: dict[str, Any]) -> None:
    assert manifest["public"] is False
