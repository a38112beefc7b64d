"""One look at the present state of a pull request: the facts and the policy that the judgement needs."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.history import Facts, History
from bot.core.policy.model import Policy, PolicyError
from bot.github.client import Client
from bot.github.read.policies import Choose
from bot.jobs import Evaluate


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """`facts.pull.repository` has the present owner and name; the job's may be outdated."""

    facts: Facts
    policy: Policy | PolicyError


async def look(
    client: Client,
    job: Evaluate,
    *,
    history: History,
    choose: Choose,
    now: int,
    refused_reviewers: frozenset[str] = frozenset(),
) -> Look:
    """Read the pull request whole, or say in `incomplete` what of it was not read.

    `history` tells whose permissions matter and which pushed-away heads were judged before. `choose` turns the
    policy files into the policy, whose teams and people are looked up. `now` is Unix seconds.
    `refused_reviewers` are handed on to `facts.posted`.
    HeadMoved when the pull request changed while it was read; NotFound when it is not there (any more); any
    other GitHubError when GitHub did not answer well.
    """
    raise NotImplementedError
