"""Carries out what the plan says, one write at a time; each can be repeated without harm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_never

import msgspec

from bot.core.pull import Repository
from bot.core.writes import (
    AddLabel,
    Annotation,
    AnswerDeployment,
    CheckRun,
    PostCheck,
    PostedCheck,
    React,
    RemoveLabel,
    Reply,
    RequestReview,
    Write,
)
from bot.github.client import Client, shaped
from bot.github.errors import Invalid, NotFound
from bot.github.reply import with_key

# https://docs.github.com/en/rest/checks/runs#create-a-check-run
ANNOTATIONS_PER_CALL = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What came of a write.

    `refused_reviewer` is the login or team slug that GitHub will not ask, to be handed to the next looks at this
    head. `comment_id` is the reply's.
    """

    refused_reviewer: str = ""
    comment_id: int | None = None


DONE = Written()


class _Created(msgspec.Struct, frozen=True):
    id: int


async def apply(client: Client, repository: Repository, write: Write, stands: PostedCheck | None = None) -> Written:
    """Do it. `stands` is the check run of the look (`facts.posted.check`). GitHubError when GitHub does not."""
    writer = _Writer(client, repository)
    match write:
        case PostCheck():
            return await writer.post_check(write.check, stands)
        case RequestReview():
            return await writer.request_review(write)
        case AddLabel():
            return await writer.add_label(write)
        case RemoveLabel():
            return await writer.remove_label(write)
        case React():
            return await writer.react(write)
        case Reply():
            return await writer.reply(write)
    assert_never(write)


async def answer_deployment(client: Client, repository: Repository, answer: AnswerDeployment) -> None:
    """Say it. The address is made here: the one in the event is told by whoever could send it.

    https://docs.github.com/en/rest/actions/workflow-runs#review-custom-deployment-protection-rules-for-a-workflow-run
    """
    state = {"state": "approved"} if answer.approves else {}
    await client.post(
        "/repos/{owner}/{name}/actions/runs/{run_id}/deployment_protection_rule",
        {"environment_name": answer.environment, "comment": answer.comment, **state},
        owner=repository.owner,
        name=repository.name,
        run_id=answer.run_id,
    )


class _Writer:
    def __init__(self, client: Client, repository: Repository) -> None:
        self._client = client
        self._place = {"owner": repository.owner, "name": repository.name}

    async def post_check(self, check: CheckRun, stands: PostedCheck | None) -> Written:
        """A run that let the pull request through is not rewritten but followed by a new one: the latest counts.

        The conclusion comes with the last annotations: half-shown, the run is still in progress and shuts the gate.
        """
        batches = _batches(check.annotations)
        run_id = stands.id if stands is not None and _can_be_updated(check, stands) else None
        for batch in batches[:-1]:
            run_id = await self._send(run_id, _in_progress(check, batch))
        await self._send(run_id, _completed(check, batches[-1]))
        return DONE

    async def _send(self, run_id: int | None, body: dict[str, Any]) -> int:
        path = "/repos/{owner}/{name}/check-runs"
        if run_id is None:
            return shaped(await self._client.post(path, body, **self._place), _Created).id
        update = {key: value for key, value in body.items() if key != "head_sha"}
        await self._client.patch(path + "/{run_id}", update, run_id=run_id, **self._place)
        return run_id

    async def request_review(self, write: RequestReview) -> Written:
        """GitHub refuses people without access, authors, and teams it does not show: those are told, not retried."""
        body = {"team_reviewers": [write.team]} if write.team else {"reviewers": [write.login]}
        try:
            await self._client.post(
                "/repos/{owner}/{name}/pulls/{number}/requested_reviewers", body, number=write.number, **self._place
            )
        except (Invalid, NotFound):
            return Written(refused_reviewer=write.team or write.login)
        return DONE

    async def add_label(self, write: AddLabel) -> Written:
        await self._client.post(
            "/repos/{owner}/{name}/issues/{number}/labels",
            {"labels": [write.label]},
            number=write.number,
            **self._place,
        )
        return DONE

    async def remove_label(self, write: RemoveLabel) -> Written:
        try:
            await self._client.delete(
                "/repos/{owner}/{name}/issues/{number}/labels/{label}",
                number=write.number,
                label=write.label,
                **self._place,
            )
        except NotFound:
            return DONE
        return DONE

    async def react(self, write: React) -> Written:
        """The same reaction twice is one; a comment that was deleted needs none."""
        try:
            await self._client.post(
                "/repos/{owner}/{name}/issues/comments/{comment_id}/reactions",
                {"content": write.reaction.value},
                comment_id=write.comment_id,
                **self._place,
            )
        except NotFound:
            return DONE
        return DONE

    async def reply(self, write: Reply) -> Written:
        answer = await self._client.post(
            "/repos/{owner}/{name}/issues/{number}/comments",
            {"body": with_key(write.body, write.key)},
            number=write.number,
            **self._place,
        )
        return Written(comment_id=shaped(answer, _Created).id)


def _can_be_updated(check: CheckRun, stands: PostedCheck) -> bool:
    """GitHub appends annotations to those of a run and may keep an old success in view: then a new run is made."""
    same = (stands.name, stands.head_sha) == (check.name, check.head_sha)
    return same and stands.conclusion == "" and not check.annotations


def _batches(annotations: tuple[Annotation, ...]) -> list[tuple[Annotation, ...]]:
    """At least one, maybe empty."""
    starts = range(0, max(1, len(annotations)), ANNOTATIONS_PER_CALL)
    return [annotations[start : start + ANNOTATIONS_PER_CALL] for start in starts]


def _in_progress(check: CheckRun, annotations: tuple[Annotation, ...]) -> dict[str, Any]:
    return {
        "name": check.name,
        "head_sha": check.head_sha,
        "status": "in_progress",
        **({"details_url": check.details_url} if check.details_url else {}),
        "output": _output(check, annotations),
    }


def _completed(check: CheckRun, annotations: tuple[Annotation, ...]) -> dict[str, Any]:
    return {
        **_in_progress(check, annotations),
        "status": "completed",
        "conclusion": check.conclusion.value,
        "external_id": check.external_id,
        "actions": [
            {"label": button.label, "description": button.description, "identifier": button.identifier}
            for button in check.buttons
        ],
    }


def _output(check: CheckRun, annotations: tuple[Annotation, ...]) -> dict[str, Any]:
    return {
        "title": check.title,
        "summary": check.summary,
        "annotations": [
            {
                "path": annotation.path,
                "start_line": annotation.line,
                "end_line": annotation.line,
                **_columns(annotation),
                "annotation_level": annotation.level.value,
                "title": annotation.title,
                "message": annotation.message,
            }
            for annotation in annotations
        ],
    }


def _columns(annotation: Annotation) -> dict[str, int]:
    """GitHub takes columns only together."""
    column = annotation.column
    return {} if column is None else {"start_column": column, "end_column": column}
