"""A look at a pull request of the embedded GitHub."""

from __future__ import annotations

from bot.core.history import EMPTY, History
from bot.core.policy.default import BUILT_IN
from bot.core.policy.model import Policy, PolicyError
from bot.core.policy.parse import parse_policy
from bot.github.client import Client
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
