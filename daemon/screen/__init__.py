"""The display beside the camera: what to do, and what happened, for whoever stands there."""
