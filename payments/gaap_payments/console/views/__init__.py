"""The payments pages of the console, one module per noun."""
