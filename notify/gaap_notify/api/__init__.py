"""Notify's API for the code of service teams."""
