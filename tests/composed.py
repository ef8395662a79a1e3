"""compose.yaml as Docker reads it: variables filled in, profiles chosen."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
VARIABLE = re.compile(r"\$\{([A-Z_]+):-([^}]*)\}")


def filled(value: Any, variables: dict[str, str]) -> Any:
    if isinstance(value, str):
        return VARIABLE.sub(lambda found: variables.get(found[1]) or found[2], value)
    if isinstance(value, list):
        return [filled(one, variables) for one in value]
    if isinstance(value, dict):
        return {key: filled(one, variables) for key, one in value.items()}
    return value


def text() -> str:
    return (ROOT / "compose.yaml").read_text()


def settings_of(file: Path) -> dict[str, str]:
    """Of a file such as .env."""
    lines = [line for line in file.read_text().splitlines() if "=" in line and line[0] != "#"]
    return dict(line.split("=", 1) for line in lines)


def grown() -> dict[str, str]:
    return settings_of(ROOT / "deploy" / "scale.env")


def composed(variables: dict[str, str]) -> dict[str, Any]:
    whole: dict[str, Any] = filled(yaml.safe_load(text()), variables)
    return whole


def services(variables: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Those that `docker compose up` starts, where these stand in .env."""
    chosen = set(variables.get("COMPOSE_PROFILES", "").split(","))
    every = composed(variables)["services"].items()
    return {
        name: service
        for name, service in every
        if copies(service) and (not service.get("profiles") or chosen & set(service["profiles"]))
    }


def copies(service: dict[str, Any]) -> int:
    return int(service.get("deploy", {}).get("replicas", 1))
