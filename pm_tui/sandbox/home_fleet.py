"""The home chargers of the sandbox: makes, models, users and 300 devices, the same for a seed.

Two ages of the object (contract/evenergy-v2.md §10, §13): every third charger answers without the
fields that came later.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace

DEVICES = 300
_MAKES = {
    "Nordlade": (("Fjord 11", 11_000), ("Fjord 22", 22_000)),
    "Heimwerk": (("Laderaum", 11_000), ("Laderaum Mini", 3_700)),
    "Voltaris": (("Arc One", 7_400), ("Arc Pro", 11_000)),
    "Amperio": (("Casa", 7_400),),
    "Ladewolf": (("Rudel X", 22_000), ("Welpe", 3_700)),
}
_FIRST = ("Anna", "Ben", "Clara", "David", "Elif", "Finn", "Greta", "Hakan", "Ida", "Jonas")
_LAST = ("Albers", "Brandt", "Conrad", "Demir", "Ernst", "Frank", "Gross", "Haas", "Jansen", "Kern")
_TOWNS = ((52.52, 13.40), (48.14, 11.58), (53.55, 9.99), (50.94, 6.96), (48.78, 9.18))
DEVICES_EACH = 3  # of a user


@dataclass(frozen=True, slots=True)
class Make:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Model:
    id: str
    name: str
    make: Make
    watts: int


@dataclass(frozen=True, slots=True)
class User:
    id: str
    name: str
    email: str | None


@dataclass(frozen=True, slots=True)
class Device:
    number: int
    id: str
    model: Model
    user: User
    latitude: float
    longitude: float

    @property
    def is_old(self) -> bool:
        """Answers in the older shape."""
        return self.number % 3 == 0


def number_of(*parts: object) -> int:
    """A number that chance seems to have drawn, the same for the same parts."""
    text = "/".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=6).digest())


def new_id(prefix: str, seed: int, number: int) -> str:
    """An id of its collection, sortable by `number` (§8)."""
    digest = hashlib.blake2b(f"{seed}/{prefix}/{number}".encode(), digest_size=10).digest()
    return f"{prefix}{number:010d}{base64.b32encode(digest).decode()[:16]}"


class Fleet:
    """`size` devices of `seed`; each is made when it is asked for."""

    def __init__(self, seed: int, size: int = DEVICES) -> None:
        self.seed = seed
        self.models: list[Model] = []
        self.makes: list[Make] = []
        for name, models in _MAKES.items():
            make = Make(new_id("emak", seed, len(self.makes)), name)
            self.makes.append(make)
            for model, watts in models:
                model_id = new_id("emod", seed, len(self.models))
                self.models.append(Model(model_id, model, make, watts))
        self.users: list[User] = []
        self.devices: list[Device] = []
        self.by_id: dict[str, Device] = {}
        self.by_user: dict[str, list[Device]] = {}
        self.resize(size)

    def resize(self, size: int) -> None:
        self.users = [self._user(number) for number in range(max(size // DEVICES_EACH, 1))]
        self.devices = [self._device(number) for number in range(size)]
        self.by_id = {device.id: device for device in self.devices}
        self.by_user = {user.id: [] for user in self.users}
        for device in self.devices:
            self.by_user[device.user.id].append(device)

    def add(self, user_id: str) -> Device:
        """One more at the end, a user's; `KeyError` for a user that is not known."""
        user = self.by_user[user_id][0].user
        device = replace(self._device(len(self.devices)), user=user)
        self.devices.append(device)
        self.by_id[device.id] = device
        self.by_user[user_id].append(device)
        return device

    def _user(self, number: int) -> User:
        first, last = _FIRST[number % len(_FIRST)], _LAST[number // len(_FIRST) % len(_LAST)]
        again = number // (len(_FIRST) * len(_LAST)) or ""
        email = f"{first}.{last}{again}@example.org".lower() if number % 17 else None
        return User(new_id("user", self.seed, number), f"{first} {last}", email)

    def _device(self, number: int) -> Device:
        chance = number_of(self.seed, "device", number)
        latitude, longitude = _TOWNS[chance % len(_TOWNS)]
        return Device(
            number,
            new_id("evse", self.seed, number),
            self.models[chance // 7 % len(self.models)],
            self.users[number % len(self.users)],
            round(latitude + (chance % 997 - 500) / 5000, 5),
            round(longitude + (chance % 991 - 500) / 4000, 5),
        )
