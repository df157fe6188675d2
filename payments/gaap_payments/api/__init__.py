"""The API for service teams' code."""
