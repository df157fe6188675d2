"""For authors of payment providers: the contract suite that every provider passes."""
