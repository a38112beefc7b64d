"""Who approved exactly what: records, commands, binding, eligibility."""
