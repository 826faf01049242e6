class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot be used: one line for the user, with the path of the log if there is one."""
