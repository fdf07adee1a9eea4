"""How many places threads take their memory from.

glibc gives up to eight threads to a processor an arena each, and what one of them has held it does not give to the
others: the threads of a scan, which mostly wait for sites, would hold some ten megabytes that way. Two are enough
where one interpreter lock lets one thread run at a time. Other C libraries have no such arenas, and nothing to set.
"""

import ctypes
from functools import cache

_M_ARENA_MAX = -8
_ARENAS = 2


@cache
def share_arenas() -> bool:
    """Let all threads that are started from now on share two arenas; False where the C library cannot."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and mallopt(_M_ARENA_MAX, _ARENAS) == 1
