"""What the web asks of GitHub: narrow ports that the wiring fills."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass

from bot.jobs import Evaluate


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who looks at a page. The id is the account; the login is what it was called when it signed in."""

    id: int
    login: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Each raises a GitHubError when GitHub does not answer.

    `ask_github` returns when GitHub knows the App's credentials. `identify` takes the code and the PKCE verifier of a
    sign-in; Unauthorised when GitHub does not honour them. `may_read` says whether the account can read the repository
    of the pull request; false whenever GitHub does not plainly say yes.
    """

    ask_github: Callable[[], Awaitable[object]]
    identify: Callable[[str, str], Awaitable[Visitor]]
    may_read: Callable[[Visitor, Evaluate], Coroutine[None, None, bool]]
