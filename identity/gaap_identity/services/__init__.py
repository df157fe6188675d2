"""The verbs of Identity; the only code that writes."""
