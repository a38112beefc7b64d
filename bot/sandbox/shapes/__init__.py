"""GitHub's JSON for each record, as its OpenAPI description spells it."""
