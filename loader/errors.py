"""The root of the errors that end a command: their message is all that the user needs."""


class LoaderError(Exception):
    """Name the file, what was found, what was wanted and what to do."""
