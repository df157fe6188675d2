"""The contract's second version, which its official clients speak."""
