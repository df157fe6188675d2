"""Pages without a key: files sent by email, unsubscribing, how messages do, the outbox of an embedded instance."""
