"""The commented configuration file that `pm-tui config example` prints."""

from __future__ import annotations

from pm_tui.i18n import _


def template() -> str:
    """A file with every setting in it, all commented out: valid TOML that changes nothing."""
    return "".join(f"{line}\n" for line in _lines())


def _lines() -> list[str]:
    return [*_account(), *_screen(), *_home(), *_month(), *_kiosk()]


def _account() -> list[str]:
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
    ]


def _screen() -> list[str]:
    return [
        "# " + _("the viewer's time zone; charger times are shown in the charger's own"),
        '# timezone = "Europe/Berlin"',
        "# " + _("en or de; without it the locale decides"),
        '# language = "de"',
        "# " + _("auto follows the terminal's light or dark; or pm-tui, pm-tui-light,"),
        "# " + _("pm-tui-contrast, or one of Textual's"),
        '# theme = "auto"',
        "# "
        + _("borders and marks without signs that not every terminal has; true, false or auto"),
        '# ascii = "auto"',
        "# " + _("fewer bytes to the terminal; true, false or auto (over SSH)"),
        '# lean = "auto"',
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
    ]


def _home() -> list[str]:
    return [
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
    ]


def _month() -> list[str]:
    return [
        "# "
        + _("keys of your own, by the ids that “pm-tui config keys” lists; preset: default or vi"),
        "# [keys]",
        '# preset = "vi"',
        '# find.book = "B"',
        '# table.sort = ["s", "f9"]',
        "# find.star = []  # " + _("no key: the palette has it still"),
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
        "# " + _("whether the full screen remembers view, search, columns, order and drafts"),
        "# [memory]",
        "# on = true",
        "",
        "# " + _("budgets of a month, by the names that references hold; * is everybody else"),
        "# [caps]",
        '# currency = "EUR"',
        "# warn_at = 80",
        "# [caps.employee]",
        "# emp042 = 250",
        '# "*" = 150.50',
        "# [caps.department]",
        "# sales = 5000",
        "# [caps.group]",
        "# group_field = 1200",
        "",
        "# " + _("how a booking that is confirmed, lost or about to start calls you; desktop:"),
        "# " + _("auto, osc9, osc777, osc99 (what the terminal understands) or off"),
        "# [notices]",
        "# bell = true",
        '# desktop = "auto"',
        "",
    ]


def _kiosk() -> list[str]:
    return [
        "# " + _("a kiosk for visitors: pm-tui kiosk setup writes this table, the PIN as a hash"),
        "# [kiosk]",
        '# desk = "reception"',
        "# " + _("where the site's chargers are; with locations only those of them"),
        "# point = [52.52, 13.405]",
        "# radius = 1.0",
        '# locations = ["DE-ENB-E123456"]',
        '# languages = ["de", "en"]',
        "# " + _("without hours it is always open; fri 19:00-07:00 goes on until Saturday"),
        '# hours = ["mon-fri 07:00-19:00", "sat 09:00-13:00"]',
        '# longest = "4 h"',
        "# " + _("whom a visitor calls when something goes wrong"),
        '# phone = "+49 30 …"',
        "# " + _("what a visitor may leave: nothing, name or plate; never sent and never stored"),
        '# ask = "nothing"',
        "# " + _("a program that gets the visitor's slip on its standard input"),
        '# print_command = ["lp", "-d", "desk"]',
        "",
        "# " + _("One table an account. Its values come before those above, and its caches are"),
        "# " + _("kept under its name, so that they outlive a change of the key."),
        "# [profiles.staging]",
        '# api_key_command = ["pass", "show", "petitmonde-staging"]',
        "",
    ]
