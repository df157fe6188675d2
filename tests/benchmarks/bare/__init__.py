"""The control of everything that is asked over HTTP: a Django project of one table and four views, no more."""
