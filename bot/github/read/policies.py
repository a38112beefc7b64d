"""The texts of the policy files, as the base commit and the organisation hold them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.core.policy.model import Policy, PolicyError


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyText:
    """A policy file that exists. `source` says where ("acme/shop:.github/countersign.yml@1a2b3c4d5e6f")."""

    text: str
    source: str


Choose = Callable[[PolicyText | None, PolicyText | None], Policy | PolicyError]
"""The organisation's file and the repository's file, each None when there is none, to the policy that holds.

Called in this order: `choose(organisation, repository)`.
"""
