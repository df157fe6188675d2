"""What the console writes."""
