"""`auther doctor`: looks at all that a terminal needs and says in plain words what to do about it."""

from daemon.doctor.examination import examine
from daemon.doctor.finding import Finding, Level

__all__ = ["Finding", "Level", "examine"]
