"""The issue side of a pull request: comments, reactions, labels."""

from __future__ import annotations

from bot.sandbox.actions import pulls, talking
from bot.sandbox.objects import Comment, PullRequest, Refusal
from bot.sandbox.rest.call import Answer, Call, routes
from bot.sandbox.shapes import pull


def get_issue(call: Call) -> Answer:
    return Answer(body=pull.issue(call.world, call.pull))


def list_comments(call: Call) -> Answer:
    one = call.pull
    return call.page(one.comments, lambda it: pull.comment(call.world, one, it))


def create_comment(call: Call) -> Answer:
    it = talking.comment(call.world, call.pull, author=call.actor, body=call.body["body"], app=call.caller.app)
    return Answer(status=201, body=pull.comment(call.world, call.pull, it))


def _comment(call: Call) -> tuple[PullRequest, Comment]:
    return call.world.find_comment(call.repository, call.number("comment_id"))


def get_comment(call: Call) -> Answer:
    one, it = _comment(call)
    return Answer(body=pull.comment(call.world, one, it))


def _must_own(call: Call, one: PullRequest, it: Comment) -> None:
    """Apps change their own comments; users with write access everybody's."""
    own = it.author is call.actor
    moderator = call.caller.installation is None and call.world.can(one.repository, call.actor, "write")
    if not (own or moderator):
        raise Refusal(403, "Must have admin rights to Repository.")


def update_comment(call: Call) -> Answer:
    one, it = _comment(call)
    _must_own(call, one, it)
    talking.edit_comment(call.world, one, it, editor=call.actor, body=call.body["body"])
    return Answer(body=pull.comment(call.world, one, it))


def delete_comment(call: Call) -> Answer:
    one, it = _comment(call)
    _must_own(call, one, it)
    talking.delete_comment(call.world, one, it, actor=call.actor)
    return Answer(status=204)


def list_reactions(call: Call) -> Answer:
    _, it = _comment(call)
    wanted = call.query.get("content")
    chosen = [one for one in it.reactions if wanted in {None, one.content}]
    return call.page(chosen, lambda one: pull.reaction(call.world, one))


def create_reaction(call: Call) -> Answer:
    _, it = _comment(call)
    one, new = talking.react(call.world, it, author=call.actor, content=call.body["content"])
    return Answer(status=201 if new else 200, body=pull.reaction(call.world, one))


def delete_reaction(call: Call) -> Answer:
    _, it = _comment(call)
    number = call.number("reaction_id")
    it.reactions = [one for one in it.reactions if not (one.id == number and one.author is call.actor)]
    return Answer(status=204)


def list_labels(call: Call) -> Answer:
    return call.page(call.pull.labels, lambda it: pull.label(call.world, call.repository, it))


def _names(call: Call) -> list[str]:
    """The labels of a request, which may also be the bare list that older clients send."""
    wanted = call.body if isinstance(call.body, list) else call.body.get("labels", [])
    return [one if isinstance(one, str) else one["name"] for one in wanted]


def add_labels(call: Call) -> Answer:
    pulls.add_labels(call.world, call.pull, _names(call), actor=call.actor)
    return list_labels(call)


def set_labels(call: Call) -> Answer:
    wanted = _names(call)
    for label in list(call.pull.labels):
        if label.name not in wanted:
            pulls.remove_label(call.world, call.pull, label.name, actor=call.actor)
    pulls.add_labels(call.world, call.pull, wanted, actor=call.actor)
    return list_labels(call)


def remove_label(call: Call) -> Answer:
    pulls.remove_label(call.world, call.pull, call.parameters["name"], actor=call.actor)
    return list_labels(call)


def list_repository_labels(call: Call) -> Answer:
    return call.page(call.repository.labels.values(), lambda it: pull.label(call.world, call.repository, it))


_ISSUE = "/repos/{owner}/{repo}/issues/{issue_number}"
_COMMENT = "/repos/{owner}/{repo}/issues/comments/{comment_id}"
ROUTES = routes(
    [
        ("GET", _COMMENT, get_comment, "issues:read"),
        ("PATCH", _COMMENT, update_comment, "issues:write"),
        ("DELETE", _COMMENT, delete_comment, "issues:write"),
        ("GET", f"{_COMMENT}/reactions", list_reactions, "issues:read"),
        ("POST", f"{_COMMENT}/reactions", create_reaction, "issues:write"),
        ("DELETE", f"{_COMMENT}/reactions/{{reaction_id}}", delete_reaction, "issues:write"),
        ("GET", _ISSUE, get_issue, "issues:read"),
        ("GET", f"{_ISSUE}/comments", list_comments, "issues:read"),
        ("POST", f"{_ISSUE}/comments", create_comment, "issues:write"),
        ("GET", f"{_ISSUE}/labels", list_labels, "issues:read"),
        ("POST", f"{_ISSUE}/labels", add_labels, "issues:write"),
        ("PUT", f"{_ISSUE}/labels", set_labels, "issues:write"),
        ("DELETE", f"{_ISSUE}/labels/{{name}}", remove_label, "issues:write"),
        ("GET", "/repos/{owner}/{repo}/labels", list_repository_labels, "issues:read"),
    ]
)
