"""An uploaded file confirmed on its page, and the worker's part of it."""

from accountability.models import Job
from accountability.services import jobs


def work_off() -> Job:
    """What the worker makes of the import confirmed last."""
    job = Job.objects.filter(kind__endswith="_import").latest("created_at", "pk")
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def confirmed(client, address: str) -> str:
    """Confirmed and written; the page after it."""
    answer = client.post(f"{address}confirm/")
    assert (answer.status_code, answer["Location"]) == (302, address)
    job = work_off()
    assert job.state == Job.State.DONE, job.error
    return client.get(address).content.decode()
