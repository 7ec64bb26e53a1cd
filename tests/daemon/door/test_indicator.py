"""What the lights show, by sequences of decisions and orders."""

import pytest

from daemon.door.indicator import IndicatorPlan, Shown
from hw.osdp_orders import BuzzerOrder, Color, EndTemporary, LedOrder, Order, OutputOrder

DARK, RED, GREEN, AMBER = Shown(), Shown(red=True), Shown(green=True), Shown(red=True, green=True)


def plan(*orders: tuple[float, Order], tones: bool = False) -> IndicatorPlan:
    made = IndicatorPlan(seconds=2.0, tones=tones)
    for at, order in orders:
        made.order(order, at)
    return made


@pytest.mark.parametrize(("granted", "light"), [(True, GREEN), (False, RED)])
def test_a_decision_shows_for_its_time(granted: bool, light: Shown) -> None:
    one = plan()
    assert one.shown(9.0) == DARK
    one.decide(granted=granted, at=10.0)
    assert [one.shown(at) for at in (10.0, 11.9, 12.0)] == [light, light, DARK]


def test_a_decision_shows_over_what_the_panel_ordered_which_comes_back() -> None:
    one = plan((0.0, LedOrder("red")), (9.0, LedOrder("amber", seconds=5.0)))
    one.decide(granted=True, at=10.0)
    assert [one.shown(at) for at in (11.0, 12.5, 14.0)] == [GREEN, AMBER, RED]


def test_a_temporary_light_ends_by_itself_or_by_order() -> None:
    one = plan((0.0, LedOrder("red")), (1.0, LedOrder("green", seconds=5.0)))
    assert [one.shown(at) for at in (1.0, 5.9, 6.0)] == [GREEN, GREEN, RED]
    one.order(LedOrder("green", seconds=5.0), 7.0)
    one.order(EndTemporary(), 8.0)
    assert one.shown(8.0) == RED


def test_a_light_blinks_between_two_colours() -> None:
    one = plan((0.0, LedOrder("red", "green", 0.2, 0.3)))
    assert [one.shown(at) for at in (0.0, 0.1, 0.25, 0.45, 0.55)] == [RED, RED, GREEN, GREEN, RED]


@pytest.mark.parametrize(
    ("color", "light"),
    [("black", DARK), ("amber", AMBER), ("blue", GREEN), ("magenta", RED), ("white", AMBER)],
)
def test_colours_that_two_lights_lack_are_mixed(color: Color, light: Shown) -> None:
    assert plan((0.0, LedOrder(color))).shown(1.0) == light


def test_the_buzzer_counts_its_tones() -> None:
    one = plan((0.0, BuzzerOrder(True, 0.2, 0.1, 2)))
    assert [one.shown(at).buzzer for at in (0.0, 0.25, 0.35, 0.55, 0.65)] == [True, False, True, False, False]


def test_a_buzzer_without_a_count_sounds_until_it_is_silenced() -> None:
    one = plan((0.0, BuzzerOrder(True, 0.0, 0.0, 0)))
    assert one.shown(1000.0).buzzer
    one.order(BuzzerOrder(False), 1001.0)
    assert not one.shown(1001.0).buzzer


def test_decisions_sound_where_tones_are_wanted() -> None:
    for granted, tones in ((True, 1), (False, 3)):
        one = plan(tones=True)
        one.decide(granted=granted, at=0.0)
        heard = [one.shown(at / 100).buzzer for at in range(100)]
        assert sum(now and not before for before, now in zip([False, *heard], heard, strict=False)) == tones


@pytest.mark.parametrize(("on", "seen"), [(True, [True, True, False]), (False, [False, False, True])])
def test_an_output_goes_back_after_its_time(on: bool, seen: list[bool]) -> None:
    one = plan((0.0, OutputOrder(0, on, 5.0)))
    assert [one.shown(at).output for at in (0.0, 4.9, 5.0)] == seen


def test_an_output_without_a_time_stays() -> None:
    one = plan((0.0, OutputOrder(0, True)))
    assert one.shown(1e6).output
    one.order(OutputOrder(0, False), 1e6)
    assert not one.shown(1e6).output


def test_it_rests_when_nothing_changes_by_itself() -> None:
    one = plan((0.0, LedOrder("red")), (0.0, OutputOrder(0, True)))
    assert one.rests(1.0)
    one.decide(granted=True, at=10.0)
    assert not one.rests(11.0)
    assert one.rests(12.0)
    one.order(LedOrder("red", "black", 0.5, 0.5), 13.0)
    assert not one.rests(14.0)
