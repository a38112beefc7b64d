"""What can go wrong with GitHub, as types; none of them ever lets the gate open."""

from __future__ import annotations


class GitHubError(Exception):
    """GitHub did not give what was asked. The worker logs it once and looks again later."""


class Unavailable(GitHubError):
    """GitHub could not be reached, took too long, or failed (5xx)."""


class RateLimited(GitHubError):
    """GitHub asks to wait `seconds` before the next call."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"rate limit: GitHub asks to wait {seconds:.0f} s")
        self.seconds = seconds


class Unreadable(GitHubError):
    """The answer is too large, no JSON, or not of the shape that GitHub documents."""


class TooLarge(Unreadable):
    """The answer is longer than the client reads; a smaller question may help."""


class PartialAnswer(Unreadable):
    """A GraphQL answer with errors: what it holds is less than the truth. `kinds` are GitHub's error types."""

    def __init__(self, message: str, kinds: frozenset[str]) -> None:
        super().__init__(message)
        self.kinds = kinds


class Refused(GitHubError):
    """GitHub refused the request. `status` is the HTTP status, 400 to 499, or the 3xx of a moved resource."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


class Unauthorised(Refused):
    """401: the key, the App or the installation is not valid, or a clock is wrong."""


class Forbidden(Refused):
    """403 without a rate limit: a missing permission, a suspended installation, an archived repository."""


class NotFound(Refused):
    """404 or 410: there is none, or the App may not see it; GitHub does not tell which."""


class Invalid(Refused):
    """422: GitHub understood the request and refuses its content."""


class Gone(GitHubError):
    """There is no such repository or pull request any more, or the App may no longer see it."""


class Uninstalled(Gone):
    """The installation was removed or suspended: there is nothing that the App may look at or say."""


class HeadMoved(GitHubError):
    """The pull request changed while it was read; the next look sees it whole."""


class UploadRefused(Exception):
    """What was handed in is not taken. `status` is the HTTP status, the message one sentence with the next step."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class MalformedEvent(Exception):
    """A webhook payload that is not of the shape GitHub documents, or an event the App does not handle."""
