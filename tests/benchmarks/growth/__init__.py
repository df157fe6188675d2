"""What a stored past costs: the same figures beside ten thousand stored messages, a million, and ten million."""
