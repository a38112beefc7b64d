"""The environment, read once into frozen settings; a setting that would open the gate or break later is refused."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

SHORTEST_SECRET = 32
LARGEST_PORT = 65535
LOG_LEVELS = frozenset({"debug", "info", "warning", "error"})
_APP_ID_EXPECTED = "APP_ID: expected the App's number, as its settings page shows it"
DEFAULT_DATABASE = "sqlite:///data/countersign.db"
# The names SQLAlchemy, Heroku and PostgreSQL itself use, each to the one driver we ship.
_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "sqlite": "sqlite",
}


class SettingsError(Exception):
    """A setting that cannot be used; the message is one sentence for the operator and holds no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`private_key` is PEM. Urls have no trailing slash; `graphql_url` "" is derived from `api_url`.

    `database_url` is `sqlite:///FILE` or `postgresql+psycopg://…`. `public_url` is where people reach the pages.
    `client_id` and `client_secret` are the App's, for signing in; "" keeps the pages shut. `metrics_token` "" keeps
    the numbers shut. `plan_artifacts` is a glob of the names of workflow artifacts that hold Terraform plans.
    `issuer` is of the identity tokens of workflow runs, "" is derived from `api_url`.
    """

    app_id: int
    private_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    api_url: str = "https://api.github.com"
    graphql_url: str = ""
    database_url: str = field(default=DEFAULT_DATABASE, repr=False)
    host: str = "0.0.0.0"  # noqa: S104 - a server in a container is reached from outside
    port: int = 3000
    public_url: str = ""
    log_level: str = "info"
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    metrics_token: str = field(default="", repr=False)
    # No setting of the environment: whoever could shorten it could use a passkey that they just registered.
    passkey_wait_seconds: int = 24 * 3600
    plan_artifacts: str = "countersign-plan*"
    issuer: str = ""

    def __post_init__(self) -> None:
        """Every way to make settings passes here, so none can carry a weak secret."""
        if len(self.webhook_secret) < SHORTEST_SECRET:
            raise SettingsError(f"WEBHOOK_SECRET: expected at least {SHORTEST_SECRET} characters")
        if self.app_id <= 0:
            raise SettingsError(_APP_ID_EXPECTED)
        if self.metrics_token and len(self.metrics_token) < SHORTEST_SECRET:
            raise SettingsError(f"METRICS_TOKEN: expected at least {SHORTEST_SECRET} characters")
        self._check_sign_in()

    def _check_sign_in(self) -> None:
        if bool(self.client_id) != bool(self.client_secret):
            raise SettingsError("CLIENT_ID, CLIENT_SECRET: expected both or neither")
        if self.client_secret and len(self.client_secret) < SHORTEST_SECRET:
            raise SettingsError("CLIENT_SECRET: expected a client secret of the App, as its settings page made it")
        if self.client_id and not self.public_url:
            raise SettingsError("PUBLIC_URL: expected beside CLIENT_ID, since GitHub sends people back there")

    @property
    def has_sign_in(self) -> bool:
        """Whether people can sign in, without which nobody is shown a page."""
        return bool(self.client_id)

    @property
    def passkey_host(self) -> str:
        """The host that passkeys belong to; "" where browsers give none: an address in numbers, or plain http.

        https://www.w3.org/TR/webauthn-3/#rp-id
        """
        parts = urlsplit(self.public_url)
        host = parts.hostname or ""
        is_trusted = parts.scheme == "https" or host == "localhost"
        return host if is_trusted and not _is_number(host) else ""

    @property
    def site_url(self) -> str:
        return site_url_of(self.api_url)

    @property
    def actions_issuer(self) -> str:
        return self.issuer or issuer_of(self.api_url)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupSettings:
    """What is needed while no App is registered. Urls have no trailing slash."""

    public_url: str
    api_url: str = "https://api.github.com"
    host: str = "0.0.0.0"  # noqa: S104 - as below
    port: int = 3000
    log_level: str = "info"

    @property
    def site_url(self) -> str:
        return site_url_of(self.api_url)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorSettings:
    """What looks after the App from outside: its own key, an operator's token, or both; never neither.

    `private_key` "" and `token` "" mean not given. `public_url` is where the App listens, "" when not known.
    """

    app_id: int
    private_key: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    api_url: str = "https://api.github.com"
    graphql_url: str = ""
    public_url: str = ""

    def __post_init__(self) -> None:
        if self.app_id <= 0:
            raise SettingsError(_APP_ID_EXPECTED)
        if not self.private_key and not self.token:
            raise SettingsError(
                "PRIVATE_KEY: expected the App's private key (PEM), or an operator's token in GITHUB_TOKEN"
            )


def site_url_of(api_url: str) -> str:
    """Where people see GitHub: `https://HOST/api/v3` is served beside `https://HOST`, `https://api.HOST` for it.

    https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency/network-details-for-ghecom
    """
    parts = urlsplit(api_url)
    if parts.path:
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def issuer_of(api_url: str) -> str:
    """Who signs the identity tokens of workflow runs there.

    https://docs.github.com/en/enterprise-server@latest/actions/reference/security/oidc
    """
    parts = urlsplit(api_url)
    if parts.path:
        return f"{parts.scheme}://{parts.netloc}/_services/token"
    if parts.netloc == "api.github.com":
        return "https://token.actions.githubusercontent.com"
    return f"{parts.scheme}://token.actions.{parts.netloc.removeprefix('api.')}"


def is_registered(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment names an App at all, rightly or wrongly."""
    return any(environment.get(name, "").strip() for name in ("APP_ID", "PRIVATE_KEY", "PRIVATE_KEY_PATH"))


def read_setup_settings(environment: Mapping[str, str] = os.environ) -> SetupSettings:
    """The settings for registering an App. SettingsError when GitHub would not know where to send people back to."""
    public_url = _url(environment, "PUBLIC_URL", "")
    if not public_url:
        raise SettingsError(
            "APP_ID: expected the App's number; without an App set PUBLIC_URL, then serve registers one"
        )
    return SetupSettings(
        public_url=public_url,
        api_url=_url(environment, "GITHUB_API_URL", "https://api.github.com"),
        host=environment.get("HOST", "") or "0.0.0.0",  # noqa: S104 - a server in a container is reached from outside
        port=_number(environment, "PORT", 3000, LARGEST_PORT),
        log_level=_log_level(environment),
    )


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of the environment. SettingsError names the variable and what is expected."""
    api_url = _url(environment, "GITHUB_API_URL", "https://api.github.com")
    host = environment.get("HOST", "") or "0.0.0.0"  # noqa: S104 - as above
    port = _number(environment, "PORT", 3000, LARGEST_PORT)
    return Settings(
        app_id=_app_id(environment),
        private_key=_private_key(environment),
        webhook_secret=environment.get("WEBHOOK_SECRET", "").strip(),
        api_url=api_url,
        graphql_url=_url(environment, "GITHUB_GRAPHQL_URL", ""),
        database_url=database_url(environment.get("DATABASE_URL", "") or DEFAULT_DATABASE),
        host=host,
        port=port,
        public_url=_url(environment, "PUBLIC_URL", ""),
        log_level=_log_level(environment),
        client_id=environment.get("CLIENT_ID", "").strip(),
        client_secret=environment.get("CLIENT_SECRET", "").strip(),
        metrics_token=environment.get("METRICS_TOKEN", "").strip(),
        issuer=_url(environment, "ACTIONS_ISSUER", ""),
        plan_artifacts=environment.get("PLAN_ARTIFACTS", "").strip() or "countersign-plan*",
    )


def read_operator_settings(environment: Mapping[str, str] = os.environ) -> OperatorSettings:
    """The settings of `doctor` and `rulesets`. SettingsError names the variable and what is expected."""
    has_key = any(environment.get(name, "").strip() for name in ("PRIVATE_KEY", "PRIVATE_KEY_PATH"))
    return OperatorSettings(
        app_id=_app_id(environment),
        private_key=_private_key(environment) if has_key else "",
        token=environment.get("GITHUB_TOKEN", "").strip(),
        api_url=_url(environment, "GITHUB_API_URL", "https://api.github.com"),
        graphql_url=_url(environment, "GITHUB_GRAPHQL_URL", ""),
        public_url=_url(environment, "PUBLIC_URL", ""),
    )


def read_database_url(environment: Mapping[str, str] = os.environ) -> str:
    """Only where the database is, for commands that need no App."""
    return database_url(environment.get("DATABASE_URL", "") or DEFAULT_DATABASE)


def database_url(text: str) -> str:
    scheme, _, rest = text.partition("://")
    if scheme not in _DRIVERS or not (_names_file(rest) if scheme == "sqlite" else _names_server(text)):
        raise SettingsError("DATABASE_URL: expected sqlite:///FILE or postgresql://USER@HOST/NAME")
    return f"{_DRIVERS[scheme]}://{rest}"


def _names_file(rest: str) -> bool:
    return rest.startswith("/") and not rest.endswith("/")


def _names_server(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.port != 0 and bool(parts.path.strip("/"))
    except ValueError:
        return False


def _app_id(environment: Mapping[str, str]) -> int:
    """0 when it is not set."""
    try:
        return _number(environment, "APP_ID", 0, 1 << 53)
    except SettingsError:
        raise SettingsError(_APP_ID_EXPECTED) from None


def _number(environment: Mapping[str, str], name: str, default: int, largest: int) -> int:
    text = environment.get(name, "").strip() or str(default)
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(largest)) or int(text) > largest:
        raise SettingsError(f"{name}: expected a number of at most {largest}")
    return int(text)


def _url(environment: Mapping[str, str], name: str, default: str) -> str:
    text = (environment.get(name, "").strip() or default).rstrip("/")
    if not text:
        return ""
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise SettingsError(f"{name}: expected a URL") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(f"{name}: expected a URL that starts with https://")
    return text


def _log_level(environment: Mapping[str, str]) -> str:
    level = (environment.get("LOG_LEVEL", "").strip() or "info").lower()
    if level not in LOG_LEVELS:
        raise SettingsError(f"LOG_LEVEL: expected one of {', '.join(sorted(LOG_LEVELS))}")
    return level


def _private_key(environment: Mapping[str, str]) -> str:
    """PRIVATE_KEY, where a line end may be written as backslash and n, or the file PRIVATE_KEY_PATH names.

    Quotes around it are taken off: some readers of environment files leave them on.
    """
    text = environment.get("PRIVATE_KEY", "").strip().strip('"').replace("\\n", "\n")
    path = environment.get("PRIVATE_KEY_PATH", "").strip()
    if not text and not path:
        raise SettingsError("PRIVATE_KEY: expected the App's private key (PEM), or its file in PRIVATE_KEY_PATH")
    name = "PRIVATE_KEY" if text else "PRIVATE_KEY_PATH"
    if not text:
        try:
            text = Path(path).read_text(encoding="ascii")
        except (OSError, ValueError) as error:
            raise SettingsError("PRIVATE_KEY_PATH: expected a readable PEM file") from error
    try:
        key = serialization.load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SettingsError(f"{name}: expected an unencrypted RSA private key in PEM form") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise SettingsError(f"{name}: expected an RSA private key, as GitHub hands it out")
    return text
