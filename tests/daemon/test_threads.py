import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# In a process of its own: the whole process's threads are set.
COUNT = """
import cv2
import numpy
from threadpoolctl import threadpool_info
from daemon.threads import compute_alone

compute_alone()
print(cv2.getNumThreads(), *(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"))
"""


def test_whoever_computes_has_one_thread() -> None:
    done = subprocess.run([sys.executable, "-c", COUNT], cwd=ROOT, check=True, capture_output=True, text=True)
    counts = done.stdout.split()
    assert len(counts) > 1
    assert set(counts) == {"1"}
