"""The ways in which webhooks are sent: the suite's own, and those that components bring along."""
