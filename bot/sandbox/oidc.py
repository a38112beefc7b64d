"""The identity tokens that a workflow run can ask for, and the keys that prove them."""

from __future__ import annotations

import json
import secrets
from functools import cached_property
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from bot.sandbox.objects import Json, Repository, WorkflowRun
from bot.sandbox.world import World

TOKEN_SECONDS = 300
KEY_ID = "sandbox-1"
# As on GitHub Enterprise Server:
# https://docs.github.com/en/enterprise-server@latest/actions/reference/security/oidc
_PATH = "/_services/token"


class Issuer:
    """Signs what a run is; the key is made when it is first needed."""

    def __init__(self, world: World) -> None:
        self._world = world

    @cached_property
    def key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def url(self) -> str:
        return f"{self._world.url}{_PATH}"

    def add_to(self, application: web.Application) -> None:
        application.router.add_get(f"{_PATH}/.well-known/jwks", self._keys)

    async def _keys(self, _: web.Request) -> web.Response:
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return web.json_response({"keys": [public | {"kid": KEY_ID, "use": "sig", "alg": "RS256"}]})

    def id_token(self, where: Repository, run: WorkflowRun, audience: str, **changes: Any) -> str:
        """The token of a run for `audience`; `changes` are claims to replace, None to leave out."""
        claims = self._claims(where, run, audience) | changes
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(kept, self.key, algorithm="RS256", headers={"kid": KEY_ID})

    def _claims(self, where: Repository, run: WorkflowRun, audience: str) -> Json:
        """https://docs.github.com/en/actions/reference/security/oidc#oidc-token-claims"""
        now, workflow_ref = self._world.now(), f"{where.full_name}/{run.path}@{run.ref}"
        subject = "pull_request" if run.event == "pull_request" else f"ref:{run.ref}"
        return {
            "jti": secrets.token_hex(16),
            "sub": f"repo:{where.full_name}:{subject}",
            "aud": audience,
            "ref": run.ref,
            "sha": run.sha,
            "repository": where.full_name,
            "repository_owner": where.owner.login,
            "repository_owner_id": str(where.owner.id),
            "repository_id": str(where.id),
            "repository_visibility": "private" if where.private else "public",
            "run_id": str(run.id),
            "run_number": str(where.workflow_runs.index(run) + 1),
            "run_attempt": "1",
            "actor_id": str(run.actor.id),
            "actor": run.actor.login,
            "workflow": run.path,
            "head_ref": run.head_ref if run.pull else "",
            "base_ref": run.pull.base_ref if run.pull else "",
            "event_name": run.event,
            "ref_protected": "false",
            "ref_type": "branch",
            "workflow_ref": workflow_ref,
            "workflow_sha": run.sha,
            "job_workflow_ref": workflow_ref,
            "job_workflow_sha": run.sha,
            "runner_environment": "github-hosted",
            "iss": self.url,
            "nbf": now - TOKEN_SECONDS,
            "exp": now + TOKEN_SECONDS,
            "iat": now,
        }
