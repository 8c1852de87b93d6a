"""指标 for Prometheus at /metrics: what was asked of the web processes, and how the installation stands. No content, no names.

Two kinds, for two reasons. What happens inside a process (requests, their time, failed log-ins) is counted there; gunicorn
runs several, so each writes its numbers into a file of a folder they share (PROMETHEUS_MULTIPROC_DIR, made by
config/gunicorn.py) and whichever is asked adds all of them up, those of processes that ended included. What stands in the
database (jobs, deliveries, heartbeats, sessions, backup, audit) is counted there at the moment of the question, so it is the
same whoever answers.
"""
