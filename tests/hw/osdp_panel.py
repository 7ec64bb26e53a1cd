"""A control panel by the independent PyPI package osdp 1.6, run with a Python of its own (the package's name clashes).

Arguments: port, address, secure (0 or 1), master key (hex, or -). Orders come as words on standard input, what the
reader tells goes to standard output as JSON lines.
"""

import json
import logging
import sys
import threading
import time

from osdp import (
    ControlPanel,
    LedColor,
    OutputControl,
    OutputControlCode,
    OutputControls,
    PermanentReaderControlCode,
    ReaderBuzzerControl,
    ReaderLedControl,
    ReaderLedControls,
    SerialPortOsdpConnection,
    TemporaryReaderControlCode,
    ToneCode,
)
from osdp._command import ReaderBuzzerControlCommand
from osdp._reply import ReplyType


def tell(**values):
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


class Panel(ControlPanel):
    def on_raw_card_data_reply_received(self, address, raw_card_data):
        tell(card=raw_card_data.data.hex(), bits=raw_card_data.bit_count)

    def on_local_status_report_reply_received(self, address, local_status):
        tell(tamper=local_status.tamper)

    def on_nak_reply_received(self, address, nak):
        tell(nak=nak.error_code.name)


def watch(panel, bus, address):
    before = None
    while True:
        device = panel._buses[bus]._configured_devices.get(address)
        secure = bool(device and device.is_security_established)
        now = (bool(panel.is_online(bus, address)), secure, secure and device.is_scbkd)
        if now != before:
            before = now
            tell(online=now[0], secure=now[1], default_key=now[2])
        time.sleep(0.05)


def main():
    port, address, secure, key = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "1", sys.argv[4]
    logging.getLogger("osdp").setLevel(logging.CRITICAL)
    panel = Panel(bytes.fromhex(key) if key != "-" else None)
    bus = panel.start_connection(SerialPortOsdpConnection(port, 9600))
    panel.add_device(bus, address, True, secure)
    threading.Thread(target=watch, args=(panel, bus, address), daemon=True).start()
    for line in sys.stdin:
        order = line.strip()
        if order == "led":
            control = ReaderLedControl(
                0, 0, TemporaryReaderControlCode.Nop, 0, 0, LedColor.Black, LedColor.Black, 0,
                PermanentReaderControlCode.SetPermanentState, 1, 0, LedColor.Green, LedColor.Black,
            )  # fmt: skip
            tell(done=panel.reader_led_control(bus, address, ReaderLedControls([control])))
        elif order == "blink":
            control = ReaderLedControl(
                0, 0, TemporaryReaderControlCode.SetTemporaryAndStartTimer, 2, 3, LedColor.Red, LedColor.Amber, 40,
                PermanentReaderControlCode.Nop, 0, 0, LedColor.Black, LedColor.Black,
            )  # fmt: skip
            tell(done=panel.reader_led_control(bus, address, ReaderLedControls([control])))
        elif order == "buzzer":
            sound = ReaderBuzzerControl(0, ToneCode.DefaultTone, 2, 1, 3)
            tell(done=panel.send_command(bus, ReaderBuzzerControlCommand(address, sound)).type is ReplyType.Ack)
        elif order == "output":
            code = OutputControlCode.TemporaryStateOnResumePermanentState
            tell(done=panel.output_control(bus, address, OutputControls([OutputControl(0, code, 50)])))
        elif order == "status":
            tell(tamper=panel.local_status(bus, address).tamper)
        elif order == "id":
            tell(vendor=panel.id_report(bus, address).vendor_code.hex())
    panel.shutdown()


main()
