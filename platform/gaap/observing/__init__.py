"""What the platform shows of itself while it runs: request ids, lines of log, and numbers for Prometheus.

No personal data, token or id of a row stands in any of it: a route is named by its pattern, a caller not at all.
"""
