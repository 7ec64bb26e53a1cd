import json

import pytest

from hw import kiosk_line


def test_a_decision_is_one_line_of_json() -> None:
    data = kiosk_line.line(time="2020-09-03T16:05:08.938Z", decision="granted", reason="granted", person="ada")
    assert data == (
        b'{"v":1,"time":"2020-09-03T16:05:08.938Z","decision":"granted","reason":"granted","person":"ada"}\n'
    )


def test_nothing_in_a_name_breaks_the_line() -> None:
    data = kiosk_line.line(time="t", decision="denied", reason="unknown", person='a\nb"c\u00e9')
    assert data.count(b"\n") == 1
    assert json.loads(data)["person"] == 'a\nb"c\u00e9'


def test_a_line_has_an_end() -> None:
    with pytest.raises(ValueError, match="at most 1024"):
        kiosk_line.line(time="t", decision="denied", reason="x" * 1024, person=None)
