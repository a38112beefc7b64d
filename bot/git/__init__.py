"""A local clone to core's types."""
