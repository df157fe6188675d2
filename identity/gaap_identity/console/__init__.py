"""What Identity shows service teams' people."""
