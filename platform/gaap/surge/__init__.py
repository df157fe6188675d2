"""The fair waiting page: when everybody comes at once, citizens are let in one after the other, as they came."""
