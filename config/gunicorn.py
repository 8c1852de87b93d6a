"""The web process, embedded and in a container: threads, because pages wait for the database more than for the CPU."""

import os
import shutil
import tempfile

worker_class = "gthread"
workers = 2
threads = 4
timeout = 60
# Asked to stop (SIGTERM), a process takes no new request and has so many seconds to answer those under way.
graceful_timeout = 30
max_requests = 5000
max_requests_jitter = 500
loglevel = "warning"
# Its default lies in the home folder of the user, which a container may not write.
control_socket_disable = True

# Each process writes what it counts into a file here, and /metrics adds them up, those of processes that ended included.
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _counts = tempfile.mkdtemp(prefix="four-metrics-")

    def on_exit(server) -> None:
        shutil.rmtree(_counts, ignore_errors=True)
