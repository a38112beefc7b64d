"""Who a workflow run is, by the identity token that GitHub signed for it.

https://docs.github.com/en/actions/reference/security/oidc
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from http import HTTPStatus

import aiohttp
import jwt
import msgspec

from bot.github.errors import Unavailable, Unreadable, UploadRefused
from bot.github.payload import Sha
from bot.github.transport import TIMEOUT, read_bounded

# The keys change rarely; a key that is not known is asked for at once, but not more often than this.
KEYS_SECONDS = 3600.0
ASK_AGAIN_SECONDS = 60.0
# The clocks of two services differ.
LEEWAY_SECONDS = 60
LARGEST_KEYS = 1 << 20
_OPTIONS = {"require": ["exp", "iat", "iss", "aud", "repository_id"]}


class RunIdentity(msgspec.Struct, frozen=True):
    """`sha` is what the run checked out: for `pull_request` the merge that GitHub made, not the head."""

    repository: str
    repository_id: str
    event_name: str
    ref: str
    sha: Sha
    run_id: str
    workflow_ref: str
    job_workflow_ref: str = ""

    @property
    def workflow(self) -> str:
        """The workflow whose job it is, which a calling workflow cannot change: reusable workflows have their own."""
        return self.job_workflow_ref or self.workflow_ref


class Identities:
    """Proves tokens of `issuer` that were made for `audience`, this gate's address. `clock` is monotonic seconds."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        issuer: str,
        audience: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asked_at: float | None = None
        self._asking = asyncio.Lock()

    async def prove(self, token: str) -> RunIdentity:
        """Whose token it is. UploadRefused 401 when it proves nothing here; Unavailable when GitHub gives no keys."""
        try:
            key = await self._key(str(jwt.get_unverified_header(token).get("kid", "")))
            claims = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options=_OPTIONS,  # type: ignore[arg-type]  # PyJWT types its options more narrowly than it reads them
            )
            return msgspec.convert(claims, RunIdentity)
        except jwt.InvalidAudienceError as error:
            raise UploadRefused(401, f"the token is for another audience: ask for {self._audience}") from error
        except jwt.ExpiredSignatureError as error:
            raise UploadRefused(401, "the token has expired: ask for it right before the upload") from error
        except jwt.InvalidIssuerError as error:
            raise UploadRefused(401, f"the token is of another issuer than {self._issuer}") from error
        except (jwt.PyJWTError, msgspec.ValidationError) as error:
            raise UploadRefused(401, "the token is none that GitHub Actions signed for a workflow run") from error

    async def _key(self, kid: str) -> jwt.PyJWK:
        async with self._asking:
            await self._ask(kid)
        if kid not in self._keys:
            raise jwt.InvalidKeyError("no such key")
        return self._keys[kid]

    async def _ask(self, kid: str) -> None:
        """Whoever asks meanwhile waits for this answer."""
        age = None if self._asked_at is None else self._clock() - self._asked_at
        if age is None or age >= KEYS_SECONDS or (kid not in self._keys and age >= ASK_AGAIN_SECONDS):
            self._keys = await self._fetch()
            self._asked_at = self._clock()

    async def _fetch(self) -> dict[str, jwt.PyJWK]:
        url = f"{self._issuer}/.well-known/jwks"
        try:
            async with self._session.get(url, timeout=TIMEOUT, allow_redirects=False) as answer:
                if answer.status != HTTPStatus.OK:
                    raise Unavailable(f"the keys of identity tokens: {answer.status}")
                told = msgspec.json.decode(await read_bounded(answer, LARGEST_KEYS), type=dict[str, object])
            return {key.key_id: key for key in jwt.PyJWKSet.from_dict(told).keys if key.key_id}
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"the keys of identity tokens: {type(error).__name__}") from error
        except (msgspec.MsgspecError, UnicodeDecodeError, jwt.PyJWTError) as error:
            raise Unreadable("the keys of identity tokens cannot be read") from error
