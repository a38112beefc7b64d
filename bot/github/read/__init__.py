"""Looks at one pull request on GitHub and brings its facts as the core's types."""
