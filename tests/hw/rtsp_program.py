"""An RTSP camera as a process of the system's Python: `rtsp_program.py PORT WIDTH HEIGHT`. H.264 for door's password.

Pictures and buffering are those of `mjpeg_program.py`.
"""

import sys
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402 - after the versions

FPS = 25


class Camera(GstRtspServer.RTSPMediaFactory):
    def __init__(self, width, height):
        super().__init__()
        self.size = (width, height)
        caps = f"video/x-raw,format=GRAY8,width={width},height={height},framerate={FPS}/1"
        self.set_launch(
            f"( appsrc name=source is-live=true format=time do-timestamp=true caps={caps} ! videoconvert"
            f" ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max={FPS} ! rtph264pay name=pay0 pt=96 )"
        )
        self.set_shared(True)

    def do_configure(self, media):
        self.tick = int(time.time() * FPS)
        media.get_element().get_child_by_name("source").connect("need-data", self.push)

    def push(self, source, _length):
        self.tick += 1
        time.sleep(max(0.0, self.tick / FPS - time.time()))
        width, height = self.size
        row = b"".join((b"\xeb" if self.tick >> bit & 1 else b"\x10") * (width // 8) for bit in range(8))
        source.emit("push-buffer", Gst.Buffer.new_wrapped(row * height))


def restricted():
    """Who knows door's password may look."""
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "door")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic("door", "secret"), token)
    return auth


def main(port, width, height):
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(port))
    camera = Camera(width, height)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("door", "media.factory.access", True)
    permissions.add_permission_for_role("door", "media.factory.construct", True)
    camera.set_permissions(permissions)
    server.set_auth(restricted())
    server.get_mount_points().add_factory("/live", camera)
    server.attach(None)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
