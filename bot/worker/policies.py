"""From the texts of the policy files to the policy that holds."""

from __future__ import annotations

from bot.core.policy.default import BUILT_IN
from bot.core.policy.merge import merge
from bot.core.policy.model import Policy, PolicyError
from bot.core.policy.parse import parse_policy
from bot.github.read.policies import PolicyText


def choose_policy(organisation: PolicyText | None, repository: PolicyText | None) -> Policy | PolicyError:
    """The organisation's policy raised by the repository's, the only one there is, or the built-in one."""
    texts = [one for one in (organisation, repository) if one is not None]
    policies: list[Policy] = []
    for one in texts:
        parsed = parse_policy(one.text, one.source)
        if isinstance(parsed, PolicyError):
            return parsed
        policies.append(parsed)
    if len(policies) > 1:
        return merge(*policies)
    return policies[0] if policies else BUILT_IN
