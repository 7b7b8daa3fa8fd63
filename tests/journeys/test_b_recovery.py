"""Journey b: the passkey is lost; a verified e-mail address brings the person back, with a new one."""

import re

from playwright.sync_api import expect

from pages import Account, Demo
from test_e_no_dead_ends import PASSWORD

NEW_PASSWORD = "another staple under rain 8"


def test_lost_passkey(server, person, email):
    ada = person()
    demo = Demo(ada, server)
    demo.sign_up("Ada Lovelace", email)
    user = server.admin.user_by_email(email)
    (old,) = server.admin.passkeys(user["id"])
    demo.sign_out()
    ada.authenticator.clear()

    hosted = demo.open().press("signin")
    hosted.press_passkey_button()
    assert hosted.error(), "the page says nothing when there is no passkey"
    seen = server.mailbox.seen(email)
    hosted.open_recovery()
    hosted.identify(email)
    hosted.give_code(email, seen)
    hosted.sees("#passkey-create")
    # The page lists the passkeys that there are; this person says that the old one is lost.
    for box in ada.page.locator('input[name="remove"]').all():
        box.check()
    hosted.create_passkey()
    demo.is_signed_in(email)

    if len(server.admin.passkeys(user["id"])) > 1:
        Account(ada, server).open("passkeys").remove_passkey(old["id"])
    (new,) = server.admin.passkeys(user["id"])
    assert new["id"] != old["id"]

    types = server.admin.event_types(user_id=user["id"])
    for wanted in (r"recover", r"passkey.*(creat|add|register)", r"passkey.*(delet|remov)"):
        assert any(re.search(wanted, kind) for kind in types), f"the audit log shows no {wanted}: {types}"

    # The owner is told, since somebody else may have been in the mailbox.
    notices = [m for m in server.mailbox.messages(email) if m["id"] not in seen and not m["code"]]
    assert notices, "no notice of the recovery was sent"

    demo.sign_out()
    demo.open().press("signin").press_passkey_button()
    demo.is_signed_in(email)


def test_a_forgotten_password(own_server, person, email):
    """Whoever makes no passkey is asked for a new password; it ends what the old one opened."""
    own_server.admin.allow_passwords()
    demo = Demo(person(), own_server)
    demo.open().press("signup").sign_up("Ada Lovelace", email, password=PASSWORD, passkey=False)
    demo.is_signed_in(email)
    user = own_server.admin.user_by_email(email)

    ada = person()
    again = Demo(ada, own_server)
    hosted = again.open().press("signin")
    hosted.identify(email)
    hosted.sees("#password")
    hosted.open_recovery()
    assert hosted.page.locator("#identifier").input_value() == email, "what was typed is kept"
    seen = own_server.mailbox.seen(email)
    hosted.continue_()
    hosted.give_code(email, seen)
    hosted.decline_passkey()
    hosted.sees("#keep-password")
    assert len(own_server.admin.sessions(user["id"])) == 2
    hosted.fill("#password", NEW_PASSWORD)
    hosted.continue_()
    again.is_signed_in(email)
    assert len(own_server.admin.sessions(user["id"])) == 1, "the first browser is signed out"
    told = own_server.mailbox.messages(email)
    assert any("password" in m["subject"].lower() for m in told if m["id"] not in seen), [m["subject"] for m in told]
    assert "password.changed" in own_server.admin.event_types(user_id=user["id"])

    for password, right in ((PASSWORD, False), (NEW_PASSWORD, True)):
        someone = Demo(person(), own_server)
        tries = someone.open().press("signin")
        tries.identify(email)
        tries.give_password(password)
        if right:
            someone.is_signed_in(email)
        else:
            assert tries.error()


def test_the_old_passkey_opens_nothing_after_recovery(server, person, email):
    """The lost device turns up in other hands."""
    ada = person()
    demo = Demo(ada, server)
    demo.sign_up("Ada Lovelace", email)
    (lost,) = ada.authenticator.credentials()
    user = server.admin.user_by_email(email)
    (old,) = server.admin.passkeys(user["id"])
    server.admin.delete_passkey(user["id"], old["id"])

    thief = person()
    thief.authenticator.add(lost)
    hosted = Demo(thief, server).open().press("signin")
    hosted.press_passkey_button()
    assert hosted.error()
    Demo(thief, server).open().is_signed_out()


def test_recovery_does_not_say_whether_an_account_exists(server, person, email):
    ada = person()
    Demo(ada, server).sign_up("Ada Lovelace", email)
    texts = {}
    for kind, address in (("known", email), ("unknown", "nobody-" + email)):
        stranger = person()
        hosted = Demo(stranger, server).open().press("signin")
        hosted.open_recovery()
        hosted.identify(address)
        hosted.sees("#code")
        # Masked addresses may be shown and seconds pass; everything else has to be the same.
        text = stranger.page.locator("main").inner_text()
        texts[kind] = re.sub(r"\S*@\S*", "ADDRESS", re.sub(r" in \d+ s\b", "", text))
    assert texts["known"] == texts["unknown"]


def test_account_passkeys_can_be_added_and_deleted(server, person, email):
    ada = person()
    Demo(ada, server).sign_up("Ada Lovelace", email)
    user = server.admin.user_by_email(email)
    account = Account(ada, server).open("passkeys")
    expect(account.passkey_entries()).to_have_count(1)
    (first,) = account.passkey_ids()
    # This authenticator already has a passkey for the account, so a second one comes from another machine.
    phone = person()
    Demo(phone, server).open().press("signin").sign_in_by_code_declining(email)
    elsewhere = Account(phone, server).open("passkeys")
    elsewhere.add_passkey()
    expect(elsewhere.passkey_entries()).to_have_count(2)

    account.open("passkeys")
    account.remove_passkey(first)
    assert first not in {key["id"] for key in server.admin.passkeys(user["id"])}
    # The Signal API tells the machine that its passkey is no longer good for anything.
    account.hosted.wait_until(lambda: ada.authenticator.credentials() == [])
