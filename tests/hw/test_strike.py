import pytest

from hw.simulated import SimulatedOutputLine
from hw.strike import Strike


@pytest.mark.parametrize("fail_safe", [False, True])
def test_is_locked_from_the_start_and_without_current_in_the_end(fail_safe: bool) -> None:
    line = SimulatedOutputLine()
    strike = Strike(line=line, fail_safe=fail_safe)
    assert line.active is fail_safe
    strike.unlock()
    assert line.active is not fail_safe
    strike.lock()
    assert line.active is fail_safe
    strike.close()
    assert not line.active
