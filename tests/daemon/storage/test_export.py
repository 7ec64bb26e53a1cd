import io
from datetime import datetime, timezone

from daemon.storage.export import export_people
from daemon.storage.people import Person

NOON = datetime(2030, 1, 2, 12, 0, 0, 123, tzinfo=timezone.utc)


def test_a_line_for_each_person() -> None:
    people = [
        Person("ann", NOON, NOON, groups=("day", "a,b"), templates=3),
        Person("@SUM(A1)"[:4], NOON, NOON, active=False, valid_until=NOON),
    ]
    file = io.StringIO(newline="")
    assert export_people(people, file) == 2
    assert file.getvalue().split("\r\n") == [
        "person_id,state,created,updated,valid_from,valid_until,groups,templates",
        'ann,active,2030-01-02T12:00:00+00:00,2030-01-02T12:00:00+00:00,,,"day;a,b",3',
        "'@SUM,suspended,2030-01-02T12:00:00+00:00,2030-01-02T12:00:00+00:00,,2030-01-02T12:00:00+00:00,,0",
        "",
    ]
