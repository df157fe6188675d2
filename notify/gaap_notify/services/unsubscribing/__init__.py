"""Unsubscribing: the link below an email, what following it does, and the team's reports of it."""
