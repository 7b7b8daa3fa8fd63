"""Every page of the console: axe-core finds nothing serious, names for everything, light and dark, desktop and phone."""

import json
import pathlib

import pytest
from playwright.sync_api import expect

from console import Console
from test_accessibility import FLAWS, LOOKS

AXE = pathlib.Path(__file__).parent / "clients/node_app/node_modules/axe-core/axe.min.js"
# Best practices of its authors that are no part of WCAG are left out.
RUN_AXE = """async () => {
  const told = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });
  return told.violations.map((v) => `${v.impact}: ${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 140)).join(' | ')}`);
}"""
SECTIONS = [
    "", "/applications", "/applications/new", "/apis", "/apis/new", "/roles", "/roles/new", "/users", "/users/new", "/users?q=zz", "/users?status=active", "/users?q=nofield%3Ax",
    "/users/import", "/groups", "/groups/new", "/branding", "/emails", "/emails/sign-in?language=ja", "/security", "/domains", "/domains/new", "/team", "/api-keys", "/api-keys/new", "/signing-keys", "/audit",
]  # fmt: skip


def walk(console):
    """Through every page, yielding a name at each; things are made on the way, so that no page is empty."""
    page = console.page
    for section in SECTIONS:
        console.open(section)
        for frame in page.frames[1:]:
            frame.locator("body").wait_for()
        yield section.strip("/").replace("/", "-").replace("?", "-") or "overview"
    console.open("/applications/new").fill("Callback URLs", "http://shop.example/cb").press("Create application")
    # The name is missing too, which the browser asks for first.
    page.evaluate("document.querySelector('#name').form.noValidate = true")
    console.press("Create application")
    console.hosted.sees("#error")
    yield "application-wrong"
    console.fill("Name", "Shop").fill("Callback URLs", "https://shop.example/cb").press("Create application").sees_news()
    yield "credentials-new"
    console.follow("Settings")
    yield "application"
    console.follow("Quick start")
    yield "quickstart"
    console.open("/apis/new").fill("Name", "Messages").fill("Identifier (audience)", "https://messages.example").press("Create API")
    console.fill("Permission", "read:messages").press("Add permission").sees_news()
    yield "api"
    console.open("/roles/new").fill("Name", "reader").press("Create role").sees_news()
    yield "role"
    console.open("/groups/new").fill("Name", "Staff").press("Create group").sees_news()
    console.fill("Email or user name", "ada@example.com").press("Add to group").sees_news()
    page.get_by_label("Role", exact=True).select_option("reader")
    console.press("Give role").sees_news()
    yield "group"
    console.open("/users/import")
    users = [{"email": "grace@example.org", "name": "Grace Hopper"}, {"email": "no address"}]
    page.get_by_label("File", exact=True).set_input_files({"name": "users.json", "mimeType": "application/json", "buffer": json.dumps(users).encode()})
    console.press("Start the import").sees_news()
    expect(page.locator("#report[data-state=done]")).to_be_visible(timeout=30_000)
    yield "users-import-report"
    console.open("/domains")
    page.locator(".dc-row-link").first.click()
    yield "domain"
    console.open("/domains")
    page.get_by_role("listitem").filter(has_text="Auth0").locator(".dc-row-link").first.click()
    yield "domain-of-an-accent"
    console.open("/mail-server")
    yield "mail-server-none"
    console.fill("Server", "127.0.0.1").fill("Port", "1")
    page.locator("#username").fill("acme")
    page.locator("#password").fill("a secret of the mail server")
    console.press("Save").sees_news()
    yield "mail-server"
    console.open("/applications/new").fill("Name", "Job").choose("Machine to machine").press("Create application").sees_news()
    page.locator(".dc-tabs a[href$='/apis']").click()
    yield "application-apis"
    console.open("/users")
    console.follow("Ada Lovelace")
    yield "user"
    console.open("/users?q=grace").follow("Grace Hopper")
    page.locator("#sanction").click()
    console.fill("Reason", "Insulted others, twice").press("Impose a sanction").sees_news()
    page.locator("#sanction").click()
    yield "user-sanctioned"
    console.open("/audit").press("Verify the chain")
    yield "audit-checked"


@pytest.mark.any_database
@pytest.mark.parametrize("look", LOOKS)
def test_every_page(own_server, person, screens, look):
    ada = person(has_touch=look == "phone", **LOOKS[look])
    # A form that came back and pages that say that something is not there are answered with 4xx, on purpose.
    ada.expects_problem(r"4(04|22)")
    console = Console(ada, own_server).first_run()
    flaws = {}
    for name in walk(console):
        ada.page.screenshot(path=screens / f"console-{name}-{look}.png", full_page=True)
        found = ada.page.evaluate(FLAWS)
        ada.page.evaluate(AXE.read_text())
        found += ada.page.evaluate(RUN_AXE)
        if found:
            flaws[name] = found
    assert not flaws, "\n".join(f"{name}: {flaw}" for name, found in flaws.items() for flaw in found)
