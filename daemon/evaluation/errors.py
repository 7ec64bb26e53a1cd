"""What an evaluation can fail with."""

from daemon.errors import AutherError


class EvaluationError(AutherError):
    """The lists, pictures or packages that an evaluation needs are missing or wrong; the message names them."""

    status = 5
