"""The key of a device's API, from the YAML that it was made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .ports import PortError


def api_key(path: Path) -> str | None:
    """Return what stands at `api: encryption: key:`; None when the API is not encrypted.

    Through ESPHome itself, so packages, substitutions and !secret count. PortError when that fails.
    """
    if not path.is_file():
        raise PortError(f"there is no {path}")
    api = _load(path).get("api")
    if not isinstance(api, dict) or "encryption" not in api:
        return None
    encryption = api["encryption"]
    key = encryption.get("key") if isinstance(encryption, dict) else None
    if not isinstance(key, str):
        raise PortError(f"{path} has 'api: encryption:' without a key. Give it with --key")
    return key


def _load(path: Path) -> dict[str, Any]:
    # It takes a second to import, and is needed only here.
    from esphome import yaml_util
    from esphome.components.packages import do_packages_pass, merge_packages
    from esphome.components.substitutions import do_substitution_pass
    from esphome.core import CORE, EsphomeError
    from voluptuous import Invalid

    CORE.config_path = path
    try:
        config = yaml_util.load_yaml(path)
        if not isinstance(config, dict):
            raise PortError(f"{path} is not the YAML of a device")
        config = do_substitution_pass(do_packages_pass(config))
        return merge_packages(config)
    except (EsphomeError, Invalid, OSError) as error:
        raise PortError(f"{path} cannot be read: {error}") from error
