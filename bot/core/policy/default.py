"""What is asked where no policy file says otherwise."""

from __future__ import annotations

from bot.core.finding import EffectKind, Strength, Tier
from bot.core.policy.digest import with_digest
from bot.core.policy.model import Mode, Policy, Require, Rule, Seniors, When

# No teams and no users: the seniors are the people with `maintain` or `admin` on the repository.
BUILT_IN = with_digest(
    Policy(
        mode=Mode.ENFORCE,
        seniors=Seniors(),
        rules=(
            Rule(
                name="AI-assisted infrastructure",
                when=When(provenance=Strength.STRONG, tier=Tier.LOW),
                require=Require(seniors=1),
            ),
            Rule(
                name="AI-assisted change that destroys or replaces",
                when=When(provenance=Strength.WEAK, effects=frozenset({EffectKind.DESTROY, EffectKind.REPLACE})),
                require=Require(seniors=2),
            ),
            Rule(name="critical whoever wrote it", when=When(tier=Tier.CRITICAL), require=Require(seniors=1)),
        ),
    )
)
