"""GitHub's JSON to core's types and back, and nothing else."""
