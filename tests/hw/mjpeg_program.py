"""An HTTP camera as a process: `mjpeg_program.py PORT WIDTH HEIGHT`. Motion JPEG for who knows door's password.

Each picture shows as columns which tick of 1/25 s it belongs to. It makes one for each tick, so after having been
stopped it sends those that it missed, as fast as it can: like a camera or a proxy with a buffer.
"""

import base64
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

FPS = 25
WANTED = "Basic " + base64.b64encode(b"door:secret").decode()


def draw(tick: int, width: int, height: int) -> bytes:
    bits = np.array([(tick >> bit & 1) * 255 for bit in range(8)], np.uint8)
    columns = bits.repeat(width // 8)
    picture = np.ascontiguousarray(np.broadcast_to(columns[None, :, None], (height, width, 3)))
    return bytes(cv2.imencode(".jpg", picture)[1])


class Handler(BaseHTTPRequestHandler):
    size = (160, 120)

    def do_GET(self) -> None:
        if self.headers.get("Authorization") != WANTED:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        tick = int(time.time() * FPS)
        try:
            while True:
                tick += 1
                time.sleep(max(0.0, tick / FPS - time.time()))
                jpeg = draw(tick, *self.size)
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                self.wfile.write(head.encode() + jpeg + b"\r\n")
        except OSError:
            return

    def log_message(self, *_: object) -> None: ...


if __name__ == "__main__":
    port, *size = (int(word) for word in sys.argv[1:])
    Handler.size = (size[0], size[1])
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
