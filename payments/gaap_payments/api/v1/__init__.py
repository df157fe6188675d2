"""Version 1 of the payments API (contract part A)."""
