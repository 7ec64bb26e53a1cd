"""The same BlazeFace network through the MediaPipe package: a selectable back end and the oracle of the direct one."""

import cv2
import mediapipe as mp
import numpy as np

from models.detector import MIN_SCORE, SUPPRESSION_IOU, Face
from models.geometry import Box, Image


class MediaPipeDetector:
    """MediaPipe Tasks' FaceDetector on given weights."""

    def __init__(self, *, content: bytes) -> None:
        vision = mp.tasks.vision
        options = vision.FaceDetectorOptions(
            base_options=mp.tasks.BaseOptions(model_asset_buffer=content),
            min_detection_confidence=MIN_SCORE,
            min_suppression_threshold=SUPPRESSION_IOU,
        )
        self._detector = vision.FaceDetector.create_from_options(options)

    def close(self) -> None:
        """Free it: left to the interpreter's shutdown, MediaPipe complains of what is already gone."""
        self._detector.close()

    def detect(self, image: Image) -> tuple[Face, ...]:
        height, width = image.shape[:2]
        rgb = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        found = self._detector.detect(mp.Image(image_format=mp.ImageFormat.SRGB, data=rgb))
        faces = [
            Face(
                box=Box(d.bounding_box.origin_x, d.bounding_box.origin_y, d.bounding_box.width, d.bounding_box.height),
                score=float(d.categories[0].score),
                keypoints=np.array([[p.x * width, p.y * height] for p in d.keypoints], dtype=np.float32),
            )
            for d in found.detections
        ]
        return tuple(sorted(faces, key=lambda face: face.box.area, reverse=True))
