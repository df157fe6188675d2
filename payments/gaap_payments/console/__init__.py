"""What Payments shows service teams' people."""
