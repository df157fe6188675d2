"""Addresses for answers that a team adds itself: each is asked by email before anything is answered there."""
