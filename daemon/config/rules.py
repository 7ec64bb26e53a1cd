"""The section `rules` of the configuration: who may come in when, after the face was recognised."""

import re
from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from daemon.config.base import Section

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = r"([01]\d|2[0-3]):[0-5]\d"
_DAY = f"({'|'.join(DAYS)})"
_HOURS = rf"{_TIME}-({_TIME}|24:00)"
_WINDOW = re.compile(rf"(daily|{_DAY}(-{_DAY})?(,{_DAY}(-{_DAY})?)*) {_HOURS}")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("expected a time zone such as Europe/Berlin (see `timedatectl list-timezones`)") from None
    return name


def _window(text: str) -> str:
    if not _WINDOW.fullmatch(text):
        raise ValueError(
            "expected days and hours such as `mon-fri 07:00-19:00`, `sat,sun 08:00-12:00`, `daily 22:00-06:00`"
        )
    return text


def _holiday(text: str) -> str:
    try:
        date.fromisoformat(text if len(text) > 5 else f"2024-{text}")
    except ValueError:
        raise ValueError("expected a date such as 2026-04-03, or 12-25 for each year") from None
    return text


Zone = Annotated[str, AfterValidator(_zone)]
Windows = Annotated[tuple[Annotated[str, AfterValidator(_window)], ...], Field(strict=False)]
Holidays = Annotated[tuple[Annotated[str, AfterValidator(_holiday)], ...], Field(strict=False)]
Names = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(strict=False)]
Wait = Annotated[float, Field(gt=0, le=300)]


class WeeklyHours(Section):
    """A weekly schedule, by the wall clock of `rules.timezone`."""

    windows: Windows = Field(
        (), description="Days and hours, e.g. `mon-fri 07:00-19:00`; hours past midnight belong to the day they began."
    )
    holiday_windows: Windows = Field((), description="What holds instead on a holiday, by the day of the week.")


class AntiPassback(Section):
    """Nobody comes in twice without having left."""

    mode: Literal["off", "soft", "hard"] = Field("off", description="`soft` grants with an alarm, `hard` denies.")
    timeout_seconds: Annotated[float, Field(gt=0, le=604_800)] = Field(
        3600.0, description="After so long somebody counts as having left."
    )


class Attempts(Section):
    """So many refusals lock everybody out for a while."""

    tries: Annotated[int, Field(ge=0, le=100)] = Field(0, description="Refused presentations; 0: the rule is off.")
    window_seconds: Annotated[float, Field(gt=0, le=3600)] = Field(60.0, description="The time they are counted in.")
    lockout_seconds: Annotated[float, Field(gt=0, le=3600)] = Field(60.0, description="How long everybody is denied.")


class TwoPerson(Section):
    """Two different people have to come."""

    groups: Names = Field((), description="Whose members need a second person of these groups; empty: the rule is off.")
    seconds: Wait = Field(15.0, description="How soon the second person has to follow.")


class SecondFactor(Section):
    """A PIN or a card has to come with the face."""

    accept: Annotated[tuple[Literal["pin", "card"], ...], Field(strict=False)] = Field(
        (), description="`pin`, `card` or both; empty: the rule is off."
    )
    groups: Names = Field((), description="Whose members need it; empty: everybody.")
    seconds: Wait = Field(15.0, description="How soon it has to follow the face, or the face a card.")


class Rules(Section):
    """Decides after recognition; each rule is off until it is set."""

    timezone: Zone = Field("UTC", description="The zone of all hours and dates in this section.")
    holidays: Holidays = Field((), description="Dates, `2026-04-03` or each year `12-25`.")
    schedules: dict[str, WeeklyHours] = Field({}, description="Weekly schedules by name.")
    person_schedules: dict[str, str] = Field({}, description="person_id = name of a schedule; goes before the groups'.")
    group_schedules: dict[str, str] = Field(
        {}, description="Group = name of a schedule. Who is in several groups has the hours of all of them together."
    )
    default_schedule: str | None = Field(None, description="The schedule of everybody else; none: at any time.")
    validity: bool = Field(True, description="Whether a person's first and last day (set in the gallery) are kept.")
    anti_passback: AntiPassback = AntiPassback()
    attempts: Attempts = Attempts()
    two_person: TwoPerson = TwoPerson()
    second_factor: SecondFactor = SecondFactor()
    duress_groups: Names = Field((), description="Whose members are granted silently with the alarm `duress`.")

    @model_validator(mode="after")
    def _known(self) -> "Rules":
        named = [*self.person_schedules.values(), *self.group_schedules.values(), self.default_schedule]
        for name in named:
            if name is not None and name not in self.schedules:
                raise ValueError(
                    f"schedule {name!r}: not among rules.schedules ({', '.join(self.schedules) or 'none'})"
                )
        return self
