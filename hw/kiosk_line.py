"""The line protocol for kiosks: one JSON object a decision, over a serial port. Pure text; the port is elsewhere.

Each line is UTF-8 of at most 1024 bytes, ended by LF, with the keys `v` (1), `time` (RFC 3339, UTC), `decision`
("granted" or "denied"), `reason` (a word of the event table), `person` (person_id, or null). A reader skips a line
that is no JSON, as the first one after plugging in may be, and keys that it does not know.
"""

import json

VERSION = 1
MAX_BYTES = 1024
BAUD = 115_200


def line(*, time: str, decision: str, reason: str, person: str | None) -> bytes:
    """One decision. Raises ValueError beyond 1024 bytes."""
    text = json.dumps(
        {"v": VERSION, "time": time, "decision": decision, "reason": reason, "person": person},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    data = text.encode() + b"\n"
    if len(data) > MAX_BYTES:
        raise ValueError(f"{len(data)} bytes: a line has at most {MAX_BYTES}")
    return data
