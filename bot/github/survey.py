"""What there is to look at: installations, their open pull requests, and deliveries that did not arrive."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import msgspec

from bot.github.client import Client, shaped
from bot.github.errors import Unreadable
from bot.jobs import Evaluate

MOST_INSTALLATIONS = 10_000
MOST_REPOSITORIES = 20_000
MOST_OPEN_PULLS = 10_000
MOST_DELIVERIES = 1_000


class _Installation(msgspec.Struct, frozen=True):
    id: int
    suspended_at: datetime | None = None


class _Owner(msgspec.Struct, frozen=True):
    login: str


class _Repository(msgspec.Struct, frozen=True):
    id: int
    name: str
    owner: _Owner
    archived: bool = False


class _Pull(msgspec.Struct, frozen=True):
    number: int


class FailedDelivery(msgspec.Struct, frozen=True):
    """A webhook that GitHub sent in vain. `guid` is the same for every attempt, `id` is the attempt's own."""

    id: int
    guid: str
    delivered_at: datetime


async def list_installations(app: Client) -> tuple[int, ...]:
    """The ids of the installations that are not suspended. `app` is the App's own client."""
    listed = await app.items("/app/installations?per_page=100", most=MOST_INSTALLATIONS)
    _bounded("installations", len(listed), MOST_INSTALLATIONS)
    return tuple(one.id for one in shaped(listed, tuple[_Installation, ...]) if one.suspended_at is None)


async def open_pulls(client: Client, installation_id: int) -> AsyncIterator[Evaluate]:
    """Every open pull request of the installation, repository by repository. Nothing merges in an archived one."""
    listed = await client.items("/installation/repositories?per_page=100", "repositories", most=MOST_REPOSITORIES)
    _bounded("repositories", len(listed), MOST_REPOSITORIES)
    for repository in shaped(listed, tuple[_Repository, ...]):
        if repository.archived:
            continue
        pulls = await client.items(
            "/repos/{owner}/{name}/pulls?state=open&per_page=100",
            most=MOST_OPEN_PULLS,
            owner=repository.owner.login,
            name=repository.name,
        )
        _bounded("open pull requests", len(pulls), MOST_OPEN_PULLS)
        for pull in shaped(pulls, tuple[_Pull, ...]):
            yield Evaluate(
                installation_id=installation_id,
                repository_id=repository.id,
                owner=repository.owner.login,
                name=repository.name,
                number=pull.number,
            )


async def failed_deliveries(app: Client) -> tuple[FailedDelivery, ...]:
    """Deliveries that failed within the days GitHub remembers them, newest first, one per webhook.

    GitHub goes on listing a failure after a later attempt succeeded: the caller knows which `guid` is done.
    https://docs.github.com/en/rest/apps/webhooks#list-deliveries-for-an-app-webhook
    """
    listed = await app.items("/app/hook/deliveries?status=failure&per_page=100", most=MOST_DELIVERIES)
    newest: dict[str, FailedDelivery] = {}
    for delivery in shaped(listed, tuple[FailedDelivery, ...]):
        newest.setdefault(delivery.guid, delivery)
    return tuple(newest.values())


async def redeliver(app: Client, delivery: FailedDelivery) -> None:
    """Ask GitHub to send it once more."""
    await app.post("/app/hook/deliveries/{id}/attempts", {}, id=delivery.id)


def _bounded(what: str, count: int, most: int) -> None:
    """A survey that leaves something out would leave its stale check standing."""
    if count > most:
        raise Unreadable(f"more than {most} {what}")
