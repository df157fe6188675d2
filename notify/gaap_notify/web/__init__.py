"""Pages without a key: files that were sent by email, unsubscribing, and the outbox of an embedded instance."""
