"""A process that does nothing but scan, and prints how much memory that took: it must not import what it is beside.

`python -m tests.bench.scanning_process FOLDER FEEDS`
"""

import sys
from datetime import timedelta
from pathlib import Path

from feedback_service import logs
from feedback_service.bootstrap import build
from feedback_service.clock import ManualClock
from feedback_service.settings import load_settings
from feedback_service.sources.registry import make_all_due
from jobs import scan_sources
from tests.support.builders import NOW, SECRET


def peak_of_a_scan(folder: Path, feeds: int) -> float:
    """Read all feeds of the installation in `folder` once; return the most megabytes that were resident."""
    logs.configure("warning", "text")
    settings = load_settings({}, instance=folder, secret_key=SECRET, fetch_allow_private="127.0.0.0/8")
    services = build(settings).with_clock(ManualClock(NOW + timedelta(days=7)))
    with services.database.writing() as session:
        make_all_due(session, services.clock.now())
    assert scan_sources.run(services) == feeds
    services.close()
    # Not getrusage: a child inherits the peak of the process that started it.
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1000


if __name__ == "__main__":
    print(peak_of_a_scan(Path(sys.argv[1]), int(sys.argv[2])))
