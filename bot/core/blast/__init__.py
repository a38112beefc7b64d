"""What a change does to infrastructure: kinds, effects per language, scale, tier."""
