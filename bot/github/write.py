"""Carries out what the plan says, one write at a time; each can be repeated without harm."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.pull import Repository
from bot.core.writes import PostedCheck, Write
from bot.github.client import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What came of a write.

    `refused_reviewer` is the login or team slug that GitHub will not ask, to be handed to the next looks at this
    head. `comment_id` is the reply's.
    """

    refused_reviewer: str = ""
    comment_id: int | None = None


async def apply(client: Client, repository: Repository, write: Write, stands: PostedCheck | None = None) -> Written:
    """Do it. `stands` is the check run of the look (`facts.posted.check`). GitHubError when GitHub does not."""
    raise NotImplementedError
