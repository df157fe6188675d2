"""What Notify shows service teams' people."""
