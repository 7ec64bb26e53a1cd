"""Take a terminal off a machine, with its people's data or without."""

import shutil

from appliance import system
from appliance.install import alone, step
from appliance.places import ACCOUNT, SERVICE, Places
from appliance.shell import succeeds


def uninstall(places: Places, *, erase: bool) -> str:
    """What is left, in words. Interrupted, it can be run again. Raises Trouble."""
    with alone(places):
        step("stopping and removing the service")
        system.disable(places)
        system.remove_files(places)
        if erase:
            step("erasing the people's data and the configuration")
            # The key first: without it what else may still lie on the medium is noise.
            (places.data / "master.key").unlink(missing_ok=True)
            for folder in (places.data, places.snapshots, places.settings, places.units / f"{SERVICE}.d"):
                shutil.rmtree(folder, ignore_errors=not folder.exists())
            system.erase_credentials(places)
            succeeds("userdel", ACCOUNT)
        step("removing the program")
        shutil.rmtree(places.program)
    if erase:
        return "Auther Embedded is removed, and every trace of its people with it."
    return f"Auther Embedded is removed. Left: {places.settings} and {places.data}, which a new installation takes up."
