"""The digest of what a policy says, whatever its file looks like."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from bot.core.policy.model import Policy


def policy_digest(policy: Policy) -> str:
    """`sha256:` of the canonical form: equal for policies that ask the same in the same order of rules."""
    # Where it was read and which keys its file spelt out are not what it says. What a deployment asks is nothing that
    # an approval of a change is given under: a commit that is accepted there must not void the approvals here.
    said = replace(policy, source="", digest="", given=frozenset(), deployments={})
    canonical = json.dumps(_canonical(said), separators=(",", ":"), ensure_ascii=True)
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


def with_digest(policy: Policy) -> Policy:
    return replace(policy, digest=policy_digest(policy))


def _canonical(value: Any) -> Any:
    """Plain JSON values, sets and mappings sorted."""
    if is_dataclass(value):
        return {field.name: _canonical(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: _canonical(value[key]) for key in sorted(value)}
    if isinstance(value, frozenset):
        return sorted(_canonical(item) for item in value)
    if isinstance(value, tuple):
        return [_canonical(item) for item in value]
    return value
