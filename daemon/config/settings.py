"""The one TOML configuration file: typed, every key documented, unknown keys refused.

The reference in the README is generated from this file by `scripts/config_reference.py`.
"""

import sys
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field, ValidationError, model_validator

from daemon.config.base import Degrees, FilePath, Seconds, Section, Share
from daemon.config.camera import Camera, WebcamCamera
from daemon.config.console import Console
from daemon.config.door import Door
from daemon.config.indicator import Indicator
from daemon.config.loopback import is_loopback
from daemon.config.problems import ConfigInvalid, problems_of
from daemon.config.readers import Cards, Kiosk, Panel, WiegandReader
from daemon.config.rules import Rules
from daemon.config.screen import Screen
from daemon.errors import ConfigError
from daemon.owners import whose

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DEFAULT_PATH = Path("/etc/auther-embedded/config.toml")

CommandName = Literal["unlock", "lock", "lockdown", "enrol", "reload", "health"]


SectionT = TypeVar("SectionT", bound=Section)


def _at_most(section: SectionT, low: str, high: str) -> SectionT:
    """Raises ValueError unless the value of one key is at most that of the other."""
    least, most = getattr(section, low), getattr(section, high)
    if least > most:
        raise ValueError(f"{low}: must be at most {high}, which is {most}, not {least}")
    return section


class Device(Section):
    """Which terminal this is."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = Field(
        "terminal", description="Name of this terminal in topics and events: letters, digits, `_` and `-`."
    )


class Vision(Section):
    """The networks and what they run on."""

    detector: Literal["blazeface", "mediapipe"] = Field(
        "blazeface", description="`mediapipe` runs the same network through the MediaPipe package (an extra)."
    )
    runtime: Literal["litert", "tflite"] = Field(
        "litert", description="`tflite` uses the tflite-runtime package, for boards that have only that."
    )
    threads: Annotated[int, Field(ge=1, le=8)] = Field(1, description="Threads of one network.")
    weights: FilePath | None = Field(
        None, description="Folder with manifest.toml and the weights; none: the ones installed."
    )


class QualityLimits(Section):
    """What a face has to be before it is compared. The first criterion that fails is named."""

    # LFW's 150 px pictures, shrunk: FNMR at FMR 1e-4 is 4 % at 66 px and at 43, 6 % at 33, 14 % at 27, 26 % at 22. The
    # REST contract's 112 px keep a margin for motion and cheap lenses.
    min_size_px: Annotated[float, Field(ge=20, le=2000)] = Field(
        112.0, description="Least distance between chin and forehead, pixels."
    )
    # LFW, FNMR by pose: yaw 3 % up to 20°, 1 % from 30° to 60° (309 pairs); pitch 3 % up to 15°, 4 % up to 25°, 14 %
    # beyond (108 pairs); roll 3 % throughout. References are held to the same limits, hence not all that would match.
    max_yaw_deg: Degrees = Field(35.0, description="Largest turn to the side, degrees.")
    max_pitch_deg: Degrees = Field(25.0, description="Largest tilt up or down, degrees.")
    max_roll_deg: Degrees = Field(30.0, description="Largest tilt of the head to a shoulder, degrees.")
    # FNMR at FMR 1e-4 on LFW pictures blurred on purpose: 4 % untouched (sharpness 196 in the median, 5 % below 73),
    # 6 % at 41, 10 % at 20, 24 % at 12, 55 % at 9.
    min_sharpness: Annotated[float, Field(ge=0)] = Field(
        20.0, description="Least variance of the Laplacian of the aligned face."
    )
    # The same, darkened and brightened with a sensor's noise: 7 % at a luma of 40, 11 % at 29, 26 % at 19; 5 % at 166,
    # 11 % at 186, 26 % at 203, 46 % at 216. 96 % of the untouched pictures lie between 71 and 161.
    min_brightness: Annotated[float, Field(ge=0, le=255)] = Field(
        40.0, description="Least mean luma of the face, 0 to 255."
    )
    max_brightness: Annotated[float, Field(ge=0, le=255)] = Field(200.0, description="Largest mean luma of the face.")
    # LFW: FNMR 2.4 % above 0.15, 18 % below (28 pairs); 0.4 % of the pictures lie below, a third of them with closed
    # eyes. None lies below 0.1, closed or not; narrow eyes read from about 0.16.
    min_eye_opening: Share = Field(0.15, description="Least height of the more open eye, as a share of its width.")

    # LFW: 0.4 % of the pictures lie below, 15 of these 16 of people in sunglasses; FNMR 14 % of these (35 pairs), 2.4 %
    # of the others. Sunglasses drawn over 400 pictures: FNMR 25 to 28 %, and 96 to 100 % of them lie below.
    min_eye_contrast: Share = Field(
        0.25, description="Least span of luma within an eye, as a share of the skin's: dark glasses. 0: not asked."
    )
    # Masks of even cloth drawn over 400 pictures: FNMR 58 to 67 %, and 98 % of them lie below, as do 0.2 % of LFW's
    # pictures. Patterned cloth (7 %) and a hand (3 %) are seldom seen.
    min_lip_contrast: Share = Field(
        0.07,
        description="Least depth of the line between the lips, as a share of the face's luma: masks. 0: not asked.",
    )

    @model_validator(mode="after")
    def _check_brightness(self) -> "QualityLimits":
        return _at_most(self, "min_brightness", "max_brightness")


class Liveness(Section):
    """Presentation attack detection over a track."""

    level: Literal["convenience", "standard", "strict"] = Field(
        "standard",
        description="Which cues are demanded. `convenience`: the network alone, over the track. `standard`: also no "
        "moiré and no motion of a plane. `strict`: also a challenge (turn the head, blink) that the person answers.",
    )
    also: Annotated[tuple[Literal["blink", "depth"], ...], Field(strict=False)] = Field(
        (),
        description="Cues demanded beyond the level: `blink`; `depth` is refused with a camera back end that gives"
        " none, as all do yet.",
    )
    threshold: Share = Field(0.5, description="Least mean probability of bona fide over the track's last second.")
    spoof_threshold: Share = Field(0.2, description="A frame below this is a clear spoof frame.")
    spoof_frames: Annotated[int, Field(ge=1, le=100)] = Field(
        4, description="So many clear spoof frames end the track with `spoof`; a live frame takes one back."
    )
    min_frames: Annotated[int, Field(ge=1, le=100)] = Field(5, description="Frames that a verdict needs.")
    # No frame of live_01 nor of 3,811 LFW pictures exceeded 0.002; the median of screen_replay_01 is 0.71.
    max_moire: Share = Field(
        0.05, description="Largest share of the face's fine structure in isolated spectral peaks (screens, prints)."
    )
    # 1 % of LFW's pairs of one turning head lie below, 60 % of the same pictures turned as planes.
    min_relief: Share = Field(
        0.55, description="Least share of a turning face's deformation that a plane can't explain; below is a picture."
    )
    # Set on synthetic depth: a head's median is twice this, a sheet bent by hand stays below.
    min_depth_mm: Annotated[float, Field(gt=0, le=50)] = Field(
        5.0, description="Least relief of the face in the depth frame, millimetres (root mean square from a plane)."
    )
    challenge_seconds: Seconds = Field(6.0, description="Time to answer a challenge.")

    @model_validator(mode="after")
    def _check_thresholds(self) -> "Liveness":
        return _at_most(self, "spoof_threshold", "threshold")


class Policy(Section):
    """When the frames of a track add up to a decision."""

    agreeing_frames: Annotated[int, Field(ge=1, le=30)] = Field(
        3, description="k: so many of the last n frames must agree on one person."
    )
    window_frames: Annotated[int, Field(ge=1, le=60)] = Field(5, description="n: the frames looked at.")
    fpir: Annotated[float, Field(ge=1e-6, le=0.1)] = Field(
        0.001, description="False-positive identification rate that the 1:N threshold is set for, whatever the gallery."
    )
    margin: Share = Field(0.05, description="How much the best person's score must exceed the second-best person's.")
    unknown_after_seconds: Seconds = Field(
        1.5, description="A track without a grant this long after its first clear frame is denied."
    )
    retry_seconds: Seconds = Field(2.0, description="Pause between a denial and the next decision on the same track.")
    cooldown_seconds: Seconds = Field(
        5.0, description="After a grant the same person is not granted again for so long."
    )
    grant_deadline_seconds: Annotated[float, Field(gt=0, le=5)] = Field(
        1.0, description="A frame older than this opens nothing."
    )
    lockout_spoofs: Annotated[int, Field(ge=1, le=100)] = Field(
        5, description="So many spoof verdicts within `lockout_window_seconds` lock the terminal out."
    )
    lockout_window_seconds: Seconds = Field(60.0, description="The time in which spoof verdicts are counted.")
    lockout_seconds: Seconds = Field(30.0, description="How long a lockout denies everybody.")

    @model_validator(mode="after")
    def _check_frames(self) -> "Policy":
        return _at_most(self, "agreeing_frames", "window_frames")


class Mqtt(Section):
    """The broker that decisions are published to."""

    enabled: bool = Field(False, description="Publish decisions.")
    host: Annotated[str, Field(min_length=1)] = Field("localhost", description="The broker's name or address.")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(1883, description="The broker's port (8883 with TLS).")
    protocol: Literal["5", "3.1.1"] = Field(
        "5",
        description="Version of MQTT; `3.1.1` for a broker without 5: no expiry or correlation data, refusals unseen.",
    )
    base_topic: Annotated[str, Field(pattern=r"^[^#+/\x00]+(/[^#+/\x00]+)*$")] = Field(
        "auther", description="Topics are `<base_topic>/<device id>/…`."
    )
    username: str | None = Field(None, description="The account at the broker.")
    password_file: FilePath | None = Field(
        None,
        description="File whose first line is the account's password. A systemd credential `auther-mqtt-password` goes"
        " before it.",
    )
    ca_file: FilePath | None = Field(
        None, description="PEM of the certificate authority; given, the connection is TLS."
    )
    allow_plaintext: bool = Field(False, description="Speak without TLS to a broker on another machine.")
    client_cert_file: FilePath | None = Field(
        None, description="PEM of this terminal's own certificate, for brokers that ask."
    )
    client_key_file: FilePath | None = Field(
        None, description="PEM of that certificate's private key, without a passphrase."
    )
    health_seconds: Annotated[float, Field(ge=1, le=86_400)] = Field(
        60.0, description="How often the terminal's health is published."
    )
    commands: Annotated[tuple[CommandName, ...], Field(strict=False)] = Field(
        ("health",), description="Which commands it obeys: `unlock`, `lock`, `lockdown`, `enrol`, `reload`, `health`."
    )
    command_key_file: FilePath | None = Field(
        None,
        description="File with the key (at least 32 characters) that commands must be signed with; given, unsigned ones"
        " are refused. A systemd credential `auther-mqtt-command-key` goes before it.",
    )
    command_window_seconds: Annotated[float, Field(ge=1, le=300)] = Field(
        30.0, description="How far a command's own time may be from the terminal's clock."
    )
    home_assistant: bool = Field(False, description="Announce the terminal to Home Assistant (MQTT discovery).")
    discovery_prefix: Annotated[str, Field(pattern=r"^[^#+/\x00]+(/[^#+/\x00]+)*$")] = Field(
        "homeassistant", description="Home Assistant's discovery prefix."
    )
    event_expiry_seconds: Annotated[int, Field(ge=1, le=31_536_000)] = Field(
        604_800, description="The broker drops an event that a subscriber has not fetched after so long (MQTT 5)."
    )
    outbox_events: Annotated[int, Field(ge=10, le=10_000_000)] = Field(
        100_000,
        description="So many events wait on disk for the broker; then the oldest go, counted and reported. Without a"
        " broker so many are kept, and nothing is reported.",
    )
    outbox_days: Annotated[float, Field(gt=0, le=3650)] = Field(
        30.0,
        description="Events that waited longer for the broker (counting the time that the terminal ran) go likewise.",
    )

    @model_validator(mode="after")
    def _check_secrecy(self) -> "Mqtt":
        if not self.enabled:
            return self
        if self.ca_file is None and not self.allow_plaintext and not is_loopback(self.host):
            raise ValueError(
                f"host: {self.host} is another machine and the connection would not be encrypted;"
                " set mqtt.ca_file for TLS, or mqtt.allow_plaintext = true to do without"
            )
        if self.client_cert_file is not None and self.ca_file is None:
            raise ValueError("client_cert_file: only of use with TLS; set mqtt.ca_file too")
        return self


class Sharing(Section):
    """One gallery for all terminals of a site, over the broker of `mqtt`; it goes by that section's settings too."""

    enabled: bool = Field(False, description="Share people with the terminals that have the same site key.")
    site_key_file: FilePath | None = Field(
        None,
        description="The site's key, mode 0600; none: `site.key` in the storage folder. A systemd credential "
        "`auther-site-key` goes before it. `auther site create-key` makes one.",
    )
    max_skew_seconds: Annotated[float, Field(ge=1, le=86_400)] = Field(
        300.0,
        description="A change that claims a time so far ahead of this terminal's clock is refused, with an alarm.",
    )
    tombstone_days: Annotated[int, Field(ge=30, le=3650)] = Field(
        400, description="So long a removal is remembered; a terminal that was off for longer gives way to the others."
    )
    reread_hours: Annotated[float, Field(ge=0.1, le=8760)] = Field(
        24.0, description="How often everything that the broker retains for the site is read again and compared."
    )


class Enrolment(Section):
    """What becomes a reference."""

    live_only: bool = Field(
        False,
        description="Refuse pictures that look less live to the network than `liveness.threshold` (F_008). Leave it off"
        " where people are enrolled from prints or documents.",
    )


class Learning(Section):
    """Templates learned at the door, beside the enrolled ones, so that a face may age."""

    enabled: bool = Field(False, description="Learn from granted probes.")
    min_similarity: Annotated[float, Field(ge=98, le=100)] = Field(
        99.0, description="Least similarity, percent, of a probe to an enrolled (not a learned) template."
    )
    min_liveness: Share = Field(0.9, description="Least probability of bona fide over the track.")
    templates: Annotated[int, Field(ge=1, le=20)] = Field(3, description="Learned templates of one person at most.")
    interval_hours: Annotated[float, Field(ge=0, le=8760)] = Field(
        24.0, description="Least time between two that are learned of one person."
    )


class Api(Section):
    """The REST API: the calls of Auther Check, and this terminal's own under /device."""

    enabled: bool = Field(True, description="Serve it. No call works before a key was made: `auther keys create`.")
    host: Annotated[str, Field(min_length=1)] = Field(
        "127.0.0.1", description="Address to listen at; `0.0.0.0` or `::` for the whole network."
    )
    port: Annotated[int, Field(ge=0, le=65535)] = Field(8443, description="Port to listen at; 0: any free one.")
    tls: bool = Field(True, description="Serve HTTPS. `false` only at a loopback address, behind a proxy.")
    cert_file: FilePath | None = Field(
        None, description="PEM of the site's certificate (with its chain); none: one made at the first start."
    )
    key_file: FilePath | None = Field(None, description="PEM of that certificate's private key, without a passphrase.")
    names: Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]{1,253}$")], ...], Field(strict=False)] = (
        Field((), description="Names and addresses of this terminal for the certificate that is made.")
    )
    max_body_bytes: Annotated[int, Field(ge=1024, le=64 * 1024 * 1024)] = Field(
        14 * 1024 * 1024,
        description="Largest body of a request; Base64 adds a third to a picture. Without pictures: at most 64 KiB.",
    )
    max_pictures: Annotated[int, Field(ge=1, le=64)] = Field(
        4, description="Requests with pictures in memory at a time; the next ones wait, then get 429."
    )
    identify_similarity: Annotated[float, Field(ge=50, le=100)] = Field(
        98.0, description="Least similarity, percent, of the person that `identify` names."
    )
    verify_similarity: Annotated[float, Field(ge=50, le=100)] = Field(
        80.0, description="Least similarity, percent, at which `verify` succeeds."
    )
    audit_days: Annotated[float, Field(gt=0, le=36_500)] = Field(
        365.0,
        description="Lines of the audit trail that are older are removed, once a day. Time off counts as a day"
        " at most.",
    )

    @model_validator(mode="after")
    def _check(self) -> "Api":
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file belong together; give both or none")
        if not self.tls and self.host not in {"127.0.0.1", "::1", "localhost"}:
            raise ValueError("without tls keys and faces would cross the network in the open; listen at 127.0.0.1")
        return self


class Storage(Section):
    """Where the terminal keeps people and unsent events."""

    folder: FilePath = Field(
        Path("/var/lib/auther-embedded"), description="Holds the store; belongs to the daemon's user, mode 0700."
    )
    key_file: FilePath | None = Field(
        None,
        description="The store's master key, mode 0600, made with a new store; none: `master.key` in the folder. "
        "A systemd credential `auther-master-key` or the environment's AUTHER_MASTER_KEY goes before it.",
    )
    keep_images: Annotated[tuple[Literal["enrolment", "granted", "denied"], ...], Field(strict=False)] = Field(
        (),
        description="Of what a picture of the face is kept, encrypted: `enrolment`, `granted`, `denied`. None: never.",
    )
    image_days: Annotated[float, Field(gt=0, le=3650)] = Field(
        30.0,
        description="Kept pictures are erased after so many days, and with their person. Time off counts as a"
        " day at most.",
    )
    history_events: Annotated[int, Field(ge=1000, le=100_000)] = Field(
        10_000, description="So many events that the broker has stay on disk, for the console and the API."
    )


class Log(Section):
    """What the daemon writes to the journal under systemd, else to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least severity written. `auther log-level` changes it while the terminal runs."
    )
    person_ids: bool = Field(
        True, description="`false`: the log names nobody, but for the paths of REST calls. MQTT and REST still do."
    )


class Settings(Section):
    """The whole file."""

    device: Device = Device()
    camera: Camera = WebcamCamera(backend="webcam")
    vision: Vision = Vision()
    quality: QualityLimits = QualityLimits()
    liveness: Liveness = Liveness()
    policy: Policy = Policy()
    door: Door = Door()
    rules: Rules = Rules()
    cards: Cards = Cards()
    panel: Panel | None = None
    reader: WiegandReader | None = None
    kiosk: Kiosk | None = None
    indicator: Indicator = Indicator()
    screen: Screen = Screen()
    mqtt: Mqtt = Mqtt()
    sharing: Sharing = Sharing()
    enrolment: Enrolment = Enrolment()
    learning: Learning = Learning()
    api: Api = Api()
    console: Console = Console()
    storage: Storage = Storage()
    log: Log = Log()

    @model_validator(mode="after")
    def _known_names(self) -> "Settings":
        name = self.door.unlock_schedule
        if name is not None and name not in self.rules.schedules:
            raise ValueError(f"door.unlock_schedule: {name!r} is not among rules.schedules")
        for section in (self.panel, self.reader):
            if section is not None:
                self.cards.find(section.card_format)
        return self

    @model_validator(mode="after")
    def _cues_that_can_be_seen(self) -> "Settings":
        if "depth" in self.liveness.also and not self.camera.has_depth:
            raise ValueError(
                f"liveness.also: the camera back end {self.camera.backend!r} gives no depth, so that nobody would be"
                ' let in; take "depth" out'
            )
        return self

    @model_validator(mode="after")
    def _ports_of_their_own(self) -> "Settings":
        if self.screen.enabled and self.api.enabled and self.screen.port and self.screen.port == self.api.port:
            raise ValueError(f"screen.port: {self.screen.port} is api.port too; choose another one, or 0 for none")
        return self

    @model_validator(mode="after")
    def _sharing_needs_a_broker(self) -> "Settings":
        if self.sharing.enabled and not self.mqtt.enabled:
            raise ValueError("sharing.enabled: terminals share over the broker; set mqtt.enabled = true too")
        return self


def load(path: Path) -> Settings:
    """Read and check a configuration file; relative paths in it stay relative to the working folder.

    Raises ConfigError naming the file and every key that is wrong, with what it should be.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: no such file; name one with --config, or run `auther config show` for a start"
        ) from None
    except PermissionError as error:
        raise ConfigError(f"{path}: can't be read: {error.strerror}; {whose(path)}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: can't be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    return parse(data, source=str(path))


def parse(data: dict[str, object], *, source: str) -> Settings:
    """Check a decoded file. Raises ConfigError as `load` does, with `source` for the file's name."""
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        problems = problems_of(error, data)
        raise ConfigInvalid(source, problems) from None
