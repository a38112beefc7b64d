"""Database migrations: what the way up drops, loosens or rewrites. The way down is not judged."""
