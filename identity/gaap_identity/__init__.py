"""Identity: sign-in for citizens, proof of who they are, and OpenID Connect for the services that rely on it."""
