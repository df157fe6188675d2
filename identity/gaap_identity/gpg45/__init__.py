"""How sure we are of an identity: the profiles of GPG 45 and the evaluator over them."""
