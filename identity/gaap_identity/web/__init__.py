"""The citizens' pages: account, sign-in and proof of identity."""
