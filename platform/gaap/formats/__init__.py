"""How dates and times are written in each language; ``FORMAT_MODULE_PATH`` leads here."""
