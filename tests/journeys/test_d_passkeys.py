"""Journey d, as far as a browser can bend a ceremony: each refused (or accepted) as stated, audited, and no dead end.

What only a hand-made request can bend (challenge, origin, rpIdHash, flags) is tested in the crates.
"""

import base64
import secrets

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import expect

from pages import Account, Demo


def fresh_key():
    key = ec.generate_private_key(ec.SECP256R1())
    return base64.b64encode(
        key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    ).decode()


def signed_up(server, someone, email, name="Ada Lovelace"):
    demo = Demo(someone, server)
    demo.sign_up(name, email)
    demo.sign_out()
    return demo


def refuses_passkey(server, demo, email, audited=True):
    """The button leads to words and not to a session, the refusal is on record, and a code still lets the person in."""
    before = {event["id"] for event in server.admin.events()}
    hosted = demo.open().press("signin")
    hosted.press_passkey_button()
    text = hosted.error()
    assert text.strip()
    if audited:
        new = [event for event in server.admin.events() if event["id"] not in before]
        assert any("fail" in event["type"] or "refus" in event["type"] for event in new), [e["type"] for e in new]
    demo.open().is_signed_out()
    demo.open().press("signin").sign_in_by_code_declining(email)
    demo.is_signed_in(email)
    return text


def test_user_verification_refused_at_sign_in(server, person, email):
    ada = person()
    demo = signed_up(server, ada, email)
    ada.authenticator.set_user_verified(False)
    # The authenticator itself refuses, so the server never hears of it.
    refuses_passkey(server, demo, email, audited=False)
    demo.sign_out()
    ada.authenticator.set_user_verified(True)
    demo.open().press("signin").press_passkey_button()
    demo.is_signed_in(email)


def test_user_verification_refused_at_creation(server, person, email):
    ada = person()
    hosted = Demo(ada, server).open().press("signup")
    hosted.give_name_and_email("Ada Lovelace", email)
    hosted.give_code(email)
    hosted.sees("#passkey-create")
    ada.authenticator.set_user_verified(False)
    with ada.touch():
        hosted.click("#passkey-create")
        assert hosted.error()
    # The right finger this time, on the same page.
    ada.authenticator.set_user_verified(True)
    with ada.touch():
        hosted.click("#passkey-create")
        expect(ada.page.locator("#passkey-create")).to_have_count(0)
    Demo(ada, server).is_signed_in(email)


def test_an_authenticator_that_cannot_verify_anybody(server, person, email):
    """A bare security key without PIN: user verification is required, so it is refused, and the page has a way on."""
    ada = person(authenticator={"hasUserVerification": False, "isUserVerified": False, "transport": "usb"})
    hosted = Demo(ada, server).open().press("signup")
    hosted.give_name_and_email("Ada Lovelace", email)
    hosted.give_code(email)
    hosted.sees("#passkey-create")
    with ada.touch():
        hosted.click("#passkey-create")
        assert hosted.error()
    assert ada.authenticator.credentials() == []
    hosted.decline_passkey()
    Demo(ada, server).is_signed_in(email)


def test_a_passkey_that_was_deleted(server, person, email):
    ada = person()
    demo = signed_up(server, ada, email)
    user = server.admin.user_by_email(email)
    (passkey,) = server.admin.passkeys(user["id"])
    server.admin.delete_passkey(user["id"], passkey["id"])
    refuses_passkey(server, demo, email)


def test_a_passkey_for_another_rp(server, person, email):
    ada = person()
    demo = signed_up(server, ada, email)
    (mine,) = ada.authenticator.credentials()
    ada.authenticator.replace(mine, rpId="example.com")
    refuses_passkey(server, demo, email, audited=False)


def test_a_passkey_that_was_never_registered(server, person, email):
    ada = person()
    demo = signed_up(server, ada, email)
    (mine,) = ada.authenticator.credentials()
    ada.authenticator.replace(mine, credentialId=base64.b64encode(secrets.token_bytes(32)).decode(), privateKey=fresh_key())
    refuses_passkey(server, demo, email)


def test_the_right_id_with_the_wrong_key(server, person, email):
    ada = person()
    demo = signed_up(server, ada, email)
    (mine,) = ada.authenticator.credentials()
    ada.authenticator.replace(mine, privateKey=fresh_key())
    refuses_passkey(server, demo, email)


def test_the_user_handle_of_somebody_else(server, person, email):
    ada, bob = person(), person()
    demo = signed_up(server, ada, email)
    signed_up(server, bob, "bob-" + email, "Bob")
    (mine,) = ada.authenticator.credentials()
    (his,) = bob.authenticator.credentials()
    assert mine["userHandle"] != his["userHandle"]
    ada.authenticator.replace(mine, userHandle=his["userHandle"])
    refuses_passkey(server, demo, email)


@pytest.mark.parametrize("synced", [False, True], ids=["device-bound", "synced"])
def test_sign_count_rolled_back(server, person, email, synced):
    """WebAuthn Level 3, section 7.2, step 22: a copied device-bound key is refused; synced ones do not count together."""
    ada = person(authenticator={"defaultBackupEligibility": synced, "defaultBackupState": synced})
    demo = signed_up(server, ada, email)
    for _ in range(2):
        demo.open().press("signin").press_passkey_button()
        demo.is_signed_in(email)
        demo.sign_out()
    (mine,) = ada.authenticator.credentials()
    assert mine["signCount"] >= 2, mine
    # Far ahead, so that a page which tries again by autofill cannot count its way up to it.
    ada.authenticator.replace(mine, signCount=1000)
    demo.open().press("signin").press_passkey_button()
    demo.is_signed_in(email)
    demo.sign_out()
    (mine,) = ada.authenticator.credentials()
    assert mine["backupEligibility"] is synced
    ada.authenticator.replace(mine, signCount=0)
    if synced:
        demo.open().press("signin").press_passkey_button()
        demo.is_signed_in(email)
    else:
        refuses_passkey(server, demo, email)


@pytest.mark.parametrize("synced", [False, True], ids=["device-bound", "synced"])
def test_backup_eligibility_never_changes(server, person, email, synced):
    """WebAuthn Level 3, section 7.2: BE is fixed at creation; a flip means that this is not the authenticator it was."""
    ada = person(authenticator={"defaultBackupEligibility": synced, "defaultBackupState": synced})
    demo = signed_up(server, ada, email)
    (mine,) = ada.authenticator.credentials()
    ada.authenticator.replace(mine, backupEligibility=not synced, backupState=False)
    refuses_passkey(server, demo, email)


def test_backup_state_may_change(server, person, email):
    """BS may change at any time for an eligible credential: the person turned syncing on or off."""
    ada = person(authenticator={"defaultBackupEligibility": True, "defaultBackupState": False})
    demo = signed_up(server, ada, email)
    (mine,) = ada.authenticator.credentials()
    ada.authenticator.replace(mine, backupState=True)
    demo.open().press("signin").press_passkey_button()
    demo.is_signed_in(email)
    user = server.admin.user_by_email(email)
    (passkey,) = server.admin.passkeys(user["id"])
    assert passkey["backup_state"] is True, passkey


def test_a_machine_is_not_registered_twice(server, person, email):
    """The options name the passkeys that there are, so the authenticator declines, and the page says why."""
    ada = person()
    Demo(ada, server).sign_up("Ada Lovelace", email)
    account = Account(ada, server).open("passkeys")
    with ada.touch():
        account.hosted.click("#passkey-create")
        assert account.hosted.error()
    assert len(server.admin.passkeys(server.admin.user_by_email(email)["id"])) == 1
