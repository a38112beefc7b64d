"""Moves the work: lease, look, decide, write down, act."""
