"""What is opened alike for the daemon and the command line."""

from contextlib import closing
from pathlib import Path

import pytest

from daemon.config.settings import Mqtt, Settings, Storage
from daemon.desk import open_outbox


@pytest.mark.parametrize(("broker", "lost"), [(False, 0), (True, 4)])
def test_events_are_lost_only_where_a_broker_is_to_have_them(tmp_path: Path, broker: bool, lost: int) -> None:
    settings = Settings(storage=Storage(folder=tmp_path), mqtt=Mqtt(enabled=broker, outbox_events=10))
    with closing(open_outbox(settings)) as outbox:
        for _ in range(12):
            outbox.append("access", {})
        assert outbox.lost == lost
