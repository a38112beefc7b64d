"""Passkeys of people: which of them stand and count, what they sign, and what is said with one; pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

import msgspec

from bot.core.approval.records import Act, Method, Statement
from bot.core.memory import Kind, Memory
from bot.core.pull import Actor, ActorKind, PullState

# A subject of the ledger, and what is to be kept about it.
Kept = tuple[str, Memory]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """`credential` and `public_key` (COSE) are base64url; `sign_count` is the highest that was seen.

    It counts from `counts_from` on: at once when another that counted vouched for it (`vouched_by`, its credential),
    later when nothing but a signed-in session did. Unix seconds.
    """

    credential: str
    public_key: str
    sign_count: int
    name: str
    registered_at: int
    counts_from: int
    vouched_by: str = ""

    def counts(self, now: float) -> bool:
        return now >= self.counts_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvable:
    """What a decision's line in the ledger says an approval would be bound to; `digest` covers all of it."""

    head_sha: str
    base_ref: str
    merge_base: str
    diff_digest: str
    policy_digest: str
    digest: str


class _Decided(msgspec.Struct, frozen=True):
    """As far as it is read here of a decision's line; lines of older releases have no `approval_digest`."""

    head_sha: str
    base_ref: str
    state: PullState
    merge_base: str | None = None
    diff_digest: str | None = None
    policy_digest: str | None = None
    approval_digest: str | None = None


class _Use(msgspec.Struct, frozen=True):
    credential: str
    sign_count: int


def subject_of(account: int) -> str:
    """Where the ledger keeps an account's passkeys."""
    return f"passkeys:{account}"


def of_passkey(passkey: Passkey) -> Memory:
    return _memory(Kind.PASSKEY, passkey.credential, passkey.registered_at, passkey)


def of_use(passkey: Passkey, sign_count: int, nonce: str, at: int) -> Memory:
    return _memory(Kind.PASSKEY_USED, nonce, at, _Use(credential=passkey.credential, sign_count=sign_count))


def of_removal(passkey: Passkey, at: int) -> Memory:
    use = _Use(credential=passkey.credential, sign_count=passkey.sign_count)
    return _memory(Kind.PASSKEY_REMOVED, passkey.credential, at, use)


def _memory(kind: Kind, key: str, at: int, value: object) -> Memory:
    return Memory(kind=kind, key=key, at=at, body=msgspec.json.encode(value).decode())


def standing_passkeys(lines: Iterable[tuple[str, str]]) -> tuple[Passkey, ...]:
    """Those that (kind, body) lines tell and that were not removed, oldest first. ValueError when one is unreadable."""
    found: dict[str, Passkey] = {}
    for kind, body in lines:
        if kind == Kind.PASSKEY.value:
            passkey = msgspec.json.decode(body, type=Passkey)
            found[passkey.credential] = passkey
        elif kind in (Kind.PASSKEY_USED.value, Kind.PASSKEY_REMOVED.value):
            use = msgspec.json.decode(body, type=_Use)
            known = found.pop(use.credential, None)
            if known is not None and kind == Kind.PASSKEY_USED.value:
                found[use.credential] = replace(known, sign_count=max(known.sign_count, use.sign_count))
    return tuple(sorted(found.values(), key=lambda passkey: (passkey.registered_at, passkey.credential)))


def challenge(purpose: str, account: int, about: str, nonce: str) -> bytes:
    """32 bytes that an authenticator signs: for this purpose, person and matter (`about`, a digest), and once."""
    canonical = json.dumps(["countersign", purpose, account, about, nonce], separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).digest()


def approvable(decision: str) -> Approvable | None:
    """What the last decision's line offers to approve; None when nothing can be bound, or no longer needs to be."""
    try:
        told = msgspec.json.decode(decision, type=_Decided)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    parts = (told.merge_base, told.diff_digest, told.policy_digest, told.approval_digest)
    if told.state is not PullState.OPEN or not all(parts):
        return None
    return Approvable(
        head_sha=told.head_sha,
        base_ref=told.base_ref,
        merge_base=told.merge_base or "",
        diff_digest=told.diff_digest or "",
        policy_digest=told.policy_digest or "",
        digest=told.approval_digest or "",
    )


def approval_with(
    passkey: Passkey,
    *,
    account: int,
    login: str,
    repository_id: int,
    number: int,
    what: Approvable,
    nonce: str,
    at: int,
) -> Statement:
    """What a person said whose passkey signed `what`; whether it counts is for the core to judge."""
    return Statement(
        id=f"step-up:{nonce}",
        act=Act.APPROVE,
        actor=Actor(login=login, id=account, kind=ActorKind.USER),
        method=Method.STEP_UP,
        repository_id=repository_id,
        number=number,
        head_sha=what.head_sha,
        base_ref=what.base_ref,
        said_at=at,
        received_at=at,
        reference=f"passkey:{passkey.credential}",
        seen=what.digest,
    )
