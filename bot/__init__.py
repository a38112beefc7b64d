"""Countersign: core thinks, data knows, github and git look and act, store remembers, web listens and shows."""
