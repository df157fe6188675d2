"""Notify's verbs, one file per noun; the only writers."""
