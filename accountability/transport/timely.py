"""A session of requests that waits no longer than ten seconds, for libraries that would wait for ever."""

import requests

SECONDS = 10


class TimelySession(requests.Session):
    def request(self, method, url, **kwargs):
        kwargs.setdefault("timeout", SECONDS)
        return super().request(method, url, **kwargs)
