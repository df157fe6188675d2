"""Tables that grow without end, kept in a table of their own for each month on PostgreSQL.

``declarations`` says which they are, ``converting`` makes them so in a migration, ``creating`` keeps months ahead,
``dropping`` takes away the ones that nothing keeps. On SQLite there are no partitions, and all of it does nothing.
"""
