"""A look at a pull request of the embedded GitHub."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from bot.core.history import EMPTY, History
from bot.core.policy.default import BUILT_IN
from bot.core.policy.model import Policy, PolicyError
from bot.core.policy.parse import parse_policy
from bot.github.client import Client, Variables
from bot.github.read.look import Look, look
from bot.github.read.policies import PolicyText
from bot.jobs import Evaluate
from bot.sandbox.objects import PullRequest
from tests.shop import Shop

NOW = 1_800_000_000


def choose(organisation: PolicyText | None, repository: PolicyText | None) -> Policy | PolicyError:
    """The nearest file that there is."""
    file = repository or organisation
    return BUILT_IN if file is None else parse_policy(file.text, file.source)


def job_for(shop: Shop, number: int, *, name: str = "shop") -> Evaluate:
    return Evaluate(
        installation_id=shop.installation.id,
        repository_id=shop.repository.id,
        owner="acme",
        name=name,
        number=number,
    )


async def look_at(client: Client, shop: Shop, pull: PullRequest, history: History = EMPTY) -> Look:
    return await look(client, job_for(shop, pull.number), history=history, choose=choose, now=NOW)


class Altered(Client):
    """A client whose answers are changed on their way in: `alter(what, answer)`, `what` a path or "query"."""

    def __init__(self, client: Client, alter: Callable[[str, Any], Any]) -> None:
        super().__init__(client._transport, client.app_id, client._token)
        self.alter = alter
        self.calls: list[str] = []

    async def get(self, path: str, **variables: str | int) -> Any:
        self.calls.append(path)
        return self.alter(path, copy.deepcopy(await super().get(path, **variables)))

    async def items(self, path: str, key: str = "items", *, most: int, **variables: str | int) -> list[Any]:
        self.calls.append(path)
        found: list[Any] = self.alter(path, await super().items(path, key, most=most, **variables))
        return found

    async def query(
        self,
        document: str,
        variables: Variables,
        *,
        may_be_missing: frozenset[str] = frozenset(),
        may_be_unknown: frozenset[str] = frozenset(),
    ) -> dict[str, Any]:
        self.calls.append("query")
        answer: dict[str, Any] = self.alter(
            "query",
            await super().query(document, variables, may_be_missing=may_be_missing, may_be_unknown=may_be_unknown),
        )
        return answer
