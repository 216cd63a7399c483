"""Signing in with a real browser: what it takes as a cookie, and that no script is needed."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Come
from tests.product.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_a_moderator_signs_in_without_scripts_and_stays_signed_in(product: Running, come: Come) -> None:
    page = come(java_script_enabled=False)
    page.goto(f"{product.url}/moderation")
    expect(page.get_by_label("Your token")).to_be_focused()
    page.get_by_label("Your token").fill("grt_wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not known here")
    page.get_by_label("Your token").fill(product.admin_token)
    page.get_by_label("Your token").press("Enter")
    expect(page.locator("#filters")).to_be_visible()
    assert page.url == f"{product.url}/moderation"
    [cookie] = page.context.cookies()
    assert cookie["name"] == "__Host-greenroom"
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Strict")
    # It ends with the browser.
    assert cookie["expires"] == -1
    page.goto(f"{product.url}/moderation")
    expect(page.get_by_label("Your token")).to_have_count(0)
    page.context.clear_cookies()


def test_a_script_of_ours_may_change_something_and_signs_out(product: Running, come: Come) -> None:
    page = come()
    page.goto(f"{product.url}/moderation")
    page.get_by_label("Your token").fill(product.admin_token)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#filters")).to_be_visible()
    ask = """async ([csrf, path]) => {
        const me = await (await fetch("/v1/admin/me")).json();
        const headers = csrf ? { "X-CSRF-Token": me.csrf } : {};
        return (await fetch(path, { method: "POST", headers })).status;
    }"""
    path = "/v1/admin/people/nobody-at-all/revoke"
    assert page.evaluate(ask, [False, path]) == 403
    assert page.evaluate(ask, [True, path]) == 404
    assert page.evaluate(ask, [True, "/moderation/sign-out"]) == 200
    assert page.context.cookies() == []
    page.goto(f"{product.url}/moderation")
    expect(page.get_by_label("Your token")).to_be_visible()


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_form_fits_every_width(product: Running, come: Come, width: int) -> None:
    page = come(viewport={"width": width, "height": 700})
    page.goto(f"{product.url}/moderation")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    box = page.get_by_role("button", name="Sign in").bounding_box()
    assert box is not None
    assert box["height"] >= 44
