"""The console as an administrator uses it: by clicking."""

import re

from playwright.sync_api import expect

from pages import Hosted, path_of


class Console:
    def __init__(self, person, server):
        self.person = person
        self.server = server
        self.page = person.page
        self.hosted = Hosted(person, server)

    def first_run(self):
        """From the printed one-time link to the overview, with a passkey of one's own."""
        self.page.goto(self.server.info["console_url"])
        self.page.locator("main button[type=submit]").first.click()
        self.hosted.sees("#passkey-create")
        self.hosted.create_passkey()
        return self.at("/console")

    def at(self, path):
        self.hosted.wait_until(lambda: path_of(self.page.url) == path)
        return self

    def sees_news(self):
        expect(self.page.locator("main [role=status]").first).to_be_visible()
        return self

    def go(self, section):
        self.page.get_by_role("navigation", name="Sections of the console").get_by_role("link", name=section, exact=True).click()
        self.hosted.is_whole()
        return self

    def press(self, name, exact=True):
        self.page.get_by_role("main").get_by_role("button", name=name, exact=exact).click()
        self.hosted.is_whole()
        return self

    def follow(self, name):
        self.page.get_by_role("main").get_by_role("link", name=name, exact=True).first.click()
        self.hosted.is_whole()
        return self

    def fill(self, label, value):
        self.page.get_by_label(label, exact=True).fill(value)
        return self

    def choose(self, name):
        self.page.get_by_role("radio", name=re.compile(re.escape(name))).check()
        return self

    def copied(self, label):
        """What a person copies: the field's button says it did, and the field holds it."""
        field = self.page.get_by_label(label, exact=True)
        expect(field).to_be_visible()
        return field.input_value()

    def open(self, path):
        self.page.goto(self.server.url + "/console" + path)
        return self
