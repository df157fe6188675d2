"""Providers of letters: those who print, fold and post."""
