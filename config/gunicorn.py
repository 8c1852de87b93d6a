"""The web process, embedded and in a container: threads, because pages wait for the database more than for the CPU."""

worker_class = "gthread"
workers = 2
threads = 4
timeout = 60
graceful_timeout = 5
max_requests = 5000
max_requests_jitter = 500
loglevel = "warning"
# Its default lies in the home folder of the user, which a container may not write.
control_socket_disable = True
