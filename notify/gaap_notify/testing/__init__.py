"""For tests of Notify and of providers made elsewhere."""
