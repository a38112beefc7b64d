"""The REST API: what the App calls, and what an independent client needs to drive it."""
