"""A browser without script, on `requests`: it knows forms, links and cookies, and what a person types into them.

It reads ids from the page and field names from the forms, so it holds no knowledge of the server's wire."""

import html.parser
import urllib.parse

import requests


class Page(html.parser.HTMLParser):
    """The forms, the links and the ids of one document."""

    def __init__(self, url, text):
        super().__init__()
        self.url = url
        self.text = text
        self.forms = []
        self.links = []
        self.elements = {}
        self._open_form = None
        self.feed(text)

    def handle_starttag(self, tag, pairs):
        attributes = dict(pairs)
        if "id" in attributes:
            self.elements[attributes["id"]] = attributes
        if tag == "form":
            self._open_form = {"attributes": attributes, "fields": []}
            self.forms.append(self._open_form)
        elif tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        elif tag in ("input", "button", "select", "textarea"):
            field = attributes | {"tag": tag}
            form = self._open_form
            if "form" in attributes:
                form = next((f for f in self.forms if f["attributes"].get("id") == attributes["form"]), None)
            if form is not None:
                form["fields"].append(field)

    def handle_startendtag(self, tag, pairs):
        self.handle_starttag(tag, pairs)

    def handle_endtag(self, tag):
        if tag == "form":
            self._open_form = None

    def has(self, element_id):
        return element_id in self.elements

    def form_with(self, element_id):
        for form in self.forms:
            if any(field.get("id") == element_id for field in form["fields"]):
                return form
        raise AssertionError(f"no form with #{element_id} on {self.url}:\n{self.text}")

    def submission(self, button_id, typed):
        """(method, address, pairs) of the form with this button, with what is typed by id."""
        form = self.form_with(button_id)
        pairs = []
        for field in form["fields"]:
            kind = field.get("type", "submit" if field["tag"] == "button" else "text")
            name, ident = field.get("name"), field.get("id")
            if "disabled" in field:
                continue
            if kind == "submit":
                if ident == button_id:
                    form["attributes"].update(
                        {k.removeprefix("form"): v for k, v in field.items() if k in ("formaction", "formmethod")}
                    )
                    if name:
                        pairs.append((name, field.get("value", "")))
            elif kind == "button" or not name:
                continue
            elif kind in ("checkbox", "radio"):
                if "checked" in field or typed.get(ident):
                    pairs.append((name, field.get("value", "on")))
            else:
                pairs.append((name, typed.get(ident, field.get("value", ""))))
        attributes = form["attributes"]
        address = urllib.parse.urljoin(self.url, attributes.get("action") or self.url)
        return attributes.get("method", "get").upper(), address, pairs


class Arrived(Exception):
    """The browser was sent to the application; the parameters are those of its redirect_uri."""

    def __init__(self, url):
        super().__init__(url)
        parts = urllib.parse.urlsplit(url)
        self.url = url
        self.parameters = dict(urllib.parse.parse_qsl(parts.query or parts.fragment))


class Scriptless:
    """`stop_at` is the redirect_uri's beginning: an answer that leads there raises Arrived."""

    def __init__(self, server, stop_at, timeout=10):
        self.server = server
        self.stop_at = stop_at
        self.timeout = timeout
        self.http = requests.Session()
        self.page = None
        self.status = None

    def _go(self, method, url, **arguments):
        for _ in range(20):
            if self.stop_at and url.startswith(self.stop_at):
                raise Arrived(url)
            answer = self.http.request(method, url, allow_redirects=False, timeout=self.timeout, **arguments)
            if answer.status_code not in (301, 302, 303, 307, 308):
                self.status = answer.status_code
                self.page = Page(url, answer.text)
                return self.page
            url = urllib.parse.urljoin(url, answer.headers["Location"])
            if answer.status_code in (301, 302, 303):
                method, arguments = "GET", {}
        raise AssertionError(f"redirected without end, last to {url}")

    def open(self, url):
        return self._go("GET", url)

    def follow(self, fragment):
        link = next((link for link in self.page.links if fragment in link), None)
        assert link, f"no link with {fragment} on {self.page.url}:\n{self.page.text}"
        return self.open(urllib.parse.urljoin(self.page.url, link))

    def press(self, button_id, **typed):
        method, address, pairs = self.page.submission(button_id, typed)
        if method == "GET":
            return self._go("GET", address.split("?")[0] + "?" + urllib.parse.urlencode(pairs))
        return self._go("POST", address, data=pairs, headers={"Origin": self.server.url})

    def sign_up(self, address, name, email, password=None):
        """From an authorization request by way of sign-up to the application: its callback's parameters."""
        try:
            self.open(address)
            if not self.page.has("name"):
                self.follow("signup")
            typed = {"name": name, "identifier": email}
            if password and self.page.has("password"):
                typed["password"] = password
            self.press("continue", **typed)
            return self._walk(email, password)
        except Arrived as arrived:
            return arrived.parameters

    def sign_in(self, address, email, password=None):
        seen = self.server.mailbox.seen(email)
        try:
            self.open(address)
            self.press("continue", identifier=email)
            return self._walk(email, password, seen)
        except Arrived as arrived:
            return arrived.parameters

    def _walk(self, email, password=None, seen=()):
        """Does what each page asks for, until the application is reached."""
        for _ in range(12):
            page = self.page
            if page.has("error"):
                break
            if page.has("code"):
                code = self.server.mailbox.code(email, not_in=seen)
                seen = self.server.mailbox.seen(email)
                self.press("continue", code=code)
            elif page.has("password") and password:
                self.press("continue", password=password)
            elif page.has("send-code"):
                self.press("send-code")
            elif page.has("passkey-skip"):
                self.press("passkey-skip")
            elif page.has("consent-allow"):
                self.press("consent-allow")
            else:
                break
        raise AssertionError(f"no way on from {self.page.url} ({self.status}):\n{self.page.text}")
