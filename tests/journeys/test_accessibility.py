"""Every main page: by keyboard, with names for everything, in five languages, light and dark, on a phone."""

import pytest
from playwright.sync_api import expect

from pages import DEMO, Account, Demo, Hosted
from test_e_no_dead_ends import PASSWORD

LANGUAGES = ["en", "de", "fr", "es", "ja"]
ACCOUNT_SECTIONS = ["", "emails", "passkeys", "password", "devices", "apps", "activity", "data"]

FLAWS = """() => {
  const flaws = [];
  const shown = (e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const name = (e) => (e.getAttribute('aria-label') || '').trim()
    || (e.getAttribute('aria-labelledby') || '').split(/\\s+/).map((id) => document.getElementById(id)?.textContent || '').join(' ').trim()
    || [...(e.labels || [])].map((l) => l.textContent).join(' ').trim();
  const tag = (e) => e.outerHTML.slice(0, 120);
  if (!document.title.trim()) flaws.push('no title');
  if (!document.documentElement.lang) flaws.push('no lang');
  if (!document.querySelector('meta[name=viewport]')) flaws.push('no viewport');
  if (document.querySelectorAll('main').length !== 1) flaws.push('not exactly one main');
  if ([...document.querySelectorAll('h1')].filter(shown).length !== 1) flaws.push('not exactly one h1');
  for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
    if (shown(e) && e.getAttribute('aria-hidden') !== 'true' && !name(e)) flaws.push('no label: ' + tag(e));
  for (const e of document.querySelectorAll('a[href], button, summary'))
    if (shown(e) && !name(e) && !e.textContent.trim() && !e.querySelector('img[alt]:not([alt=""])')) flaws.push('no name: ' + tag(e));
  for (const e of document.querySelectorAll('img')) if (!e.hasAttribute('alt')) flaws.push('no alt: ' + tag(e));
  const ids = new Set();
  for (const e of document.querySelectorAll('[id]')) ids.has(e.id) ? flaws.push('twice: #' + e.id) : ids.add(e.id);
  for (const e of document.querySelectorAll('[aria-describedby], [aria-labelledby]'))
    for (const a of ['aria-describedby', 'aria-labelledby'])
      for (const id of (e.getAttribute(a) || '').split(/\\s+/).filter(Boolean))
        if (!document.getElementById(id)) flaws.push(a + ' points nowhere: ' + id);
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) flaws.push('scrolls sideways by ' + wide + ' px');
  return flaws;
}"""


def walk(server, someone, email):
    """Through every main page, yielding (name, page) at each, as one person's first day."""
    page = someone.page
    demo = Demo(someone, server)
    hosted = Hosted(someone, server)
    demo.open()
    yield "demo-home"
    demo.press("signin")
    hosted.sees("#identifier")
    yield "signin"
    hosted.open_recovery()
    yield "recover"
    demo.open().press("signup")
    hosted.sees("#name")
    yield "signup"
    hosted.give_name_and_email("Ada Lovelace", email, PASSWORD)
    hosted.sees("#code")
    yield "code"
    hosted.type_code("000000")
    hosted.sees("#error")
    yield "code-wrong"
    hosted.give_code(email)
    hosted.sees("#passkey-create")
    yield "passkey-offer"
    hosted.create_passkey()
    demo.is_signed_in(email)
    yield "demo-profile"
    page.locator(DEMO["protected"]).first.click()
    page.wait_for_load_state()
    yield "demo-protected"
    for section in ACCOUNT_SECTIONS:
        Account(someone, server).open(section)
        yield f"account-{section or 'profile'}"
    page.goto(server.discovery()["end_session_endpoint"])
    hosted.sees("#signout-confirm")
    yield "signout"
    hosted.click("#signout-confirm")
    expect(page.locator("#signout-confirm")).to_have_count(0)
    yield "signed-out"
    demo.open()
    if not hosted.at(DEMO["signin"]):
        demo.sign_out()
    demo.press("signin").identify(email)
    hosted.sees("#password")
    yield "password"
    seen = server.mailbox.seen(email)
    hosted.open_recovery()
    hosted.identify(email)
    hosted.give_code(email, seen)
    hosted.decline_passkey()
    hosted.sees("#keep-password")
    yield "new-password"
    hosted.fill("#password", "passwordpassword")
    hosted.continue_()
    hosted.sees("#error")
    yield "new-password-refused"
    hosted.click("#keep-password")
    demo.is_signed_in(email)
    page.goto(server.discovery()["authorization_endpoint"] + "?client_id=no-such-client&response_type=code")
    hosted.sees("#error")
    yield "error"
    page.goto(server.info["mailbox_url"])
    yield "mailbox"


LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1100, "height": 800}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1100, "height": 800}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}, "device_scale_factor": 2},
    "narrow": {"color_scheme": "dark", "viewport": {"width": 320, "height": 640}},
}


@pytest.fixture
def with_passwords(own_server):
    own_server.admin.allow_passwords()
    return own_server


@pytest.mark.any_database
@pytest.mark.parametrize("look", LOOKS)
def test_every_page(with_passwords, person, email, screens, look):
    ada = person(has_touch=look == "phone", **LOOKS[look])
    flaws = {}
    for name in walk(with_passwords, ada, email):
        ada.page.screenshot(path=screens / f"{name}-{look}.png", full_page=True)
        found = ada.page.evaluate(FLAWS)
        if found:
            flaws[name] = found
    assert not flaws, "\n".join(f"{name}: {flaw}" for name, found in flaws.items() for flaw in found)


@pytest.mark.any_database
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_in_every_language(with_passwords, person, email, screens, language):
    """On a phone, where long words hurt most. A text that is missing shows as its key or as a placeable."""
    ada = person(locale=language, viewport={"width": 360, "height": 740})
    flaws = {}
    for name in walk(with_passwords, ada, email):
        found = ada.page.evaluate(FLAWS)
        told = ada.page.evaluate("document.documentElement.lang")
        if told.split("-")[0] != language:
            found.append(f"lang={told}")
        text = ada.page.locator("body").inner_text()
        if "{ $" in text or "{$" in text:
            found.append("a placeable shows")
        if name in ("signin", "passkey-offer"):
            ada.page.screenshot(path=screens / f"{name}-{language}.png", full_page=True)
        if found:
            flaws[name] = found
    assert not flaws, "\n".join(f"{name}: {flaw}" for name, found in flaws.items() for flaw in found)


def test_ui_locales(server, person, relying_party):
    """OpenID Connect Core, section 3.1.2.1: the application's wish goes before the browser's, and unknown ones are passed over."""
    titles = {}
    for language in LANGUAGES:
        someone = person(locale="en-GB")
        someone.page.goto(relying_party.begin(ui_locales=f"tlh {language}")[0])
        assert someone.page.evaluate("document.documentElement.lang").split("-")[0] == language
        titles[language] = someone.page.locator("h1").inner_text()
    assert len(set(titles.values())) == len(LANGUAGES), titles


def tab_to(page, selector, at_most=40):
    """Presses Tab until the focus is there, and sees that each stop on the way can be seen."""
    for _ in range(at_most):
        page.keyboard.press("Tab")
        # After the last element the focus leaves the page for the browser's own controls.
        focused = page.evaluate(
            """(selector) => {
              const e = document.activeElement;
              if (!e || e === document.body) return { there: false, seen: true };
              const s = getComputedStyle(e);
              const ring = (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none';
              return { there: e.matches(selector), seen: ring, what: e.outerHTML.slice(0, 120) };
            }""",
            selector,
        )
        assert focused["seen"], f"the focus cannot be seen on {focused['what']}"
        if focused["there"]:
            return
    raise AssertionError(f"{selector} cannot be reached by Tab on {page.url}")


def focus(page, selector):
    if not page.evaluate("(selector) => document.activeElement?.matches(selector) ?? false", selector):
        tab_to(page, selector)


def test_keyboard_only(server, person, email):
    ada = person()
    page = ada.page
    demo = Demo(ada, server).open()
    hosted = demo.hosted
    tab_to(page, DEMO["signup"])
    page.keyboard.press("Enter")
    hosted.sees("#name")
    focus(page, "#name")
    page.keyboard.type("Ada Lovelace")
    tab_to(page, "#identifier")
    page.keyboard.type(email)
    page.keyboard.press("Enter")
    hosted.sees("#code")
    focus(page, "#code")
    page.keyboard.type(server.mailbox.code(email))
    page.keyboard.press("Enter")
    hosted.sees("#passkey-create")
    with ada.touch():
        focus(page, "#passkey-create")
        page.keyboard.press("Enter")
        expect(page.locator("#passkey-create")).to_have_count(0)
    demo.is_signed_in(email)
    demo.sign_out()

    demo.open()
    tab_to(page, DEMO["signin"])
    page.keyboard.press("Enter")
    hosted.sees("#identifier")
    # The finger comes last: autofill would take it before the button is reached.
    tab_to(page, "#passkey-signin")
    with ada.touch():
        page.keyboard.press("Enter")
        demo.is_signed_in(email)


def test_an_error_is_announced_and_tied_to_its_field(server, person):
    someone = person()
    hosted = Demo(someone, server).open().press("signup")
    someone.page.evaluate("document.querySelector('#identifier').form.noValidate = true")
    hosted.fill("#name", "Ada")
    hosted.fill("#identifier", "not an address")
    hosted.continue_()
    error = hosted.sees("#error")
    assert error.get_attribute("role") == "alert" or error.get_attribute("aria-live")
    field = someone.page.locator("#identifier")
    assert field.get_attribute("aria-invalid") == "true"
    assert "error" in (field.get_attribute("aria-describedby") or "")
    assert field.input_value() == "not an address", "what was typed is gone"
