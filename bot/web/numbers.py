"""What the App counts of itself, for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from bot.store.entries import Backlog


class Numbers:
    """One registry per App, so that two in one process do not share counts."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.deliveries = Counter(
            "countersign_deliveries", "Webhook deliveries by outcome.", ["outcome"], registry=self._registry
        )
        self._due = Gauge("countersign_due", "Subjects that wait to be looked at.", registry=self._registry)
        self._failing = Gauge(
            "countersign_due_failing",
            "Subjects whose last look failed; their checks stay shut.",
            registry=self._registry,
        )
        self._oldest = Gauge(
            "countersign_due_oldest_seconds", "How long the oldest due subject has waited.", registry=self._registry
        )

        self._incidents = Gauge(
            "countersign_incidents", "What landed past the gate and nobody reviewed.", registry=self._registry
        )

    def page(self, backlog: Backlog, incidents: int) -> bytes:
        """The text format of Prometheus."""
        self._due.set(backlog.due)
        self._failing.set(backlog.failing)
        self._oldest.set(backlog.oldest_seconds)
        self._incidents.set(incidents)
        return generate_latest(self._registry)
