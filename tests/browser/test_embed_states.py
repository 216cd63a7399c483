"""The embed in every state: axe finds nothing, nothing scrolls sideways or is cut, in light, dark, Arabic and large."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.conftest import Come
from tests.browser.embed_states import Place, states
from tests.browser.measured import LOOKS, faults
from tests.browser.publisher import Publisher, newspaper
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]

STATES = 26


@pytest.fixture(scope="module")
def publisher(product: Running) -> Iterator[Publisher]:
    with newspaper(product, "mirror", "The Mirror") as found:
        yield found


@pytest.mark.parametrize("lang", LOOKS)
def test_the_embed_stands_right_in_whatever_state_it_is(
    product: Running, publisher: Publisher, come: Come, lang: str
) -> None:
    reader = come()
    found: dict[str, list[str]] = {}
    for state in states(Place(reader, product, publisher, "mirror", lang)):
        root = reader.evaluate_handle(
            "document.querySelector('greenroom-comments').shadowRoot.lastElementChild"
        )
        assert root.evaluate("(section) => section.dir") == ("rtl" if lang == "ar" else "ltr"), state
        assert state not in found
        found[state] = faults(reader, root, lang)
    assert {state: wrong for state, wrong in found.items() if wrong} == {}
    assert len(found) == STATES
