"""The console, by clicking: the first run, and what the tutorials of other systems do in their dashboards."""

import json
import pathlib
import re

import pytest
import requests
from playwright.sync_api import expect

from console import Console
from pages import path_of


@pytest.fixture
def owner(own_server, person):
    return Console(person(), own_server).first_run()


def test_first_run_ends_in_a_passkey_that_signs_in(owner, person, own_server):
    page = owner.page
    expect(page.get_by_role("heading", name="Hello, Ada Lovelace")).to_be_visible()
    expect(page.locator(".dc-step-done")).to_contain_text(["Make a passkey", "Connect your first application"])
    # A passkey was offered, begun and made; nobody has used it yet.
    for stage, count in (("Offered", "1"), ("Started", "1"), ("Created", "1"), ("Used for the first time", "0")):
        expect(page.locator("#funnel tr").filter(has_text=stage).locator("td").last).to_have_text(re.compile(rf"^{count}\b"))
    # The printed link is used up.
    other = person()
    other.page.goto(own_server.info["console_url"])
    assert "/console" not in path_of(other.page.url)
    assert other.page.locator("#error").count() or not other.page.locator("main form[action='/signin/link']").count()
    # The passkey is what it takes from now on, and leads back to where the person wanted to go.
    page.locator("#sign-out").click()
    owner.hosted.wait_until(lambda: owner.hosted.at("#signout-confirm") or path_of(page.url) != "/console")
    if owner.hosted.at("#signout-confirm"):
        owner.hosted.click("#signout-confirm")
    owner.open("/users")
    owner.hosted.press_passkey_button()
    owner.at("/console/users")
    owner.go("Overview")
    expect(page.locator("#funnel tr").filter(has_text="Used for the first time").locator("td").last).to_have_text(re.compile(r"^1\b"))


def test_a_web_application_with_an_api_and_a_role(owner, own_server, person):
    """What a tutorial with a web app and a protected API asks for: application, addresses, API with a permission, role, person."""
    page = owner.page
    owner.go("Applications").follow("New application").fill("Name", "Shop").choose("Regular web app").press("Create application").sees_news()
    client_id, secret = owner.copied("Client ID"), owner.copied("Client secret")
    assert len(client_id) > 10 and len(secret) > 20
    owner.follow("Settings")
    owner.fill("Callback URLs", "http://localhost:4040/callback").fill("Sign-out URLs", "http://localhost:4040")
    owner.press("Save changes").sees_news()

    owner.go("APIs").follow("New API").fill("Name", "Messages").fill("Identifier (audience)", "https://hello-world.example.com")
    owner.press("Create API").sees_news()
    owner.fill("Permission", "read:admin-messages").press("Add permission").sees_news()
    page.get_by_label("Check permissions (RBAC)").check()
    owner.press("Save changes").sees_news()

    owner.go("Roles").follow("New role").fill("Name", "messages-admin").press("Create role").sees_news()
    ours = page.get_by_role("group", name=re.compile("hello-world.example.com"))
    ours.get_by_label("read:admin-messages").check()
    owner.press("Save permissions").sees_news()
    owner.fill("Email or user name", "ada@example.com").press("Give role").sees_news()
    expect(page.get_by_role("link", name="Ada Lovelace").last).to_be_visible()

    # The application works with what was copied.
    token = own_server.discovery()["token_endpoint"]
    answer = requests.post(token, data={"grant_type": "refresh_token", "refresh_token": "none"}, auth=(client_id, secret), timeout=10)
    assert answer.json()["error"] == "invalid_grant", answer.text
    answer = requests.post(token, data={"grant_type": "refresh_token", "refresh_token": "none"}, auth=(client_id, "wrong"), timeout=10)
    assert answer.json()["error"] == "invalid_client"
    admin = own_server.admin
    made = next(a for a in admin.list("/applications") if a["client_id"] == client_id)
    assert made["redirect_uris"] == ["http://localhost:4040/callback"]
    assert made["post_logout_redirect_uris"] == ["http://localhost:4040"]
    user = admin.user_by_email("ada@example.com")
    roles = admin.request("GET", f"/users/{user['id']}/roles")["items"]
    assert "messages-admin" in [role["name"] for role in roles]


def test_an_address_that_cannot_work_is_explained(owner):
    page = owner.page
    owner.go("Applications").follow("New application").fill("Name", "Shop")
    owner.fill("Callback URLs", "http://shop.example/callback").press("Create application")
    error = owner.hosted.sees("#error")
    expect(error).to_contain_text("http is allowed only for localhost; use https")
    field = page.get_by_label("Callback URLs", exact=True)
    assert field.get_attribute("aria-invalid") == "true" and field.input_value() == "http://shop.example/callback"
    error.get_by_role("link", name="Callback URLs").click()
    assert page.url.endswith("#redirect_uris")


def test_an_api_key_for_a_set_up_script(owner, own_server):
    page = owner.page
    owner.go("API keys").follow("New API key").fill("Name", "set-up script")
    page.get_by_label("Applications: change", exact=True).check()
    page.get_by_label("Applications: read", exact=True).check()
    owner.press("Create key").sees_news()
    key = owner.copied("API key")
    base = owner.copied("Management API")
    bearer = {"Authorization": f"Bearer {key}"}
    made = requests.post(base + "/applications", json={"name": "By script", "kind": "web"}, headers=bearer, timeout=10)
    assert made.status_code == 201, made.text
    assert requests.get(base + "/users", headers=bearer, timeout=10).status_code == 403
    owner.go("API keys")
    row = page.get_by_role("listitem").filter(has_text="set-up script")
    row.locator("summary").click()
    row.get_by_role("button", name="Delete key").click()
    owner.sees_news()
    assert requests.get(base + "/applications", headers=bearer, timeout=10).status_code == 401


def test_a_person_is_invited_helped_blocked_and_deleted(owner, own_server, person, email):
    page = owner.page
    owner.go("Users").follow("New user").fill("Email address", email)
    page.get_by_label(re.compile("^Full name")).fill("Grace Hopper")
    owner.press("Create user").sees_news()
    user = page.url
    # The link of the mail signs in, once, and a passkey can be made.
    guest = person()
    guest.page.goto(own_server.mailbox.link(email))
    guest.page.locator("main button[type=submit]").first.click()
    hosted = Console(guest, own_server).hosted
    hosted.sees("#passkey-create")
    # The page after it offers to add another one.
    with guest.touch():
        hosted.click("#passkey-create")
        hosted.wait_until(lambda: path_of(guest.page.url) == "/account/passkeys")
    expect(guest.page.locator("[data-passkey]")).to_have_count(1)
    # Not a place for guests.
    guest.expects_problem(r"403")
    guest.page.goto(own_server.url + "/console")
    expect(guest.page.get_by_role("heading", name="This console isn’t yours yet")).to_be_visible()

    page.goto(user)
    expect(page.get_by_role("heading", name="Grace Hopper")).to_be_visible()
    page.locator("#block").click()
    page.locator("#block-confirm").click()
    owner.sees_news()
    guest.page.goto(own_server.url + "/account")
    assert path_of(guest.page.url).startswith("/signin")
    page.locator("#unblock").click()
    owner.sees_news()
    page.locator("#send-way-back").click()
    owner.sees_news()
    assert own_server.mailbox.newest(email, "link")["subject"].startswith("Get back")
    page.locator("#delete").click()
    owner.fill(f"Type {email} to confirm", email)
    page.locator("#delete-confirm").click()
    owner.sees_news()
    assert own_server.admin.user_by_email(email) is None


def test_users_come_in_by_file_are_found_and_go_out(owner, own_server, tmp_path):
    page = owner.page
    file = tmp_path / "users.json"
    users = [{"email": f"u{n:03}@example.org", "name": f"User {n:03}", "email_verified": n % 2 == 0} for n in range(60)]
    file.write_text(json.dumps(users + [{"email": "no address"}]))
    owner.go("Users").follow("Import")
    page.get_by_label("File", exact=True).set_input_files(file)
    owner.press("Start the import").sees_news()
    # The page follows the job by itself until it is done.
    expect(page.locator("#report[data-state=done]")).to_be_visible(timeout=30_000)
    expect(page.locator("#report")).to_contain_text("60")
    expect(page.get_by_role("row", name=re.compile("no address"))).to_be_visible()
    with page.expect_download() as refused:
        page.get_by_role("link", name="Download as a file").click()
    assert json.loads(pathlib.Path(refused.value.path()).read_text())["user"] == "no address"

    owner.go("Users")
    page.get_by_role("searchbox").fill("user")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_have_text("60 users")
    page.get_by_role("link", name="Next page").click()
    expect(page.get_by_role("link", name="Previous page")).to_be_visible()
    second = page.url
    page.get_by_role("main").get_by_role("link", name="User 010", exact=True).click()
    page.get_by_role("link", name="Users", exact=True).last.click()
    assert page.url == second
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Email address", exact=True).select_option("Not verified")
    owner.press("Apply")
    expect(page.locator("#count")).to_have_text("30 users")
    assert "email=unproven" in page.url and "q=user" in page.url
    with page.expect_download() as taken:
        owner.press("Export")
    lines = pathlib.Path(taken.value.path()).read_text().splitlines()
    assert len(lines) == 30 and all(json.loads(line)["email_verified"] is False for line in lines)
    events = own_server.admin.list("/audit-events", type="users.exported")
    assert [event["data"]["filter"] for event in events] == ["q=user&email=unproven"]


def test_looks_are_seen_and_words_are_changed_before_anybody_else_does(owner, own_server):
    page = owner.page
    owner.go("Branding")
    light, dark = page.frame_locator("#preview-light"), page.frame_locator("#preview-dark")
    expect(light.locator("main")).to_be_visible()
    page.get_by_label("Page", exact=True).select_option("Sign up")
    page.get_by_label("Language", exact=True).last.select_option("Deutsch")
    page.get_by_label("Name", exact=True).fill("Orchard & Sons")
    page.locator("#color").fill("#a02040")
    for frame, theme in ((light, "light"), (dark, "dark")):
        expect(frame.locator(f"html[lang=de][data-theme={theme}]")).to_be_visible()
        expect(frame.locator("body")).to_contain_text("Orchard & Sons")
        expect(frame.locator("button.dw-primary").first).to_have_css("background-color", "rgb(160, 32, 64)" if theme == "light" else re.compile("rgb"))
    # What is longer than its frame scrolls there, by wheel and by key, and nothing in it is pressed or focused.
    page.get_by_label("Page", exact=True).select_option("Account, passkeys")
    expect(light.locator("h1")).to_have_text("Passkeys")
    frame = page.locator("#preview-light")
    inside = frame.element_handle().content_frame()
    owner.hosted.wait_until(lambda: inside.evaluate("document.documentElement.scrollHeight > innerHeight + 50"))

    def is_there_after(act, there):
        """Who turns a wheel while a frame is painted anew turns it again."""
        act()
        page.wait_for_timeout(100)
        return there(inside.evaluate("scrollY"))

    def turn():
        frame.hover()
        page.mouse.wheel(0, 300)

    def press_home():
        frame.focus()
        page.keyboard.press("Home")

    owner.hosted.wait_until(lambda: is_there_after(turn, lambda y: y > 0))
    owner.hosted.wait_until(lambda: is_there_after(press_home, lambda y: y == 0))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") != "preview-light"
    # Nothing is saved yet.
    assert own_server.admin.request("GET", "/tenants")["items"][0]["name"] != "Orchard & Sons"
    owner.press("Save changes").sees_news()

    owner.go("Emails").follow("Code to sign in")
    page.get_by_role("link", name="Deutsch").click()
    owner.fill("Subject", "Ihr Code für {{ tenant }}: {{ code }}").fill("Text", "Guten Tag!\n\nBis gleich.").press("Save changes").sees_news()
    expect(page.frame_locator("#email-preview").locator("body")).to_contain_text("Guten Tag!")
    before = {message["id"] for message in own_server.mailbox.messages("ada@example.com")}
    page.locator("#send-test").click()
    owner.sees_news()
    mail = own_server.mailbox.newest("ada@example.com", None, before)
    assert mail["subject"] == "Ihr Code für Orchard & Sons: 123456"
    owner.fill("Text", "{{ secret }}").press("Save changes")
    expect(owner.hosted.sees("#error")).to_contain_text("this mail has no {{ secret }}")


def test_the_last_owner_stays(owner, own_server):
    """Neither the account page nor the console lets the only owner go."""
    page = owner.page
    page.goto(own_server.url + "/account/data")
    page.locator("#delete-account").click()
    page.locator("#confirmation").fill("ada@example.com")
    page.locator("#delete-confirm").click()
    expect(owner.hosted.sees("#error")).to_contain_text("You are the only owner here")
    assert own_server.admin.user_by_email("ada@example.com")
    made = own_server.admin.request("POST", "/administrators", json={"email": "grace@example.com", "role": "owner"})
    assert own_server.mailbox.newest("grace@example.com", "link")
    assert made["role"] == "owner"
    owner.open("/team")
    expect(page.get_by_role("listitem").filter(has_text="grace@example.com")).to_contain_text("Owner")


def test_what_is_typed_in_another_form_is_not_thrown_away(owner):
    """Only what is sent counts as kept: the browser asks before the rest is lost."""
    asked = []
    owner.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    owner.go("APIs").follow("New API").fill("Name", "Notes").fill("Identifier (audience)", "https://notes.example.com")
    owner.press("Create API").sees_news()
    owner.fill("Permission", "read:notes").press("Add permission").sees_news()
    assert asked == []
    owner.fill("Name", "Renamed").fill("Permission", "write:notes").press("Add permission")
    expect(owner.page.get_by_text("write:notes", exact=True).first).to_be_visible()
    assert asked == ["beforeunload"]


def test_without_script(own_server, person):
    """The one-time link, an application and its secret, in a browser without script."""
    someone = person(java_script_enabled=False)
    page = someone.page
    page.goto(own_server.info["console_url"])
    page.locator("main button[type=submit]").first.click()
    page.locator("#passkey-skip").click()
    console = Console(someone, own_server).at("/console")
    console.go("Applications").follow("New application").fill("Name", "Plain").press("Create application").sees_news()
    assert len(console.copied("Client secret")) > 20
    console.follow("Settings")
    page.locator("#delete").click()
    console.fill("Type Plain to confirm", "Plain")
    page.locator("#delete-confirm").click()
    console.sees_news()


def test_the_command_line_leads_in(own_server, person):
    """`init` makes an owner only where there is none; `admin-link` signs the first owner in."""
    refused = own_server.run("init", "--email", "mallory@example.com")
    assert refused.returncode != 0 and "there is an owner already: ada@example.com" in refused.stderr, refused
    assert own_server.admin.user_by_email("mallory@example.com") is None
    link = own_server.run("admin-link").stdout.strip()
    someone = person()
    someone.page.goto(link)
    someone.page.locator("main button[type=submit]").first.click()
    someone.page.locator("#passkey-skip").click()
    Console(someone, own_server).at("/console")
    # A tenant of its own has nobody yet.
    made = own_server.admin.create_tenant("Fresh")
    domain = {"host": "fresh.localhost", "issuer": "http://fresh.localhost"}
    own_server.admin.request("POST", f"/tenants/{made['id']}/domains", json=domain)
    done = own_server.run("init", "--email", "grace@example.com", "--name", "Grace Hopper", "--tenant", "fresh")
    assert done.returncode == 0 and done.stdout.startswith("http://fresh.localhost/signin/link?c="), done
    again = own_server.run("init", "--email", "mallory@example.com", "--tenant", "fresh")
    assert again.returncode != 0 and "grace@example.com" in again.stderr
