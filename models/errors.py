"""What a network can fail with."""


class ModelError(Exception):
    """Weights, manifest or runtime are missing or not what was expected; the message names the file and what to do."""
