"""The commented configuration file that `pm-tui config example` prints."""

from __future__ import annotations

from pm_tui.i18n import _


def template() -> str:
    """A file with every setting in it, all commented out: valid TOML that changes nothing."""
    return "".join(f"{line}\n" for line in _lines())


def _lines() -> list[str]:
    return [
        "# " + _("Settings of pm-tui. Command-line flags and PM_TUI_… variables come before it."),
        "",
        "# " + _("the profile used when --profile names none"),
        '# profile = "staging"',
        "",
        "# " + _("where the API answers; https, or http to this machine itself"),
        '# base_url = "https://api.petitmonde.energy/api/v1/client"',
        '# fleet_url = "https://api.petitmonde.energy/api/v1/fleet"',
        "",
        "# " + _("the API key, in one of four forms; without any the sandbox is started"),
        "# " + _("plain text: the file must then be yours and closed to others (chmod 600)"),
        '# api_key = "…"',
        "# " + _("a file that holds nothing else"),
        '# api_key_file = "~/.secrets/pm-tui"',
        "# " + _("a program that prints it, run without a shell, 10 seconds at most"),
        '# api_key_command = ["pass", "show", "petitmonde"]',
        "# " + _("the system's key ring: pip install 'pm-tui[keyring]'"),
        '# api_key_keyring = "pm-tui/production"',
        "",
        "# " + _("the viewer's time zone; charger times are shown in the charger's own"),
        '# timezone = "Europe/Berlin"',
        "# " + _("en or de; without it the locale decides"),
        '# language = "de"',
        '# theme = "textual-dark"',
        "# mouse = true",
        "# offline = false",
        "# sandbox = false",
        '# cache_dir = "~/.cache/pm-tui"',
        '# state_dir = "~/.local/state/pm-tui"',
        "",
        "# " + _("a search asked again within this time is answered from memory while it is asked"),
        '# search_age = "5 min"',
        "# " + _("how long a figure is shown as what it is; then as what it was, with its age"),
        '# status_age = "2 min"',
        '# booking_age = "15 min"',
        '# price_age = "1 d"',
        '# address_age = "30 d"',
        "",
        "# " + _("home chargers at ev.energy: a token, or a client's id and secret; both may be"),
        "# " + _("named in the four forms of the API key (home_secret_file and so on)"),
        '# home_token = "…"',
        '# home_client_id = "…"',
        '# home_secret_command = ["pass", "show", "ev-energy"]',
        '# home_url = "https://api.ev.energy/v2"',
        '# home_token_url = "https://api.ev.energy/o/token/"',
        "# home_secret_in_form = false",
        "# " + _("only one user's chargers: the user's id, sent as such or as an address"),
        '# home_user = "user…"',
        "# home_user_as_url = false",
        "# " + _("a charger whose last sample is older than this counts as out of reach"),
        '# home_reach = "15 min"',
        "",
        "# "
        + _("reports: where a month begins and ends, and how external_id is read, in this order"),
        "# [report]",
        '# timezone = "Europe/Berlin"',
        '# patterns = ["visitor-{desk}-{date}", "{group:group_*}-{driver}-{date}", '
        '"{department}-{employee}-{date}"]',
        "# "
        + _("what a report points at; false leaves one out. price and count: times the usual;"),
        "# " + _("no_show: percent; token: time between two places; least: bookings of a usual"),
        "# [report.anomalies]",
        "# overlap = true",
        "# price = 3",
        "# count = 3",
        "# weekend = true",
        '# night = "22:00-05:00"',
        "# no_show = 20",
        "# visitor = true",
        '# token = "0 min"',
        "# least = 5",
        "",
        "# " + _("One table an account. Its values come before those above, and its caches are"),
        "# " + _("kept under its name, so that they outlive a change of the key."),
        "# [profiles.staging]",
        '# api_key_command = ["pass", "show", "petitmonde-staging"]',
        "",
    ]
