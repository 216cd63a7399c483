"""How the desk looks in states that take some doing to come to: measured as all our pages are."""

from __future__ import annotations

import pytest

from tests.browser.browsing import open_queue
from tests.browser.conftest import Come
from tests.browser.desk_states import states
from tests.browser.test_looks import assert_looks_right
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_the_desk_looks_right_in_whatever_state_it_is(product: Running, come: Come) -> None:
    moderator = come()
    open_queue(moderator, product)
    seen = set()
    for state in states(moderator, product):
        assert_looks_right(moderator, state)
        seen.add(state)
    assert len(seen) >= 16
