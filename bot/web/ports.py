"""What the web asks of GitHub: narrow ports that the wiring fills."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass

from bot.jobs import Placed


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who looks at a page. The id is the account; the login is what it was called when it signed in."""

    id: int
    login: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanUpload:
    """A Terraform plan that a workflow run hands in; `read` gives its bytes, and is called once the token is proved."""

    token: str
    owner: str
    name: str
    head_sha: str
    stack: str
    read: Callable[[], Awaitable[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPlan:
    """`numbers` are the pull requests that are judged again. `effects` are words; `fault` says what is wrong, or ""."""

    numbers: tuple[int, ...]
    objects: int
    effects: tuple[str, ...]
    fault: str
    is_new: bool


ReceivePlan = Callable[[PlanUpload], Awaitable[KeptPlan]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Each raises a GitHubError when GitHub does not answer.

    `ask_github` returns when GitHub knows the App's credentials. `identify` takes the code and the PKCE verifier of a
    sign-in; Unauthorised when GitHub does not honour them. `may_read` says whether the account can read the repository
    of the place; false whenever GitHub does not plainly say yes. `receive_plan` returns once the plan counts;
    UploadRefused when it is not taken.
    """

    ask_github: Callable[[], Awaitable[object]]
    identify: Callable[[str, str], Awaitable[Visitor]]
    may_read: Callable[[Visitor, Placed], Coroutine[None, None, bool]]
    receive_plan: ReceivePlan
