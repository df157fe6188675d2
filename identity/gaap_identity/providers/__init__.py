"""Evidence providers: who can tell us something about a citizen's identity. One module for each."""
