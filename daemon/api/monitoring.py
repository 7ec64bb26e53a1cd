"""For who watches the terminal: /health/live, /health/ready, /metrics."""

from collections.abc import Callable, Mapping
from typing import Any

from daemon.api.device_bodies import Health
from daemon.api.operations import Call, NoBody, Operation, Text
from daemon.events.outbox import Outbox
from daemon.gallery.keeper import GalleryKeeper
from daemon.heat import read_heat
from daemon.keys import Permission
from daemon.metrics import Metrics
from daemon.storage.store import Store
from daemon.vision.camera_state import CameraHealth, CameraState
from daemon.vision.jobs import VisionJobs
from daemon.vitals import Vitals

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


class MonitoringCalls:
    """Handlers of health and metrics."""

    def __init__(
        self,
        *,
        store: Store,
        outbox: Outbox,
        camera: Callable[[], CameraHealth],
        stuck: Callable[[], Mapping[str, str]],
        metrics: Metrics,
    ) -> None:
        self._store, self._outbox, self._camera, self._metrics = store, outbox, camera, metrics
        self._stuck = stuck

    def live(self, _call: Call, _body: NoBody) -> Health:
        return Health(status="up")

    def ready(self, _call: Call, _body: NoBody) -> Health | Text:
        camera, stuck = self._camera(), ", ".join(self._stuck())
        reasons = tuple(
            reason
            for holds, reason in (
                (camera.blind, f"the camera is {camera.state.value}: {camera.advice}"),
                (not self._store.writable, "the store can't be written: nobody can be enrolled"),
                (bool(stuck), f"{stuck}: as before, changes can't be read; the log says why"),
                (self._outbox.losing, "events can't be written and are lost; the log says why"),
            )
            if holds
        )
        if not reasons:
            return Health(status="ready")
        return Text(
            Health(status="not ready", reasons=reasons).model_dump_json(by_alias=True), "application/json", status=503
        )

    def metrics(self, _call: Call, _body: NoBody) -> Text:
        return Text(self._metrics.text(), PROMETHEUS)


def add_gauges(
    metrics: Metrics,
    *,
    gallery: GalleryKeeper,
    jobs: VisionJobs,
    outbox: Outbox,
    vitals: Vitals,
    camera: Callable[[], CameraHealth],
) -> None:
    """What is asked when the metrics are read; once for each `metrics`."""
    metrics.gauge("auther_people", "People who can be matched.", lambda: gallery.current.size)
    metrics.gauge("auther_templates", "Templates in memory.", lambda: len(gallery.current))
    metrics.gauge("auther_damaged_templates", "Templates that can't be read.", lambda: len(gallery.damaged))
    metrics.gauge("auther_vision_jobs_waiting", "Pictures that wait for the networks.", lambda: jobs.depth)
    metrics.gauge("auther_outbox_events", "Events that wait for the broker.", lambda: outbox.unconfirmed)
    metrics.gauge("auther_outbox_lost", "Events that had to go unsent.", lambda: outbox.lost)
    metrics.gauge("auther_camera_fps", "Frames a second that reach the networks.", lambda: vitals.fps)
    metrics.gauge("auther_frames", "Frames that reached the networks since the start.", lambda: vitals.frames)
    metrics.states("auther_camera_state", "How the camera is: 1 for its state.", CameraState, lambda: camera().state)
    metrics.gauge(
        "auther_temperature_celsius",
        "The temperature of the hottest zone.",
        lambda: float("nan") if (degrees := read_heat().celsius) is None else degrees,
    )
    metrics.gauge("auther_throttled", "1 while the board is slowed down.", lambda: float(read_heat().throttled))


def monitoring_operations(calls: MonitoringCalls) -> tuple[Operation[Any], ...]:
    """Health needs no key; the metrics need one that may see the device."""
    tag = "Monitoring"
    return (
        Operation(
            id="isLive",
            method="GET",
            path="/health/live",
            tag=tag,
            summary="Is it up",
            description="Answers as long as the process does.",
            handler=calls.live,
            body=NoBody,
            answer=Health,
            public=True,
        ),
        Operation(
            id="isReady",
            method="GET",
            path="/health/ready",
            tag=tag,
            summary="Does it do its work",
            description="503 with the reasons when it does not.",
            handler=calls.ready,
            body=NoBody,
            answer=Health,
            public=True,
            statuses={503: "Not ready; the body says why"},
        ),
        Operation(
            id="getMetrics",
            method="GET",
            path="/metrics",
            tag=tag,
            summary="Numbers for Prometheus",
            description="The key may also come as a bearer token (`authorization: {credentials: …}` in Prometheus).",
            handler=calls.metrics,
            body=NoBody,
            answer="text/plain",
            permission=Permission.VIEW,
        ),
    )
