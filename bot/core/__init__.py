"""The judgement, pure: facts in, decision out; no I/O, no clock, no environment."""
