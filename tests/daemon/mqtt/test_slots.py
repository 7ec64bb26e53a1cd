from daemon.mqtt.link import Outgoing
from daemon.mqtt.slots import StateSlots


def test_of_each_topic_the_newest_is_taken_once() -> None:
    slots = StateSlots()
    slots.put(Outgoing("door", b"1"))
    slots.put(Outgoing("announce", b"x"))
    slots.put(Outgoing("door", b"2"))
    assert [message.payload for message in slots.take(1)] == [b"2"]
    assert [message.payload for message in slots.take(10)] == [b"x"]
    assert slots.take(10) == []


def test_everything_is_repeated_for_a_new_connection() -> None:
    slots = StateSlots()
    slots.put(Outgoing("door", b"1"))
    slots.take(10)
    slots.repeat()
    assert [message.payload for message in slots.take(10)] == [b"1"]
