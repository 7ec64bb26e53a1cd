"""Runs one network some times on one input, for `scripts/bench arm64`: needs only NumPy and LiteRT.

Arguments: file, times.
"""

import sys
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter


def main() -> int:
    file, times = Path(sys.argv[1]), int(sys.argv[2])
    network = Interpreter(model_content=file.read_bytes(), num_threads=1)
    network.allocate_tensors()
    details = network.get_input_details()[0]
    tensor = np.random.default_rng(0).random(details["shape"], dtype=np.float32)
    for _ in range(times):
        network.set_tensor(details["index"], tensor)
        network.invoke()
    return 0


if __name__ == "__main__":
    sys.exit(main())
