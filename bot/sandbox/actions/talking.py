"""Comments, reactions and reviews."""

from __future__ import annotations

from bot.sandbox import events
from bot.sandbox.actions.pulls import add_event
from bot.sandbox.objects import Account, App, Comment, PullRequest, Reaction, Refusal, Review
from bot.sandbox.world import World

_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
REACTIONS = frozenset({"+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"})
LONGEST_BODY = 65_536


def comment(world: World, pull: PullRequest, *, author: Account, body: str, app: App | None = None) -> Comment:
    if not body.strip():
        raise Refusal(
            422, "Validation Failed", ({"resource": "IssueComment", "code": "missing_field", "field": "body"},)
        )
    _check_length(body)
    one = Comment(id=world.new_id(), author=author, body=body, app=app, created_at=world.now(), updated_at=world.now())
    pull.comments.append(one)
    pull.updated_at = world.now()
    events.comment(world, pull, one, "created", author)
    return one


def _check_length(body: str) -> None:
    if len(body) > LONGEST_BODY:
        message = f"body is too long (maximum is {LONGEST_BODY} characters)"
        raise Refusal(422, "Validation Failed", ({"resource": "Issue", "code": "custom", "message": message},))


def edit_comment(world: World, pull: PullRequest, one: Comment, *, editor: Account, body: str) -> None:
    _check_length(body)
    before, one.body = one.body, body
    one.editor, one.edited_at, one.updated_at = editor, world.now(), world.now()
    events.comment(world, pull, one, "edited", editor, changes={"body": {"from": before}})


def delete_comment(world: World, pull: PullRequest, one: Comment, *, actor: Account) -> None:
    pull.comments.remove(one)
    add_event(world, pull, "CommentDeletedEvent", actor, deletedCommentAuthor=one.author)
    events.comment(world, pull, one, "deleted", actor)


def react(world: World, one: Comment, *, author: Account, content: str) -> tuple[Reaction, bool]:
    """The author's reaction, and whether it is new."""
    if content not in REACTIONS:
        raise Refusal(422, "Validation Failed", ({"resource": "Reaction", "field": "content", "code": "invalid"},))
    for reaction in one.reactions:
        if reaction.author is author and reaction.content == content:
            return reaction, False
    reaction = Reaction(id=world.new_id(), author=author, content=content, created_at=world.now())
    one.reactions.append(reaction)
    return reaction, True


def review(
    world: World, pull: PullRequest, *, author: Account, event: str, body: str = "", commit_sha: str = ""
) -> Review:
    """Submit a review of a commit, the head unless said otherwise."""
    if author is pull.author and event in {"APPROVE", "REQUEST_CHANGES"}:
        verb = "approve" if event == "APPROVE" else "request changes on"
        raise Refusal(422, "Unprocessable Entity", (f"Can not {verb} your own pull request",))
    if event != "APPROVE" and not body.strip():
        raise Refusal(422, "Unprocessable Entity", ("Body can not be blank",))
    if pull.repository.git.resolve(commit_sha or pull.head_sha) is None:
        raise Refusal(422, "Unprocessable Entity", ("Commit is not part of the pull request",))
    one = Review(
        id=world.new_id(),
        author=author,
        state=_STATES[event],
        body=body,
        commit_sha=commit_sha or pull.head_sha,
        submitted_at=world.now(),
    )
    pull.reviews.append(one)
    pull.updated_at = world.now()
    if author in pull.requested_reviewers:
        pull.requested_reviewers.remove(author)
    events.review(world, pull, one, "submitted", author)
    return one


def edit_review(world: World, pull: PullRequest, one: Review, *, editor: Account, body: str) -> None:
    before, one.body = one.body, body
    one.editor, one.edited_at = editor, world.now()
    events.review(world, pull, one, "edited", editor, changes={"body": {"from": before}})


def dismiss(world: World, pull: PullRequest, one: Review, *, actor: Account, message: str) -> None:
    if one.state not in {"APPROVED", "CHANGES_REQUESTED"}:
        raise Refusal(422, "Unprocessable Entity", ("Can not dismiss a commented or dismissed pull request review",))
    if not world.can(pull.repository, actor, "write"):
        raise Refusal(403, "Must have write access to dismiss reviews.")
    before, one.state = one.state, "DISMISSED"
    add_event(
        world, pull, "ReviewDismissedEvent", actor, dismissalMessage=message, previousReviewState=before, review=one
    )
    events.review(world, pull, one, "dismissed", actor)
