import pytest

from tests.matrix import objects


@pytest.fixture
def laid(people) -> objects.Laid:
    """What each college and the school own, by the name of the address that shows it."""
    return objects.laid(people)
