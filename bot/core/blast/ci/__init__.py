"""Continuous integration: GitHub Actions workflows in detail, other systems by their checks, gates and commands."""
