"""Whether a pinned commit belongs to the repository it is named with, or only to its network of forks."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from bot.core.pull import Pin
from bot.github.client import Client, shaped
from bot.github.errors import NotFound, Refused

# So many are looked up for one pull request, most with two questions; of the others nothing is known.
MOST_PINS = 20
MOST_TAGS = 1000


class _Repository(msgspec.Struct, frozen=True):
    default_branch: str


class _Comparison(msgspec.Struct, frozen=True):
    status: str


class _Commit(msgspec.Struct, frozen=True):
    sha: str


class _Tag(msgspec.Struct, frozen=True):
    commit: _Commit


async def strange_pins(client: Client, pins: tuple[Pin, ...]) -> tuple[Pin, ...]:
    """Those that are not known to belong: found nowhere (`strange`), not told, or too many to look up."""
    asked = [await _judged(client, pin) for pin in pins[:MOST_PINS]]
    return (*(pin for pin in asked if pin is not None), *pins[MOST_PINS:])


async def _judged(client: Client, pin: Pin) -> Pin | None:
    try:
        return None if await _belongs(client, pin) else replace(pin, strange=True)
    except Refused:
        # A private repository of somebody else's, or one that is gone.
        return pin


async def _belongs(client: Client, pin: Pin) -> bool:
    """On the default branch, in a tag, or at the tip of a branch: cheapest first. Refused when that is not told.

    The commit itself proves nothing: GitHub answers for every commit of the network under every repository's name.
    """
    owner, _, name = pin.repository.partition("/")
    where = {"owner": owner, "name": name}
    branch = shaped(await client.get("/repos/{owner}/{name}", **where), _Repository).default_branch
    return (
        await _is_behind(client, where, branch, pin.sha)
        or pin.sha in await _tagged(client, where)
        or await _is_tip(client, where, pin.sha)
    )


async def _is_behind(client: Client, where: dict[str, str], branch: str, sha: str) -> bool:
    # The second page has neither commits nor files worth reading.
    path = "/repos/{owner}/{name}/compare/{range}?per_page=1&page=2"
    try:
        answer = await client.get(path, **where, range=f"{branch}...{sha}")
    except NotFound:
        # No such commit, or one without a common ancestor.
        return False
    return shaped(answer, _Comparison).status in ("behind", "identical")


async def _tagged(client: Client, where: dict[str, str]) -> set[str]:
    listed = await client.items("/repos/{owner}/{name}/tags?per_page=100", most=MOST_TAGS, **where)
    return {tag.commit.sha for tag in shaped(listed, tuple[_Tag, ...])}


async def _is_tip(client: Client, where: dict[str, str], sha: str) -> bool:
    try:
        return bool(await client.get("/repos/{owner}/{name}/commits/{sha}/branches-where-head", **where, sha=sha))
    except NotFound:
        return False
