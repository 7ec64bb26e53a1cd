"""Makes a Postman collection (v2.1) of the terminal's description: one request a call, key and address as variables.

python3 scripts/postman.py openapi.json > auther-embedded.postman_collection.json
"""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def main(argv: Sequence[str]) -> int:
    """Read the description named, write the collection to standard output."""
    if len(argv) != 1:
        sys.stderr.write("expected one argument: the file with openapi.json\n")
        return 2
    try:
        made = collection(json.loads(Path(argv[0]).read_text(encoding="utf-8")))
    except OSError as error:
        sys.stderr.write(f"{argv[0]}: can't be read: {error.strerror}\n")
        return 1
    except (ValueError, LookupError, TypeError, AttributeError):
        sys.stderr.write(f"{argv[0]}: not the description that a terminal gives at /openapi.json\n")
        return 1
    sys.stdout.write(json.dumps(made, indent=2, ensure_ascii=False) + "\n")
    return 0


def collection(description: Mapping[str, Any]) -> dict[str, Any]:
    """The calls in folders by tag, as `description` has them."""
    folders: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in description["tags"]}
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            folders[operation["tags"][0]].append(_request(path, method, operation))
    return {
        "info": {
            "name": description["info"]["title"],
            "version": description["info"]["version"],
            "description": description["info"]["description"],
            "schema": SCHEMA,
        },
        "auth": {
            "type": "apikey",
            "apikey": [
                {"key": "key", "value": "Api-Key"},
                {"key": "value", "value": "{{apiKey}}"},
                {"key": "in", "value": "header"},
            ],
        },
        "variable": [{"key": "baseUrl", "value": "https://127.0.0.1:8443"}, {"key": "apiKey", "value": ""}],
        "item": [{"name": tag, "item": items} for tag, items in folders.items()],
    }


def _request(path: str, method: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    parameters = operation["parameters"]
    segments = PLACEHOLDER.sub(r":\1", path).strip("/").split("/")
    query = [_value(one, disabled=True) for one in parameters if one["in"] == "query"]
    request: dict[str, Any] = {
        "method": method.upper(),
        "description": operation["description"],
        "url": {
            "raw": "{{baseUrl}}/" + "/".join(segments),
            "host": ["{{baseUrl}}"],
            "path": segments,
            "query": query,
            "variable": [_value(one) for one in parameters if one["in"] == "path"],
        },
    }
    if operation.get("security") == []:
        request["auth"] = {"type": "noauth"}
    if "requestBody" in operation:
        example = operation["requestBody"]["content"]["application/json"]["example"]
        request["header"] = [{"key": "Content-Type", "value": "application/json"}]
        request["body"] = {"mode": "raw", "raw": json.dumps(example, indent=2, ensure_ascii=False)}
    return {"name": operation["summary"], "request": request}


def _value(parameter: Mapping[str, Any], **more: bool) -> dict[str, Any]:
    value = str(parameter["example"])
    return {"key": parameter["name"], "value": value, "description": parameter["description"], **more}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
