"""What the platform shows of itself while it runs: request ids, lines of log, numbers for Prometheus, and traces.

No personal data or token stands in any of it: a route is named by its pattern, a caller not at all. The id of a row
stands in traces alone: a message's trace has the message's id.
"""
