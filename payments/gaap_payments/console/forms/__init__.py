"""Forms of the payments pages in the console."""
