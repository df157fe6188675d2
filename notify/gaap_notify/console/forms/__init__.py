"""Forms of Notify's pages in the console."""
