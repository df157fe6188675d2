"""Files that a service sends as links in emails (spec A.5): taken in, kept sealed, fetched, and gone again."""
