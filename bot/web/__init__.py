"""Listens to webhooks and shows pages."""
