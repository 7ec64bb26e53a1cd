"""Lets the door's thread run before every ordinary one, so that busy cores don't stretch a pulse."""

import logging
import os

log = logging.getLogger(__name__)

PRIORITY = 10


def run_first() -> bool:
    """Make the calling thread a real-time one (SCHED_FIFO); False where that is not permitted.

    It needs CAP_SYS_NICE or a limit on real-time priority (systemd's LimitRTPRIO=) of at least 10. The thread must
    sleep most of its time, which the door's does.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    except OSError as error:
        log.info(
            "the door's thread has no priority (%s): LimitRTPRIO=%d in its unit gives it", error.strerror, PRIORITY
        )
        return False
    return True
