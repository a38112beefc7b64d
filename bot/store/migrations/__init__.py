"""The schema's history; a change of schema is a new file in versions."""
