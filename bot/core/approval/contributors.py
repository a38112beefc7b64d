"""Who had a hand in a change: nobody of them can be the senior who approves it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import re2

from bot.core.provenance.requesters import named_requesters
from bot.core.pull import Actor, Commit, PastContributor, PullRequest
from bot.core.roster import Roster

# https://docs.github.com/en/account-and-profile/reference/email-addresses-reference: with the account's id since 2017,
# without it before; GitHub Enterprise Server has its own host behind `noreply.`.
_NO_REPLY = re2.compile(r"(?i)(?:([0-9]{1,18})\+)?([a-z0-9_-]+(?:\[bot\])?)@users\.noreply\.[a-z0-9.-]+")
# Anywhere in the message, not only in the last paragraph: naming too many keeps the gate shut.
_CO_AUTHOR = re2.compile(r"(?i)^[ \t]*co-(?:authored|developed)-by[ \t]*:[^<]*<[ \t]*([^<>]+?)[ \t]*>")
_LONGEST_LINE = 1_000


# Who wrote a commit that GitHub links to no account may be anybody.
STRANGER = PastContributor(id=None, login="", part="wrote a commit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributors:
    """What each contributor did ("wrote commit 1a2b3c4d"), by account id, and by login and e-mail in lower case.

    `unread` says why there may be more of them, "" when all are known.
    """

    by_id: Mapping[int, str]
    by_login: Mapping[str, str]
    unread: str = ""

    def part_of(self, actor: Actor) -> str:
        """What `actor` did for the change; "" for nothing that is known."""
        by_id = self.by_id.get(actor.id, "") if actor.id is not None else ""
        return by_id or self.by_login.get(actor.login.casefold(), "")


def past_contributors(pull: PullRequest, roster: Roster) -> tuple[PastContributor, ...]:
    """All contributors of this look, to be remembered: a later push may hide their commits."""
    known = contributors_of(pull, roster)
    return (
        *(PastContributor(id=id_, login="", part=part) for id_, part in known.by_id.items()),
        *(PastContributor(id=None, login=login, part=part) for login, part in known.by_login.items()),
        *(STRANGER for commit in _commits(pull) if commit.author_account is None),
    )


def contributors_of(pull: PullRequest, roster: Roster) -> Contributors:
    """Author, pushers and requesters, and who wrote, committed or co-wrote any commit, pushed-away ones included.

    An e-mail address counts for the account that GitHub knows it by, or that it names itself (no-reply addresses).
    """
    by_id: dict[int, str] = {}
    by_login: dict[str, str] = {}
    for actor, part in _actors(pull):
        if actor.id is not None:
            by_id.setdefault(actor.id, part)
        by_login.setdefault(actor.login.casefold(), part)
    for email, part in _emails(pull):
        known = roster.by_email.get(email)
        if known is not None and known.id is not None:
            by_id.setdefault(known.id, part)
        if known is not None:
            by_login.setdefault(known.login.casefold(), part)
        if named := _NO_REPLY.fullmatch(email):
            if named[1]:
                by_id.setdefault(int(named[1]), part)
            by_login.setdefault(named[2].casefold(), part)
    for login in named_requesters(pull):
        by_login.setdefault(login, "asked an agent for this change")
    past_by_id = {past.id: past.part for past in pull.past_contributors if past.id is not None}
    past_by_login = {past.login: past.part for past in pull.past_contributors if past.login}
    return Contributors(
        by_id={**past_by_id, **by_id}, by_login={**past_by_login, **by_login}, unread=pull.pushers_unread
    )


def _actors(pull: PullRequest) -> Iterator[tuple[Actor, str]]:
    yield pull.author, "opened this pull request"
    for commit in _commits(pull):
        if commit.author_account:
            yield commit.author_account, f"wrote commit {commit.sha[:8]}"
        if commit.committer_account:
            yield commit.committer_account, f"committed {commit.sha[:8]}"
    yield from ((pusher, "pushed to this pull request") for pusher in pull.pushers)
    yield from ((requester, "asked an agent for this change") for requester in pull.requesters)


def _emails(pull: PullRequest) -> Iterator[tuple[str, str]]:
    for commit in _commits(pull):
        yield commit.author.email.strip().lower(), f"wrote commit {commit.sha[:8]}"
        yield commit.committer.email.strip().lower(), f"committed {commit.sha[:8]}"
        for email in _co_authors(commit):
            yield email, f"co-wrote commit {commit.sha[:8]}"


def _commits(pull: PullRequest) -> tuple[Commit, ...]:
    return (*pull.commits, *pull.past_commits)


def _co_authors(commit: Commit) -> Iterator[str]:
    for line in commit.message.replace("\r", "\n").split("\n"):
        if found := _CO_AUTHOR.search(line[:_LONGEST_LINE]):
            yield found[1].lower()
