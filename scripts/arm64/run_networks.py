"""Runs the networks of the manifest on given pictures, for `check-arm64`: the same program on both processors.

Arguments: a folder of inputs (`<network id>.npy`, uint8 (n, height, width, 3) BGR) and the file for all outputs (npz,
`<network id>/<output name>`, one row for each picture).
"""

import sys
from pathlib import Path

import numpy as np

from models.manifest import INSTALLED_WEIGHTS, load_manifest, read_weights
from models.runtime import Network


def main() -> int:
    inputs, target = map(Path, sys.argv[1:])
    outputs = {}
    for spec in load_manifest().networks:
        network = Network(spec=spec, content=read_weights(INSTALLED_WEIGHTS, spec))
        answers = [network.run(picture) for picture in np.load(inputs / f"{spec.id}.npy")]
        for position, name in enumerate(spec.outputs):
            outputs[f"{spec.id}/{name}"] = np.stack([answer[position].reshape(-1) for answer in answers])
    np.savez(target, **outputs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
