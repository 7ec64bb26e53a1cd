"""The demonstration's protocol: every event in words as it happens, and at the end what each scene came to."""

from collections import defaultdict
from typing import Any

from demo_film import SCENES, Scene

from daemon.timestamps import from_iso

Event = dict[str, Any]


class Timeline:
    """Prints events against the film's time, which begins with the daemon's first word: the strike is locked."""

    def __init__(self) -> None:
        self._started: float | None = None
        self._decisions: dict[Scene, list[Event]] = defaultdict(list)
        self._unlocked = 0
        self._told: set[str] = set()
        self._heard: dict[str, str] = {}

    @property
    def started(self) -> float | None:
        """Unix time of the film's beginning."""
        return self._started

    def scene(self, scene: Scene) -> None:
        """A scene begins."""
        print(f"\n{scene.start:5.1f} s  ── {scene.title} ──", flush=True)

    def daemon(self, event: Event) -> None:
        """A line of `auther run --json`."""
        if event["kind"] == "door":
            self._door(event)
        elif event["kind"] == "access":
            self._access(event)

    def mqtt(self, topic: str, payload: Event, arrived: float) -> None:
        """A message as a subscriber gets it, at Unix time `arrived`."""
        if topic.endswith("/access"):
            delay = (arrived - from_iso(payload["captured"])) * 1000
            event_id = payload["event_id"]
            self._heard[event_id] = f"MQTT {topic}: {payload['decision']}, {delay:.0f} ms after the frame was taken"
            if event_id in self._told:
                self._say(arrived, self._heard[event_id])

    def summary(self) -> int:
        """What every scene came to; 1 if the person was not let in or anybody else was."""
        print("\n── summary ──")
        failed = False
        for scene in SCENES:
            if scene.actor is None and not self._decisions[scene]:
                continue
            reasons = [str(event["reason"]) for event in self._decisions[scene]]
            verdict, wrong = _judge(scene, reasons)
            failed |= wrong
            print(f"  {scene.title}: {', '.join(reasons) or 'no decision'}: {verdict}")
        decided = {event["event_id"] for events in self._decisions.values() for event in events}
        print(f"  the strike was driven open {self._unlocked} time(s)")
        print(f"  decisions: {len(decided)}, of which an MQTT subscriber got {len(decided & self._heard.keys())}")
        print(
            "  A drawn phone proves little about real ones: what this liveness can and can't tell stands in the README."
        )
        return 1 if failed else 0

    def _door(self, event: Event) -> None:
        changed = from_iso(event["changed"])
        if self._started is None:
            self._started = changed
            return
        self._unlocked += event["lock"] == "unlocked"
        self._say(changed, f"strike {event['lock']}")

    def _access(self, event: Event) -> None:
        captured = from_iso(event["captured"])
        scene = [scene for scene in SCENES if scene.start <= captured - (self._started or captured)][-1:]
        self._decisions[scene[0] if scene else SCENES[0]].append(event)
        words = [event["decision"].upper(), event["person_id"] or "nobody", f"reason {event['reason']}"]
        for name, unit in (("similarity", " %"), ("liveness", "")):
            if event[name] is not None:
                words.append(f"{name} {event[name]}{unit}")
        if event["relay_ms"] is not None:
            words.append(f"{event['relay_ms']:.0f} ms from capture to relay")
        self._say(captured, " · ".join(words))
        self._told.add(event["event_id"])
        # The broker is sometimes quicker than our reading of the daemon's output; a reader wants the cause first.
        if (heard := self._heard.get(event["event_id"])) is not None:
            self._say(captured, heard)

    def _say(self, at: float, text: str) -> None:
        print(f"{at - (self._started or at):5.1f} s     {text}", flush=True)


def _judge(scene: Scene, reasons: list[str]) -> tuple[str, bool]:
    """Whether a scene went as it should in words, and whether the demonstration has failed by it."""
    let_in = "granted" in reasons
    if scene.actor == "person":
        return ("let in, as it should be", False) if let_in else ("NOT LET IN", True)
    if scene.actor == "phone":
        return ("LET IN: this level of liveness was fooled", False) if let_in else ("not let in", False)
    return ("LET IN", True) if let_in else ("not let in, as it should be", False)
