"""Every component of the theme on a handful of pages, to be looked at and checked."""
