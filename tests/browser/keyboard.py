"""Somebody without a mouse: reaches things by Tab and by their names, never loses the focus, and hears what is said."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

TABS_AT_MOST = 80
# What has the focus, looked for in shadow roots too; nothing where it went to the page's body or stays at a host.
STANDS_AT = """() => {
    let at = document.activeElement;
    while (at?.shadowRoot) at = at.shadowRoot.activeElement;
    return at && at !== document.body ? at.outerHTML.slice(0, 120) : null;
}"""
# Every sentence that came into a live region of the comments, in the order in which it came.
LISTEN = """(element) => {
    window.heard = [];
    const REGION = "[role=status], [role=alert]";
    new MutationObserver((changes) => {
        const regions = changes.flatMap(({ target, addedNodes }) => [
            (target.closest ? target : target.parentElement).closest(REGION),
            ...[...addedNodes].flatMap((node) => (node.querySelectorAll ? [node, ...node.querySelectorAll("*")] : [])),
        ]);
        for (const region of new Set(regions)) {
            if (region?.matches(REGION) && region.textContent.trim()) window.heard.push(region.textContent.trim());
        }
    }).observe(element.shadowRoot, { childList: true, subtree: true, characterData: true });
}"""


class Keyboard:
    """At a page whose comments are there already."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.locator("greenroom-comments").evaluate(LISTEN)

    def go_to(self, target: Locator, *, back: bool = False) -> None:
        """By Tab alone. Fails where that leads round the page without coming to it."""
        for _ in range(TABS_AT_MOST):
            if target.evaluate("(each) => each.matches(':focus')"):
                return
            self.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"not reached by Tab: {target}; stands at {self.page.evaluate(STANDS_AT)}")

    def do(self, target: Locator, key: str = "Enter", *, back: bool = False) -> None:
        """Go to it and press a key there."""
        self.go_to(target, back=back)
        self.press(key)

    def write(self, target: Locator, text: str, *, back: bool = False) -> None:
        """Go to a field and write, instead of what is in it."""
        self.go_to(target, back=back)
        self.press("Control+a")
        self.page.keyboard.type(text)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def stands_at(self, target: Locator) -> None:
        expect(target).to_be_focused()

    def stands_somewhere(self) -> None:
        assert self.page.evaluate(STANDS_AT) is not None, "the focus is lost"

    def heard(self, sentence: str) -> None:
        """Wait until this was said in a live region; what was said before does not count again."""
        self.page.wait_for_function("(sentence) => heard.includes(sentence)", arg=sentence)
        self.page.evaluate("heard.length = 0")
        self.stands_somewhere()
