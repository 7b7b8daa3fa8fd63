"""The pages as a person sees them. A journey speaks of what the person does; where things are stands here."""

import contextlib
import urllib.parse

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect

# The demo application's own places.
DEMO = {
    "signin": "#demo-signin, #demo-sign-in",
    "signup": "#demo-signup, #demo-sign-up",
    "signout": "#demo-signout, #sign-out",
    "profile": "#demo-profile",
    "protected": "#demo-protected",
}

# As a finger would: what is closed, hidden or under something else is not pressed.
PRESS = """({ selector, on }) => {
  const button = document.querySelector(selector);
  if (location.href !== on || !button || button.disabled) return false;
  button.scrollIntoView({ block: 'center', behavior: 'instant' });
  const box = button.getBoundingClientRect();
  const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  if (!hit || !button.contains(hit)) return false;
  button.click();
  return true;
}"""


def path_of(url):
    return urllib.parse.urlsplit(url).path


class Hosted:
    """The server's sign-in, sign-up and recovery pages, for one tab."""

    def __init__(self, person, server, page=None):
        self.person = person
        self.server = server
        self.page = page or person.page

    @property
    def authenticator(self):
        return self.person.authenticators[self.page]

    def at(self, selector):
        """Whether the selector is on the page now and can be seen."""
        return self.page.locator(selector).first.is_visible()

    def sees(self, selector):
        locator = self.page.locator(selector).first
        expect(locator).to_be_visible()
        self.is_whole()
        return locator

    def is_whole(self):
        """A press is over when the next page has begun; it can be looked at when it is parsed and its scripts listen."""
        try:
            self.page.wait_for_load_state("domcontentloaded")
        except PlaywrightError:
            # A popup may close by itself.
            if not self.page.is_closed():
                raise

    def is_hosted(self):
        return self.page.url.startswith(self.server.url)

    def fill(self, selector, value):
        self.sees(selector).fill(value)

    def click(self, selector):
        self.sees(selector).click()
        self.is_whole()

    def continue_(self):
        self.click("#continue")

    # One act at a time.
    def give_name_and_email(self, name, email, password=None):
        self.fill("#name", name)
        self.fill("#identifier", email)
        if password and self.at("#password"):
            self.fill("#password", password)
        self.continue_()

    def identify(self, email):
        self.fill("#identifier", email)
        self.continue_()

    def give_password(self, password):
        self.fill("#password", password)
        self.continue_()

    def give_code(self, email, seen=()):
        """Types the newest code of the mailbox."""
        self.sees("#code")
        code = self.server.mailbox.code(email, not_in=seen)
        self.type_code(code)
        return code

    def type_code(self, code):
        """Some pages send the code as soon as it is whole, and may be gone at any moment from then on."""
        self.fill("#code", code)
        self.click_if_still_there("form:has(#code) #continue")

    def click_if_still_there(self, selector):
        """Presses what the page may take away by itself."""
        if self.at(selector):
            with contextlib.suppress(PlaywrightError):
                self.page.locator(selector).click(timeout=4_000)
        self.is_whole()

    def create_passkey(self):
        with self.authenticator.touch():
            before = len(self.authenticator.credentials())
            self.click("#passkey-create")
            self.wait_until(lambda: len(self.authenticator.credentials()) > before or self.at("#error"))
            expect(self.page.locator("#passkey-create")).to_have_count(0)

    def decline_passkey(self):
        self.click("#passkey-skip")

    def press_passkey_button(self):
        with self.authenticator.touch():
            left = self.page.url
            if not path_of(left).startswith(("/signin", "/signup", "/recover")):
                return
            # With presence simulated, autofill may answer before the button can be pressed.
            self.wait_until(lambda: self.page.url != left or self.pressed("#passkey-signin", left), within_ms=20_000)
            self.wait_until(lambda: self.page.url != left or self.at("#error"))
        self.is_whole()

    def pressed(self, selector, on):
        """Presses a button if it can be pressed now, and if the page is still the one that was meant. A button is closed while its
        ceremony runs, so none is pressed twice."""
        try:
            return self.page.evaluate(PRESS, {"selector": selector, "on": on})
        except PlaywrightError:
            # The page went on while it was asked.
            return False

    def wait_until(self, condition, within_ms=10_000):
        waited = 0
        while not condition():
            if waited >= within_ms:
                raise AssertionError(f"waited in vain on {self.page.url}")
            self.page.wait_for_timeout(50)
            waited += 50

    def error(self):
        return self.sees("#error").inner_text()

    # Whole ways through.
    def sign_up(self, name, email, password=None, passkey=True):
        """From the sign-up page to wherever it leads."""
        self.give_name_and_email(name, email, password)
        self.give_code(email)
        if passkey:
            self.sees("#passkey-create")
            self.create_passkey()
        else:
            # Without script there is nothing to press but this.
            self.sees("#passkey-skip")
            self.decline_passkey()

    def ask_for_code(self, email):
        """From the sign-in page to the code page, whatever else the page offers first."""
        seen = self.server.mailbox.seen(email)
        self.identify(email)
        # With a passkey or password on record, the code is another way that the page offers.
        self.page.locator("#code, #send-code").first.wait_for(state="visible")
        if not self.at("#code"):
            self.click("#send-code")
        self.sees("#code")
        return seen

    def sign_in_by_code(self, email, passkey=None):
        seen = self.ask_for_code(email)
        self.give_code(email, seen)
        if passkey is not None:
            self.sees("#passkey-create")
            self.create_passkey() if passkey else self.decline_passkey()

    def sign_in_by_code_declining(self, email):
        """By code, with the offer of a passkey declined if it comes."""
        seen = self.ask_for_code(email)
        self.give_code(email, seen)
        self.wait_until(lambda: self.at("#passkey-skip") or not self.at("#code"))
        if self.at("#passkey-skip"):
            self.decline_passkey()

    def open_signup(self):
        """Follows the sign-in page's own link to sign-up."""
        self.page.locator('a[href*="signup"]').first.click()
        self.sees("#name")

    def open_recovery(self):
        self.page.locator('a[href*="recover"]').first.click()
        self.sees("#identifier")

    def has_way_on(self):
        """A page is no dead end if it has a link or a button that the person can use."""
        ways = self.page.locator("a[href]:visible, button:visible:enabled, input[type=submit]:visible")
        try:
            ways.first.wait_for(state="visible")
        except PlaywrightTimeout:
            return False
        return True


class Demo:
    """The demo application."""

    def __init__(self, person, server, page=None):
        self.person = person
        self.server = server
        self.page = page or person.page
        self.hosted = Hosted(person, server, self.page)

    def open(self):
        self.page.goto(self.server.demo_url)
        return self

    def press(self, name):
        button = self.page.locator(DEMO[name]).first
        expect(button).to_be_visible()
        button.click()
        self.hosted.is_whole()
        return self.hosted

    def sign_up(self, name, email, passkey=True):
        self.open().press("signup")
        self.hosted.sign_up(name, email, passkey=passkey)
        self.is_signed_in(email)

    def is_signed_in(self, email, name=None):
        expect(self.page.locator(DEMO["signout"]).first).to_be_visible()
        if path_of(self.page.url) != path_of(self.server.demo_url).rstrip("/") + "/profile":
            self.page.locator(DEMO["profile"]).first.click()
        expect(self.page.locator("body")).to_contain_text(email)
        if name:
            expect(self.page.locator("body")).to_contain_text(name)

    def is_signed_out(self):
        expect(self.page.locator(DEMO["signin"]).first).to_be_visible()
        expect(self.page.locator(DEMO["signout"])).to_have_count(0)

    def sign_out(self):
        self.press("signout")
        self.hosted.wait_until(lambda: self.hosted.at("#signout-confirm") or self.hosted.at(DEMO["signin"]))
        if self.hosted.at("#signout-confirm"):
            self.hosted.click("#signout-confirm")
        self.is_signed_out()


class Account:
    """The account page. A passkey's entry is the element that holds its name and its buttons."""

    def __init__(self, person, server, page=None):
        self.person = person
        self.server = server
        self.page = page or person.page
        self.hosted = Hosted(person, server, self.page)

    def open(self, section=""):
        self.page.goto(f"{self.server.url}/account{'/' + section if section else ''}")
        return self

    def sign_in_again_if_asked(self):
        """A sensitive change may ask for a fresh sign-in."""
        self.page.wait_for_load_state()
        if self.hosted.at("#passkey-signin"):
            self.hosted.press_passkey_button()

    def passkey_entries(self):
        return self.page.locator("[data-passkey]")

    def passkey_entry(self, passkey_id):
        return self.page.locator(f'[data-passkey="{passkey_id}"]')

    def passkey_ids(self):
        return [entry.get_attribute("data-passkey") for entry in self.passkey_entries().all()]

    def add_passkey(self):
        self.hosted.sees("#passkey-create")
        if self.page.locator("a#passkey-create").count():
            # The last sign-in is too old for a change like this one.
            self.hosted.click("#passkey-create")
            self.sign_in_again_if_asked()
        before = self.passkey_entries().count()
        with self.hosted.authenticator.touch():
            self.hosted.click("#passkey-create")
            # The list tells: the authenticator has it before the server does.
            expect(self.passkey_entries()).to_have_count(before + 1)

    def _delete(self, passkey_id):
        entry = self.passkey_entry(passkey_id)
        entry.locator("details summary").last.click()
        entry.locator("details[open] button[type=submit]").last.click()
        self.page.wait_for_load_state()

    def remove_passkey(self, passkey_id):
        """With the confirmation, and with a fresh sign-in first if the page asks for one."""
        entry = self.passkey_entry(passkey_id)
        expect(entry).to_be_visible()
        self._delete(passkey_id)
        if self.hosted.at("#passkey-signin"):
            self.hosted.press_passkey_button()
            self.open("passkeys")
            if entry.count():
                self._delete(passkey_id)
        expect(entry).to_have_count(0)
