"""Pages without a key: files that were sent by email, and the outbox of an embedded instance."""
