"""Times one network in one process, for `bench_models.py`: needs only NumPy and the runtime.

Arguments: runtime, file, threads, runs, mean, std, and perhaps the file of a float32 network to compare with.
"""

import importlib
import json
import sys
import time
from pathlib import Path

import numpy as np

MODULES = {"litert": "ai_edge_litert.interpreter", "tflite": "tflite_runtime.interpreter"}


def load(runtime, file, threads):
    interpreter = importlib.import_module(MODULES[runtime]).Interpreter(
        model_content=Path(file).read_bytes(), num_threads=threads
    )
    interpreter.allocate_tensors()
    return interpreter


def feed(interpreter, tensor):
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], tensor)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).reshape(-1)


def picture(shape, mean, std):
    """Smooth colour waves: structure of a face's scale, alike on every machine."""
    _, height, width, channels = shape
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(x / (5 + c) + y / (9 - c)) * np.cos(y / (7 + c)) for c in range(channels)]
    return ((np.stack(waves, axis=-1) * 100 + 128 - mean) / std)[np.newaxis].astype(np.float32)


def cosine(one, other):
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


def main():
    runtime, file, threads, runs, mean, std, *reference = sys.argv[1:]
    interpreter = load(runtime, file, int(threads))
    tensor = picture(interpreter.get_input_details()[0]["shape"], float(mean), float(std))
    for _ in range(20):
        out = feed(interpreter, tensor)
    wall, processor = [], []
    for _ in range(int(runs)):
        start, cpu = time.perf_counter(), time.process_time()
        feed(interpreter, tensor)
        wall.append((time.perf_counter() - start) * 1000)
        processor.append((time.process_time() - cpu) * 1000)
    told = {"median": float(np.median(wall)), "p99": float(np.percentile(wall, 99)), "cpu": float(np.median(processor))}
    if reference:
        told["agreement"] = cosine(out, feed(load(runtime, reference[0], 1), tensor))
    print(json.dumps(told))


main()
