"""The words and rules of the OpenID Connect contract. Nothing here touches the database."""
