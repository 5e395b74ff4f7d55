"""Files for a person, as `cache.files` writes them."""

from pm_tui.cache.files import named as named
from pm_tui.cache.files import write_private as write_private
