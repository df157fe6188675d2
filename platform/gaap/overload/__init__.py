"""Overload: what is more than a process can do is refused at once and politely, so that what is let in gets done."""
