"""How large an installation has to be, reckoned from what one machine was measured to do."""
