"""`scripts/install` and `scripts/rollback`: what was typed, and one message for what goes wrong."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from appliance import machine, wheelhouse
from appliance.errors import Trouble
from appliance.install import Wishes, install, summary
from appliance.places import Places
from appliance.rollback import rollback
from appliance.uninstall import uninstall

SOURCE = Path(__file__).resolve().parent.parent.parent
# The scripts change into their own folder, so that Python takes no module from the caller's.
CALLED_FROM = Path(os.environ.get("CALLED_FROM", "."))
SETUP = ("device-id", "camera", "strike", "broker", "broker-user")
SETUP_FILES = ("broker-ca", "broker-password-file")
SETUP_FLAGS = ("active-low", "broker-plaintext")


def main() -> int:
    """The exit status: 0 done, 1 not done (or installed, but not running), 2 a wrong call."""
    os.umask(0o022)
    for name in [name for name in os.environ if name.startswith(("PYTHON", "UV_"))]:
        del os.environ[name]
    os.environ["UV_PYTHON_DOWNLOADS"] = "never"
    options = _options(sys.argv[1:])
    places = Places()
    try:
        done: bool = options.does(places, options)
    except Trouble as error:
        print(f"{options.name}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\n{options.name}: interrupted; run it again to go on", file=sys.stderr)
        return 130
    return 0 if done else 1


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = _parser()
    options, unknown = parser.parse_known_args(words)
    if unknown:
        # The parser itself would show the usage of all that lies here instead of what was called.
        options.usage(f"unrecognized arguments: {' '.join(unknown)}")
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="appliance", description="Auther Embedded on this machine")
    verbs = parser.add_subparsers(dest="name", required=True)
    add = verbs.add_parser(
        "install", prog="scripts/install", description="Installs Auther Embedded, or upgrades it and keeps its data."
    )
    add.set_defaults(does=_install, usage=add.error)
    add.add_argument("--yes", action="store_true", help="ask nothing: what is not given here is taken as proposed")
    add.add_argument("--wheels", type=Path, metavar="DIR", help="offline, from a folder that scripts/wheelhouse made")
    add.add_argument("--extra", action="append", default=[], choices=("mediapipe", "tflite-runtime", "evaluate"))
    add.add_argument("--no-apt", action="store_true", help="leave the system's packages alone")
    for name in (*SETUP, *SETUP_FILES):
        add.add_argument(f"--{name}", help=f"for a first installation, as `auther setup --{name}`")
    for name in SETUP_FLAGS:
        add.add_argument(f"--{name}", action="store_true", help=f"likewise, as `auther setup --{name}`")
    add.add_argument("--uninstall", action="store_true", help="remove it; asks whether to erase the people's data")
    _erasing(add)
    remove = verbs.add_parser(
        "uninstall", prog="scripts/uninstall", description="Removes Auther Embedded from this machine."
    )
    remove.set_defaults(does=_uninstall, usage=remove.error)
    _erasing(remove)
    undo = verbs.add_parser(
        "rollback", prog="scripts/rollback", description="Goes back to the release before the current one."
    )
    undo.set_defaults(does=_rollback, usage=undo.error)
    undo.add_argument("--restore-data", action="store_true", help="with the data as they were before the upgrade")
    house = verbs.add_parser(
        "wheelhouse", prog="scripts/wheelhouse", description="Makes a folder for installing without a network."
    )
    house.set_defaults(does=_wheelhouse, usage=house.error)
    house.add_argument("folder", type=Path, metavar="DIR")
    here = wheelhouse.this_target()
    house.add_argument("--python", default=here.python, choices=machine.PYTHONS, help=f"[{here.python}]")
    house.add_argument("--machine", default=here.machine, choices=machine.MACHINES, help=f"[{here.machine}]")
    house.add_argument("--extra", action="append", default=[], choices=("mediapipe", "tflite-runtime", "evaluate"))
    return parser


def _erasing(parser: argparse.ArgumentParser) -> None:
    erase = parser.add_mutually_exclusive_group()
    keeps, erases = "the people's data and the configuration stay", "they are erased; without either it is asked"
    erase.add_argument("--keep-data", dest="erase", action="store_false", default=None, help=keeps)
    erase.add_argument("--erase-data", dest="erase", action="store_true", default=None, help=erases)


def _install(places: Places, options: argparse.Namespace) -> bool:
    if options.uninstall:
        return _uninstall(places, options)
    words = ["--yes"] if options.yes else []
    given = vars(options)
    words += [f"--{name}={value}" for name in SETUP if (value := given[name.replace("-", "_")]) is not None]
    words += [f"--{name}={_file(name, value)}" for name in SETUP_FILES if (value := given[name.replace("-", "_")])]
    words += [f"--{name}" for name in SETUP_FLAGS if given[name.replace("-", "_")]]
    extras = (*wheelhouse.EXTRAS, *options.extra)
    wheels = (CALLED_FROM / options.wheels).resolve() if options.wheels is not None else None
    ready = install(places, Wishes(source=SOURCE, wheels=wheels, extras=extras, apt=not options.no_apt, setup=words))
    print(summary(places, ready=ready))
    return ready


def _file(name: str, value: str) -> Path:
    path = (CALLED_FROM / value).resolve()
    if not path.is_file():
        raise Trouble(f"--{name}: {path}: there is no such file")
    return path


def _uninstall(places: Places, options: argparse.Namespace) -> bool:
    if os.geteuid() != 0:
        raise Trouble("this needs root: run it again with sudo in front")
    erase = options.erase
    if erase is None:
        if not sys.stdin.isatty():
            raise Trouble("keep or erase the people's data? Say so: --keep-data or --erase-data")
        erase = input("Erase the people's data and the configuration too? They can't be had back. [yes/NO] ") == "yes"
    print(uninstall(places, erase=erase))
    return True


def _rollback(places: Places, options: argparse.Namespace) -> bool:
    if os.geteuid() != 0:
        raise Trouble("this needs root: run it again with sudo in front")
    print(f"{rollback(places, restore=options.restore_data)} is current again.")
    return True


def _wheelhouse(_places: Places, options: argparse.Namespace) -> bool:
    target = wheelhouse.Target(options.python, options.machine)
    folder = (CALLED_FROM / options.folder).resolve()
    wheelhouse.gather(SOURCE, folder, target=target, extras=(*wheelhouse.EXTRAS, *options.extra))
    print(f"{folder}: everything for {target}. There: sudo scripts/install --wheels DIR")
    return True


if __name__ == "__main__":
    sys.exit(main())
