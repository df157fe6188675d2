"""What authors of evidence providers test with."""
