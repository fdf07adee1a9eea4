"""Post-return surveys, review monitoring and early alerts for online shops."""

import sys

# structlog draws tracebacks with rich where that is installed, as it is beside developers' tools: with the values of
# variables, which are what customers wrote and have no place in a log, and for 8 MB in each process. With None in its
# place an import of it fails as if it were not there.
sys.modules.setdefault("rich", None)  # type: ignore[arg-type]  # as the import system documents it


__version__ = "0.1.0"
# httpx loads a command line of its own where click and pygments are there: two megabytes in every process, for nothing.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # as the import system documents it
