"""One thread for whoever computes: the networks have theirs, and every other would take a core from them."""

import cv2
from threadpoolctl import threadpool_limits


def compute_alone() -> None:
    """Keep OpenCV and the linear algebra library to the thread that calls them, in the whole process.

    The latter's helpers also go on spinning for a while after the few microseconds that they are asked for.
    """
    cv2.setNumThreads(1)
    threadpool_limits(limits=1, user_api="blas")
