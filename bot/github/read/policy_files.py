"""The policy files of a branch and of the organisation, read one by one, for whoever has no pull request to look at."""

from __future__ import annotations

import base64
import binascii

import msgspec

from bot.core.policy.model import Fault, PolicyError
from bot.core.policy.requirement import POLICY_PATH
from bot.github.client import Client, shaped
from bot.github.errors import NotFound
from bot.github.read.policies import LARGEST_POLICY, ORGANISATION_PATH, PolicyText

ORGANISATION_REPOSITORY = ".github"


class _File(msgspec.Struct, frozen=True):
    type: str
    size: int = 0
    encoding: str = ""
    content: str = ""


async def repository_policy(client: Client, owner: str, name: str, branch: str) -> PolicyText | PolicyError | None:
    """The repository's own file on a branch, None when there is none."""
    return await _read(client, owner, name, POLICY_PATH, ref=branch)


async def organisation_policy(client: Client, owner: str) -> PolicyText | PolicyError | None:
    """The organisation's file, None when there is none or its `.github` repository may not be seen."""
    top = await _read(client, owner, ORGANISATION_REPOSITORY, ORGANISATION_PATH)
    return top or await _read(client, owner, ORGANISATION_REPOSITORY, POLICY_PATH)


async def _read(client: Client, owner: str, name: str, path: str, **ref: str) -> PolicyText | PolicyError | None:
    try:
        answer = await client.get(
            "/repos/{owner}/{name}/contents/{+file}{?ref}", owner=owner, name=name, file=path, **ref
        )
    except NotFound:
        return None
    source = f"{owner}/{name}:{path}"
    if isinstance(answer, list):
        return _broken(source, "expected a plain file")
    told = shaped(answer, _File)
    if told.type != "file" or told.encoding != "base64":
        return _broken(source, "expected a plain file")
    if told.size > LARGEST_POLICY:
        return _broken(source, f"expected at most {LARGEST_POLICY // 1024} KiB")
    try:
        return PolicyText(text=base64.b64decode(told.content).decode("utf-8"), source=source)
    except (binascii.Error, UnicodeDecodeError):
        return _broken(source, "expected a text file in UTF-8")


def _broken(source: str, message: str) -> PolicyError:
    return PolicyError(source=source, faults=(Fault(line=1, column=1, message=f"policy file: {message}"),))
