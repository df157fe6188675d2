"""Django's PostgreSQL backend, for connections that are in use all the time."""
