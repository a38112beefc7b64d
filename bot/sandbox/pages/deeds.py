"""What the forms of a pull request's page do, each as the account the visitor acts as."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.sandbox import difference
from bot.sandbox.objects import PullRequest, Refusal
from bot.sandbox.person import Person

Form = Mapping[str, str]
CLAUDE = "Co-Authored-By: Claude <noreply@anthropic.com>"


def _comment(who: Person, pull: PullRequest, form: Form) -> str:
    who.comment(pull, form["body"])
    return ""


def _review(who: Person, pull: PullRequest, form: Form) -> str:
    who.review(pull, form["event"], form.get("body", ""))
    return ""


def _dismiss(who: Person, pull: PullRequest, form: Form) -> str:
    review = next((one for one in pull.reviews if str(one.id) == form["review"]), None)
    if review is None:
        raise Refusal(404, "There is no such review.")
    who.dismiss(pull, review, form.get("message") or "Dismissed by hand")
    return ""


def _push(who: Person, pull: PullRequest, form: Form) -> str:
    """Commit the text of one file."""
    message = form.get("message") or "Change one more thing"
    if form.get("claude"):
        message += f"\n\n{CLAUDE}"
    content = form["content"].replace("\r\n", "\n")
    sha = who.commit(pull.head_repository, pull.head_ref, {form["path"]: content}, message=message)
    return f"Pushed {sha[:7]} to {pull.head_ref}."


def _amend(who: Person, pull: PullRequest, form: Form) -> str:
    """The last commit with another message, force-pushed over it."""
    git = pull.head_repository.git
    last = git.commit(pull.head_sha)
    sha = git.write_tree_commit(
        tree=last.tree,
        parents=last.parents,
        message=form["message"].replace("\r\n", "\n"),
        author=who.world.signature(who.account),
    )
    who.push(pull.head_repository, pull.head_ref, sha)
    return f"Force-pushed {sha[:7]} over {last.sha[:7]}."


def _edit(who: Person, pull: PullRequest, form: Form) -> str:
    if who.account is not pull.author and not who.world.can(pull.repository, who.account, "triage"):
        raise Refusal(403, "Only the author and people with triage access may edit this.")
    who.edit(pull, title=form["title"], body=form["body"].replace("\r\n", "\n"))
    return "Saved."


def _press(who: Person, pull: PullRequest, form: Form) -> str:
    run = next((one for one in pull.repository.runs if str(one.id) == form["run"]), None)
    if run is None:
        raise Refusal(404, "There is no such check run.")
    who.press(pull, run, form["identifier"])
    return "Asked the App. Its answer appears here in a moment."


def _rerun(who: Person, pull: PullRequest, form: Form) -> str:
    run = next((one for one in pull.repository.runs if str(one.id) == form["run"]), None)
    if run is None:
        raise Refusal(404, "There is no such check run.")
    who.rerequest(pull, run)
    return "Asked the App to check again."


def _merge(who: Person, pull: PullRequest, form: Form) -> str:
    who.merge(pull, expected_sha=form.get("head"))
    return "Pull request successfully merged."


def _close(who: Person, pull: PullRequest, _form: Form) -> str:
    who.close(pull)
    return ""


def _reopen(who: Person, pull: PullRequest, _form: Form) -> str:
    who.reopen(pull)
    return ""


DEEDS: dict[str, Callable[[Person, PullRequest, Form], str]] = {
    "comment": _comment,
    "review": _review,
    "dismiss": _dismiss,
    "push": _push,
    "amend": _amend,
    "edit": _edit,
    "press": _press,
    "rerun": _rerun,
    "merge": _merge,
    "close": _close,
    "reopen": _reopen,
}


def editable_files(pull: PullRequest) -> dict[str, str]:
    """Path → text on the head of the files the pull request changes, text files only."""
    git = pull.repository.git
    texts: dict[str, str] = {}
    for file in difference.files(pull):
        entry = git.entry(pull.head_sha, file.path)
        content = git.blob(entry.sha) if entry is not None and entry.kind == "blob" else None
        if content is not None and b"\x00" not in content:
            texts[file.path] = content.decode(errors="replace")
    return texts
