"""The page that a kiosk in a browser is: its terminal, and what stands there while there is none.

When the connection ends, the terminal is hidden at once (a visitor's page may stand on it) and the
page is loaded anew as soon as the server answers; after the PIN only when somebody asks for it.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

from pm_tui import i18n
from pm_tui.config.kiosk import KioskSettings
from pm_tui.i18n import _

# what a connection is closed with
ENDED, AGAIN = 4000, 4001  # by the PIN; however else

_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="{base}/static/css/xterm.css">
<style>
body {{ margin: 0; background: #121212; color: #e0e0e0; font: 24px sans-serif; overflow: hidden; }}
#words {{ position: absolute; inset: 0; padding: 10vh 8vw; z-index: 10; background: #121212; }}
#words p {{ margin: 0 0 1em; }}
#words button {{ font: inherit; padding: 0.6em 1.5em; display: none; }}
body.-over #words button {{ display: inline-block; }}
body.-first-byte #words {{ display: none; }}
body.-closed #words {{ display: block; }}
body.-closed #terminal {{ visibility: hidden; }}
</style>
<script>
const EVERY = 60000;
function again() {{
  const now = Date.now(), last = Number(sessionStorage.getItem("began") || 0);
  let pause = Number(sessionStorage.getItem("pause") || 500);
  pause = now - last > EVERY ? 500 : Math.min(pause * 2, 30000);
  sessionStorage.setItem("pause", pause);
  setTimeout(look, pause);
}}
function look() {{
  fetch(location.href, {{cache: "no-store"}}).then(
    answer => answer.ok ? location.reload() : setTimeout(look, 2000),
    () => setTimeout(look, 2000));
}}
sessionStorage.setItem("began", Date.now());
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {{
  constructor(...told) {{
    super(...told);
    this.addEventListener("message", () => document.querySelector("#terminal textarea")?.focus(),
      {{once: true}});
    this.addEventListener("close", event => {{
      document.getElementById("terminal").replaceChildren();
      document.body.classList.add("-closed");
      if (event.code === {ended}) document.body.classList.add("-over");
      else again();
    }});
  }}
}};
</script>
<script src="{base}/static/js/textual.js"></script>
</head>
<body>
<div id="words">{words}<button onclick="location.reload()">{start}</button></div>
<div id="terminal" class="textual-terminal"
 data-session-websocket-url="{socket}" data-font-size="{size}"></div>
</body>
</html>
"""


def page(kiosk: KioskSettings, url: str, size: int) -> str:
    """For a browser that asks for `url` (without a slash at its end), with letters of `size`
    pixels."""
    told = html.escape(url, quote=True)
    words = [*_in_each(kiosk.languages), kiosk.phone]
    return _PAGE.format(
        language=kiosk.languages[0],
        title=html.escape(kiosk.desk),
        base=told,
        socket="ws" + told.removeprefix("http") + "/ws",
        size=size,
        ended=ENDED,
        words="".join(f"<p>{html.escape(one)}</p>" for one in words if one),
        start="&#9654;",
    )


def _in_each(languages: Sequence[str]) -> list[str]:
    """The words of waiting in every language of the desk; that of this process stays."""
    before, found = i18n.language(), []
    for language in languages:
        i18n.use(language)
        found.append(_("One moment, please: this starts again by itself."))
    i18n.use(before)
    return found
