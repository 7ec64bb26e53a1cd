"""What one frame tells of one face before anybody is compared with it: the door and its evaluation look alike."""

from daemon.types import Observation
from daemon.vision.recogniser import Recogniser, View
from hw.camera import Frame
from models.depth import relief_mm
from models.detector import Face


def observe(recogniser: Recogniser, frame: Frame, *, track_id: int, face: Face) -> tuple[Observation, View]:
    """The observation, still without candidates, and the view that an embedding can be made of.

    `liveness` is None where the frame is not to be compared: it shows no face, or a criterion failed.
    """
    view = recogniser.view(frame.image, face)
    if not view.is_face:
        return Observation(track_id, frame.captured), view
    if view.fault is not None:
        faulty = Observation(track_id, frame.captured, quality=view.quality, fault=view.fault, mesh=view.mesh)
        return faulty, view
    clear = Observation(
        track_id=track_id,
        captured=frame.captured,
        quality=view.quality,
        mesh=view.mesh,
        liveness=recogniser.liveness(frame.image, face),
        moire=recogniser.moire(frame.image, face),
        depth_mm=None if frame.depth is None else relief_mm(frame.depth, view.mesh),
    )
    return clear, view
