"""Plans in the format of `terraform show -json`, as much of it as is read."""

from __future__ import annotations

import json
from typing import Any


def change(actions: list[str], type_: str = "aws_sns_topic", **more: Any) -> dict[str, Any]:
    return {"address": f"{type_}.x", "type": type_, "mode": "managed", "change": {"actions": actions, **more}}


def plan_of(*changes: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"format_version": "1.2", "resource_changes": list(changes), **more}).encode()
