"""Whether the gate really binds: what GitHub's own rules say of each branch, and what is missing there."""
