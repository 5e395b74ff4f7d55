"""Keys of one's own: the table `[keys]`. Which ids and keys there are only the screen knows, so
that what is said here in a right form but means nothing is told there and stops no work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pm_tui.config.errors import ConfigError, nearest
from pm_tui.i18n import _

PRESETS = ("default", "vi")


@dataclass(frozen=True, slots=True)
class KeySettings:
    """`keys` by the id of a binding, as they are written; `place` is the table's, for messages."""

    preset: str = PRESETS[0]
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    place: str = field(default="", compare=False)

    def __bool__(self) -> bool:
        return bool(self.keys) or self.preset != PRESETS[0]


def check(value: object, place: str) -> KeySettings:
    """The table `[keys]`: `preset`, and one key or a list of them an id (`find.book = "B"`); `""`
    and `[]` take its keys away."""
    if not isinstance(value, dict):
        raise ConfigError(_("{place}: a table is needed: [keys]").format(place=place))
    told = dict(value)
    preset = told.pop("preset", PRESETS[0])
    if preset not in PRESETS:
        raise ConfigError(
            _("{place} preset: there are {known}").format(place=place, known=", ".join(PRESETS))
            + nearest(str(preset), PRESETS)
        )
    return KeySettings(preset, dict(_flat(told, "", place)), place)


def _flat(
    table: Mapping[str, object], above: str, place: str
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """TOML reads `find.book` without quotes as a table in a table."""
    for name, told in table.items():
        if isinstance(told, dict):
            yield from _flat(told, f"{above}{name}.", place)
        else:
            yield above + name, _keys(told, f"{place} {above}{name}")


def _keys(told: object, place: str) -> tuple[str, ...]:
    if told in ("", []):
        return ()
    listed = told if isinstance(told, list) else [told]
    keys = [str(one) for one in listed if isinstance(one, str) or _is_digit(one)]
    if not keys or len(keys) < len(listed) or not all(key.strip() for key in keys):
        raise ConfigError(
            _(
                '{place}: a key or a list of keys is needed, such as "ctrl+b" or ["b", "f9"]; '
                "[] for none"
            ).format(place=place)
        )
    return tuple(key for one in keys for key in _split(one))


def _is_digit(one: object) -> bool:
    """`app.find = 1` means the key."""
    return isinstance(one, int) and not isinstance(one, bool) and 0 <= one <= 9


def _split(text: str) -> list[str]:
    return [text] if text == "," else [part.strip() for part in text.split(",") if part.strip()]
