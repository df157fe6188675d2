"""The OpenID Connect endpoints, for service teams' code."""
