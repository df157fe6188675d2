"""Notify's pages in the console."""
