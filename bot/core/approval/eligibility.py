"""The one place that says who may do what, by whichever way they say it: review, comment, button or page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from bot.core.approval.contributors import Contributors, contributors_of
from bot.core.approval.records import Act
from bot.core.policy.model import Policy
from bot.core.pull import Actor, ActorKind, PullRequest
from bot.core.roster import Permission, Roster

_NAMES_SHOWN = 5


class Answer(StrEnum):
    """UNKNOWN is a fact that could not be read: never yes, and never held against the person for good."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """`why` continues a sentence that begins with the person's name ("wrote commit 1a2b3c4d"); "" for YES."""

    answer: Answer
    why: str = ""


YES = Ruling(answer=Answer.YES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """All that rulings on one pull request rest on; made by `authority`."""

    policy: Policy
    roster: Roster
    author: Actor
    contributors: Contributors

    def rule(self, act: Act, actor: Actor, from_sets: tuple[str, ...] | None = None) -> Ruling:
        """Whether `actor` may do `act` now; `from_sets` are the teams (`org/slug`) and logins of seniors to come from.

        Empty `from_sets` are the policy's seniors; None is anybody whom the policy or one of its rules names.
        """
        if act.withdraws:
            return YES
        if act is Act.DECLARE_AI and self._author(actor) == YES:
            return YES  # an agent that opened the pull request may say so
        human = self._human(actor)
        return human if human.answer is not Answer.YES else self._rule_person(act, actor, from_sets)

    def _rule_person(self, act: Act, actor: Actor, from_sets: tuple[str, ...] | None) -> Ruling:
        match act:
            case Act.APPROVE | Act.DISPUTE:
                return _first(self._no_contributor(actor), self._senior(actor, from_sets))
            case Act.BLOCK | Act.UNBLOCK:
                return self._senior(actor, from_sets)
            case Act.BREAK_GLASS:
                return self._glass_breaker(actor)
            case Act.DECLARE_HUMAN:
                return self._author(actor)
            case Act.DECLARE_AI | Act.RECHECK:
                return self._writer(actor)
            case (
                Act.REVOKE
                | Act.STATUS
                | Act.MALFORMED
                | Act.REVIEW_DISMISSED
                | Act.CHANGES_REQUESTED
                | Act.COMMENT_EDITED
                | Act.COMMENT_DELETED
            ):
                return YES
            case _:
                assert_never(act)

    def pool(self, from_sets: tuple[str, ...]) -> tuple[Actor, ...]:
        """Everybody of `from_sets` (empty: any senior of the policy) that is known by name, by login."""
        found: set[Actor] = set()
        for name in from_sets or _senior_names(self.policy):
            if "/" in name:
                found |= self.roster.teams.get(name) or frozenset()
            elif user := self.roster.account(name):
                found.add(user)
        if self._by_default() and not from_sets:
            found |= self.roster.maintainers or frozenset()
        return tuple(sorted(found, key=lambda actor: (actor.login.casefold(), actor.id or 0)))

    def unread(self, from_sets: tuple[str, ...]) -> tuple[str, ...]:
        """The sets of `from_sets` (empty: of the policy's seniors) that could not be read, in words."""
        if self._by_default() and not from_sets:
            return () if self.roster.maintainers is not None else ("the maintainers of this repository",)
        return tuple(_unread(from_sets or _senior_names(self.policy), self.roster))

    def _by_default(self) -> bool:
        return not (self.policy.seniors.teams or self.policy.seniors.users)

    def _human(self, actor: Actor) -> Ruling:
        if actor.kind is not ActorKind.USER:
            return _no("is not a person's account")
        if actor.id is None:
            return Ruling(answer=Answer.UNKNOWN, why="has an account that GitHub did not identify")
        return YES

    def _no_contributor(self, actor: Actor) -> Ruling:
        if part := self.contributors.part_of(actor):
            return _no(part)
        if self.contributors.unread:
            return Ruling(answer=Answer.UNKNOWN, why="may have pushed to this pull request")
        return YES

    def _author(self, actor: Actor) -> Ruling:
        return YES if actor.id is not None and actor.id == self.author.id else _no("did not open this pull request")

    def _writer(self, actor: Actor) -> Ruling:
        """A known account that may push: `write` or more, not suspended, on no machine-user list."""
        machines = self.policy.seniors.machine_users
        accounts = [known.get(name) for name in machines for known in (self.roster.users, self.roster.first_accounts)]
        if actor.login.casefold() in machines or any(user and user.id == actor.id for user in accounts):
            return _no("is on the policy's list of machine users")
        if actor.id in self.roster.suspended:
            return _no("is suspended")
        match self._permission(actor):
            case Permission.UNKNOWN:
                return Ruling(answer=Answer.UNKNOWN, why="has a role on this repository that could not be read")
            case Permission.NONE | Permission.READ | Permission.TRIAGE:
                return _no("may not push to this repository")
            case Permission.WRITE | Permission.MAINTAIN | Permission.ADMIN:
                return YES
            case unnamed:
                assert_never(unnamed)

    def _permission(self, actor: Actor) -> Permission:
        known = self.roster.permissions.get(actor.id, Permission.UNKNOWN) if actor.id is not None else Permission.NONE
        if known is Permission.UNKNOWN and _is_among(actor, self.roster.maintainers or frozenset()):
            return Permission.MAINTAIN
        return known

    def _senior(self, actor: Actor, from_sets: tuple[str, ...] | None) -> Ruling:
        named = from_sets or (*_senior_names(self.policy), *(_rule_names(self.policy) if from_sets is None else ()))
        ruling = self._in_sets(actor, named)
        if ruling.answer is not Answer.YES and self._by_default() and not from_sets:
            ruling = self._maintainer(actor) if ruling.answer is Answer.NO else ruling
        return _first(ruling, self._writer(actor))

    def _maintainer(self, actor: Actor) -> Ruling:
        if self.roster.maintainers is None:
            return Ruling(answer=Answer.UNKNOWN, why="cannot be told from the maintainers, who could not be read")
        if _is_among(actor, self.roster.maintainers):
            return YES
        return _no("is neither maintainer nor administrator of this repository")

    def _glass_breaker(self, actor: Actor) -> Ruling:
        names = (*self.policy.break_glass.teams, *self.policy.break_glass.users)
        if not names:
            return _no("cannot break the glass: the policy names nobody who may")
        return _first(self._in_sets(actor, names), self._writer(actor))

    def _in_sets(self, actor: Actor, names: tuple[str, ...]) -> Ruling:
        for name in names:
            if "/" in name and _is_among(actor, self.roster.teams.get(name) or frozenset()):
                return YES
            if "/" not in name and _is_among(actor, frozenset(filter(None, (self.roster.account(name),)))):
                return YES
        unread = ", ".join(_unread(names, self.roster))
        if unread:
            return Ruling(answer=Answer.UNKNOWN, why=f"may belong to what could not be read: {unread}")
        return _no(
            f"is not one of {', '.join(names[:_NAMES_SHOWN])}{' and others' if len(names) > _NAMES_SHOWN else ''}"
        )


def authority(policy: Policy, roster: Roster, pull: PullRequest) -> Authority:
    return Authority(policy=policy, roster=roster, author=pull.author, contributors=contributors_of(pull, roster))


def _first(*rulings: Ruling) -> Ruling:
    """The first NO; else the first UNKNOWN; else YES: what is known to be wrong is told before what is not known."""
    refused = [ruling for ruling in rulings if ruling.answer is Answer.NO]
    unknown = [ruling for ruling in rulings if ruling.answer is Answer.UNKNOWN]
    return next(iter((*refused, *unknown)), YES)


def _no(why: str) -> Ruling:
    return Ruling(answer=Answer.NO, why=why)


def _is_among(actor: Actor, members: frozenset[Actor]) -> bool:
    return actor.id is not None and any(member.id == actor.id for member in members)


def _senior_names(policy: Policy) -> tuple[str, ...]:
    return (*policy.seniors.teams, *policy.seniors.users)


def _rule_names(policy: Policy) -> tuple[str, ...]:
    return tuple(sorted({name for rule in policy.rules for name in rule.require.from_sets}))


def _unread(names: tuple[str, ...], roster: Roster) -> Iterator[str]:
    for name in names:
        if "/" in name and roster.teams.get(name) is None:
            yield f"team {name}"
        if "/" not in name and name not in roster.users:
            yield f"account {name}"
