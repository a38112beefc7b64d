"""The App as GitHub has it: what it was given, where it is installed, and whether its events arrive."""

from __future__ import annotations

import msgspec

from bot.core.protection.facts import App, Grants, Installed, Webhook
from bot.github.client import Client, shaped
from bot.github.errors import Refused

MOST_INSTALLATIONS = 10_000
# The newest ones, one page: what is older says little about now.
RECENT_DELIVERIES = 100


class _App(msgspec.Struct, frozen=True):
    slug: str
    permissions: dict[str, str]
    events: tuple[str, ...]


class _Account(msgspec.Struct, frozen=True):
    login: str


class Installation(msgspec.Struct, frozen=True):
    id: int
    account: _Account
    permissions: dict[str, str]
    events: tuple[str, ...]
    suspended_at: str | None = None


class _Config(msgspec.Struct, frozen=True):
    """GitHub tells the secret as stars. `insecure_ssl` is "0" where the certificate is checked."""

    url: str = ""
    content_type: str = "form"
    secret: str = ""
    insecure_ssl: str | float = "0"


class _Delivery(msgspec.Struct, frozen=True):
    guid: str
    status_code: int


class _Repository(msgspec.Struct, frozen=True):
    full_name: str
    archived: bool = False


async def read_app(app: Client) -> App:
    """`app` is the App's own client. Refused when GitHub does not take its key."""
    told = shaped(await app.get("/app"), _App)
    unknown: list[str] = []
    webhook = await _webhook(app, unknown)
    return App(
        slug=told.slug,
        grants=Grants(permissions=told.permissions, events=frozenset(told.events)),
        installed=tuple(
            Installed(
                account=one.account.login,
                grants=Grants(permissions=one.permissions, events=frozenset(one.events)),
                is_suspended=one.suspended_at is not None,
            )
            for one in await list_installations(app)
        ),
        webhook=webhook,
        unknown=tuple(unknown),
    )


async def list_installations(app: Client) -> tuple[Installation, ...]:
    listed = await app.items("/app/installations?per_page=100", most=MOST_INSTALLATIONS)
    return shaped(listed, tuple[Installation, ...])


async def list_repositories(client: Client, most: int) -> tuple[str, ...]:
    """The full names of an installation's repositories, but for archived ones, into which nothing merges."""
    listed = await client.items("/installation/repositories?per_page=100", key="repositories", most=most)
    return tuple(one.full_name for one in shaped(listed, tuple[_Repository, ...]) if not one.archived)


async def _webhook(app: Client, unknown: list[str]) -> Webhook | None:
    try:
        config = shaped(await app.get("/app/hook/config"), _Config)
        listed = await app.items("/app/hook/deliveries?per_page=100", most=RECENT_DELIVERIES - 1)
    except Refused as error:
        unknown.append(f"the App's webhook could not be read: GitHub answers {error.status}")
        return None
    last: dict[str, bool] = {}
    for one in shaped(listed, tuple[_Delivery, ...]):
        # Newest first: a later attempt that arrived makes up for the earlier ones.
        last[one.guid] = last.get(one.guid, False) or 200 <= one.status_code < 300  # noqa: PLR2004 - HTTP's successes
    return Webhook(
        url=config.url,
        has_secret=bool(config.secret),
        is_json=config.content_type == "json",
        checks_certificate=str(config.insecure_ssl) in ("0", "0.0"),
        delivered=sum(last.values()),
        failed=len(last) - sum(last.values()),
    )
