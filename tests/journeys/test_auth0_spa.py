"""The Auth0 accent, journey 8: @auth0/auth0-spa-js in a real browser."""

import pytest

from auth0_accent import OverHttps, SinglePage, application, claims_of
from pages import Hosted
from ports import free_port

FRESH = "return await window.client.getTokenSilently({ cacheMode: 'off', detailedResponse: true, timeoutInSeconds: 5 });"


@pytest.fixture
def https(server):
    return OverHttps(server)


@pytest.fixture
def spa(https, person, clients):
    """An application of its own at a browser that trusts the local CA."""

    def start(**more):
        port = free_port()
        refresh = {"rotate": True, "overlap_seconds": 0, "idle_seconds": 86400, "absolute_seconds": 2592000}
        made = application(https, f"SPA {port}", port, scheme="https", kind="spa", refresh=refresh)
        tls = {"tls_cert": https.data_dir / "tls.pem", "tls_key": https.data_dir / "tls-key.pem"}
        settings = {"client_id": made["client_id"], "client_secret": None, "audience": https.auth0["audience"]} | tls | more
        client = clients.auth0("node", https, script="spa.mjs", port=port, scheme="https", **settings)
        return SinglePage(person(ignore_https_errors=True), https, client)

    return start


def sign_up(app, email, **options):
    app.open(**options)
    assert app.state() == "out"
    app.start("await window.client.loginWithRedirect({ appState: { from: 'here' }, authorizationParams: { screen_hint: 'signup' } });")
    app.hosted.sign_up("Ada Lovelace", email)
    app.is_ready()
    assert app.state() == "in", app.user()


def test_redirect_silent_renewal_in_a_frame_and_sign_out(spa, email):
    app = spa()
    sign_up(app, email)
    user = app.user()
    assert user["email"] == email and user["sub"].startswith("auth0|")
    assert app.run("return window.appState;")["value"] == {"from": "here"}

    first = app.run("return await window.client.getTokenSilently();")["value"]
    header, claims = claims_of(first)
    assert header["alg"] == "RS256" and header["typ"] == "JWT"
    assert claims["aud"] == [app.server.auth0["audience"], f"{app.server.issuer}userinfo"] and claims["permissions"] == []
    assert "jti" not in claims and "client_id" not in claims and claims["azp"]

    # A new token without a page: an answer by message to a hidden frame.
    app.requests.clear()
    renewed = app.run(FRESH)
    assert "value" in renewed, renewed
    asked = [r for r in app.requests if "response_mode=web_message" in r.url]
    assert len(asked) == 1 and "prompt=none" in asked[0].url
    assert renewed["value"]["access_token"] != first and renewed["value"]["id_token"]
    # The code of that answer was exchanged from the page, with the header that makes browsers ask first.
    token_request = app.posted_to("/oauth/token")[-1]
    assert "auth0-client" in token_request.all_headers()

    app.log_out()
    assert app.state() == "out"
    gone = app.run(FRESH)
    assert gone["error"] == "login_required", gone


def test_rotating_refresh_tokens_and_what_happens_to_a_stolen_one(spa, email):
    app = spa(scope="openid profile email offline_access")
    sign_up(app, email, useRefreshTokens=True, cacheLocation="localstorage")
    stored = "return Object.values(localStorage).map(JSON.parse).map((e) => e.body?.refresh_token).find(Boolean);"
    stolen = app.run(stored)["value"]
    assert stolen
    app.requests.clear()
    assert "value" in app.run(FRESH)
    assert not [r for r in app.requests if "web_message" in r.url], "by refresh token, not by frame"
    current = app.run(stored)["value"]
    assert current and current != stolen

    reuse = app.server.post(
        "/oauth/token",
        json={"grant_type": "refresh_token", "client_id": app.run("return window.client.options.clientId;")["value"], "refresh_token": stolen},
    )
    assert reuse.status_code == 403 and reuse.json()["error"] == "invalid_grant"
    assert "invalid refresh token" in reuse.json()["error_description"].lower()
    # The whole family is over, the honest page's token too; it sees the words that it looks for.
    after = app.run(FRESH)
    assert after["error"] == "invalid_grant" and "invalid refresh token" in after["description"].lower(), after


def test_a_popup_signs_in(spa, person, email):
    app = spa()
    sign_up(app, email)
    app.log_out()
    with app.page.expect_popup() as opened:
        app.start("window.done = window.client.loginWithPopup().then(() => 'in', (e) => e.error + ' ' + e.message);")
    popup = opened.value
    app.person.tab(popup)
    popup.wait_for_url(f"{app.server.url}/signin**")
    # The library closes the popup by itself, and the authenticator of that tab goes with it.
    app.person.authenticators[popup].set_present(True)
    hosted, begun = Hosted(app.person, app.server, popup), popup.url
    # With presence simulated, autofill may answer before the button can be pressed.
    app.hosted.wait_until(lambda: popup.is_closed() or popup.url != begun or hosted.pressed("#passkey-signin", begun), within_ms=20_000)
    outcome = app.page.evaluate("async () => { while (!window.done) await new Promise((r) => setTimeout(r, 20)); return await window.done; }")
    assert outcome == "in"
    assert app.run("return (await window.client.getUser()).email;")["value"] == email


def test_a_frame_on_another_site_gets_an_answer_only_where_nothing_is_shown(spa, email):
    app = spa()
    sign_up(app, email)
    cookies = {c["name"]: c["value"] for c in app.person.context.cookies(app.server.url)}
    silent = {"__Host-dw_silent": cookies["__Host-dw_silent"]}
    query = {
        "client_id": app.run("return window.client.options.clientId;")["value"],
        "redirect_uri": app.client.url + "/",
        "response_type": "code",
        "response_mode": "web_message",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
        "scope": "openid",
    }
    answered = app.server.get("/authorize", params=query | {"prompt": "none"}, cookies=silent)
    assert answered.status_code == 200 and "&#34;code&#34;" in answered.text or "&quot;code&quot;" in answered.text
    assert f"frame-ancestors {app.client.url};" in answered.headers["content-security-policy"]
    assert "x-frame-options" not in answered.headers
    # Without prompt=none that cookie is nothing, and no other page takes it.
    shown = app.server.get("/authorize", params=query, cookies=silent)
    assert shown.status_code == 303 and shown.headers["location"].startswith("/signin")
    assert app.server.get("/account", cookies=silent).headers["location"].startswith("/signin")


def test_a_message_goes_only_to_a_registered_origin(https):
    query = {
        "client_id": https.auth0["client_id"],
        "redirect_uri": "https://elsewhere.example/callback",
        "response_type": "code",
        "response_mode": "web_message",
        "prompt": "none",
    }
    refused = https.get("/authorize", params=query)
    assert refused.status_code == 400 and "location" not in refused.headers


def test_preflight_and_who_may_read_the_answer(https, spa):
    app = spa()
    wanted = {"Origin": app.client.url, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "auth0-client,content-type"}
    for path in ("/oauth/token", "/oauth/revoke", "/passwordless/start", "/passkey/challenge", "/dbconnections/signup"):
        answer = https.session().options(https.url + path, headers=wanted, timeout=10)
        assert answer.status_code in (200, 204), path
        assert answer.headers["Access-Control-Allow-Origin"] in ("*", app.client.url)
        assert "auth0-client" in answer.headers["Access-Control-Allow-Headers"].lower()
    client_id = app.open().run("return window.client.options.clientId;")["value"]
    body = {"grant_type": "refresh_token", "client_id": client_id, "refresh_token": "x"}
    own = https.post("/oauth/token", json=body, headers={"Origin": app.client.url})
    assert own.headers["Access-Control-Allow-Origin"] == app.client.url
    stranger = https.post("/oauth/token", json=body, headers={"Origin": "https://elsewhere.example"})
    assert "Access-Control-Allow-Origin" not in stranger.headers
