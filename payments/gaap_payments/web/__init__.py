"""The hosted pages on which citizens pay (contract part C)."""
