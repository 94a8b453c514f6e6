"""HTTP and pages. Knows commands, queries and the catalogue; never a session of the database of its own."""
