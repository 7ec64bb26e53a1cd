"""Embeds pictures with PyPI's face_recognition, in that package's own environment; started by `scripts/peers.py`.

Reads names from standard input, one a line, relative to the folder given; writes one JSON object a line.
"""

import json
import resource
import sys
import time
from pathlib import Path

import face_recognition


def main() -> None:
    folder = Path(sys.argv[1])
    for line in sys.stdin:
        name = line.strip()
        picture = face_recognition.load_image_file(folder / name)
        start = time.process_time()
        places = face_recognition.face_locations(picture)
        height, width = picture.shape[:2]
        # (top, right, bottom, left); the face nearest the middle is the one that the picture is named after.
        places.sort(key=lambda box: abs(box[0] + box[2] - height) + abs(box[1] + box[3] - width))
        found = face_recognition.face_encodings(picture, known_face_locations=places[:1])
        milliseconds = (time.process_time() - start) * 1000
        vector = found[0].tolist() if found else None
        print(json.dumps({"name": name, "vector": vector, "ms": milliseconds}), flush=True)
    print(json.dumps({"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}), flush=True)


main()
