"""Who is calling: App JWTs, installation tokens and user tokens."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

import jwt

from bot.sandbox.objects import ROLES, Account, App, Installation, Json, Refusal, Repository
from bot.sandbox.world import World

TOKEN_SECONDS = 3600
USER_TOKEN_SECONDS = 8 * 3600
LONGEST_JWT_SECONDS = 600
_LEVELS = ("", "read", "write", "admin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The one behind a request. `account` acts: a user, or the App's bot; None for nobody and for App JWTs.

    `repositories` are the ids a token is limited to, None for all its installation covers.
    """

    account: Account | None = None
    app: App | None = None
    installation: Installation | None = None
    permissions: dict[str, str] = field(default_factory=dict)
    repositories: frozenset[int] | None = None
    expires_at: int = 0

    @property
    def name(self) -> str:
        if self.installation is not None:
            return f"installation {self.installation.id}"
        if self.app is not None:
            return f"app {self.app.id}"
        return f"user {self.account.login}" if self.account else "nobody"

    @property
    def is_app(self) -> bool:
        return self.app is not None and self.installation is None

    def may(self, permission: str, level: str) -> bool:
        return _LEVELS.index(self.permissions.get(permission, "")) >= _LEVELS.index(level)


class Gatekeeper:
    """Issues tokens and tells who stands behind an Authorization header."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tokens: dict[str, Caller] = {}

    def user_token(self, account: Account) -> str:
        token = f"ghp_{secrets.token_hex(18)}"
        self._tokens[token] = Caller(account=account)
        return token

    def user_access_token(self, account: Account) -> str:
        """The token of somebody who signed in to an App, good for eight hours."""
        token = f"ghu_{secrets.token_hex(18)}"
        self._tokens[token] = Caller(account=account, expires_at=self._world.now() + USER_TOKEN_SECONDS)
        return token

    def installation_token(self, installation: Installation, wanted: Json) -> tuple[str, Caller]:
        """A token for an hour, limited to the wanted repositories and permissions, refused beyond what is granted."""
        granted = installation.permissions
        permissions: dict[str, str] = wanted.get("permissions") or granted
        for name, level in permissions.items():
            if _LEVELS.index(level) > _LEVELS.index(granted.get(name, "")):
                raise Refusal(422, "The permissions requested are not granted to this installation.")
        caller = Caller(
            account=installation.app.bot,
            app=installation.app,
            installation=installation,
            permissions=permissions,
            repositories=self._chosen(installation, wanted),
            expires_at=self._world.now() + TOKEN_SECONDS,
        )
        # GitHub's stateless tokens are several hundred characters long; clients must not measure them.
        token = f"ghs_{installation.app.id}_{secrets.token_urlsafe(360)}"
        self._tokens[token] = caller
        return token, caller

    def _chosen(self, installation: Installation, wanted: Json) -> frozenset[int] | None:
        names, ids = wanted.get("repositories"), wanted.get("repository_ids")
        if names is None and ids is None:
            return None
        covered = [one for one in self._world.repositories.values() if installation.covers(one)]
        chosen = {one.id for one in covered if one.name in (names or ()) or one.id in (ids or ())}
        if len(chosen) < len({*(names or ()), *(ids or ())}):
            raise Refusal(422, "There is at least one repository that does not exist or is not accessible.")
        return frozenset(chosen)

    def caller(self, authorization: str) -> Caller:
        """Who sent this header; Refusal 401 for a token or JWT that is not good, Caller() for none."""
        if not authorization:
            return Caller()
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() not in {"bearer", "token"}:
            raise Refusal(401, "Bad credentials")
        if token.count(".") == 2 and not token.startswith("gh"):  # noqa: PLR2004 - header, claims, signature
            return Caller(app=self._app(token))
        caller = self._tokens.get(token)
        if caller is None or (caller.expires_at and caller.expires_at <= self._world.now()):
            raise Refusal(401, "Bad credentials")
        if caller.installation and caller.installation.id not in self._world.installations:
            raise Refusal(401, "Bad credentials")
        if caller.installation and caller.installation.suspended_at is not None:
            raise Refusal(403, "This installation has been suspended")
        return caller

    def _app(self, token: str) -> App:
        """The App whose key signed the JWT, within the times GitHub allows."""
        try:
            issuer = str(jwt.decode(token, options={"verify_signature": False}).get("iss", ""))
            app = self._world.apps.get(int(issuer) if issuer.isdigit() else 0)
            if app is None:
                raise Refusal(404, "Integration not found")
            options = {"verify_exp": False, "verify_iat": False, "verify_sub": False, "require": ["iat", "exp", "iss"]}
            claims = jwt.decode(token, app.public_key, algorithms=["RS256"], options=options)  # type: ignore[arg-type]  # PyJWT types its options more narrowly than it reads them
        except jwt.PyJWTError as problem:
            raise Refusal(401, "A JSON web token could not be decoded") from problem
        now = self._world.now()
        if claims["exp"] <= now:
            raise Refusal(401, "'Expiration time' claim ('exp') must be a numeric value representing a future time.")
        if claims["exp"] > now + LONGEST_JWT_SECONDS:
            raise Refusal(401, "'Expiration time' claim ('exp') is too far in the future")
        if claims["iat"] > now:
            raise Refusal(
                401, "'Issued at' claim ('iat') must be an Integer representing the time the assertion was issued."
            )
        return app


def visible(world: World, caller: Caller, repository: Repository) -> bool:
    """Whether the caller may know that the repository exists."""
    if caller.installation is not None:
        allowed = caller.repositories is None or repository.id in caller.repositories
        return not repository.private or (allowed and caller.installation.covers(repository))
    if not repository.private:
        return True
    return caller.account is not None and ROLES.index(world.role(repository, caller.account)) > 0
