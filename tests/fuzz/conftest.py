import logging

import pytest


@pytest.fixture
def silence():
    """Thousands of refusals would fill the screen; the tests that follow hear again."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
