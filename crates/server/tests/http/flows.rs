//! A sign-in under way: bound to its browser and tenant, sealed, and never a dead end.

use crate::house::{ADA, ada, application, neighbour, tests};
use doorward_testkit::authenticator::Bend;
use doorward_testkit::tenant::Tenant;

tests![
    a_flow_of_another_browser_is_refused,
    a_flow_that_was_tampered_with_is_refused,
    an_expired_flow_begins_again_where_it_led,
    two_tabs_are_two_flows,
    nobody_is_sent_to_another_site,
    a_host_without_tenant_is_served_nothing,
    an_address_that_is_none_is_not_taken,
    a_step_out_of_turn_is_refused,
    a_request_too_long_for_an_address_is_kept_by_the_server,
];

async fn a_flow_of_another_browser_is_refused(tenant: Tenant) {
    let (_, mut authenticator) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let (victim, attacker) = (tenant.browser(), tenant.browser());
    victim.open("/signin").await.unwrap();
    let page = web.authorize(&attacker, &[]).await.unwrap();
    let flow = page.form("/signin/identify").unwrap().field("flow").unwrap().to_owned();
    let sent = victim.open(&format!("/signin?flow={flow}")).await.unwrap();
    assert_eq!((sent.status, sent.problem().as_deref()), (400, Some("flow-expired")));
    // With a form of one's own, the flow of the other in it, and a good passkey.
    let own = victim.open("/signin").await.unwrap();
    let credential = authenticator.get(&own.passkey_options().unwrap(), Bend::none());
    let form = own.form("/signin/passkey").unwrap().with("credential", credential.to_string()).with("flow", flow);
    let answer = victim.go(&form).await.unwrap();
    assert_eq!((answer.status, answer.problem().as_deref()), (400, Some("flow-expired")));
    assert!(!victim.is_signed_in().await.unwrap());
}

async fn a_flow_that_was_tampered_with_is_refused(tenant: Tenant) {
    let browser = tenant.browser();
    let page = browser.open("/signin").await.unwrap();
    let form = page.form("/signin/identify").unwrap().with("identifier", ADA);
    let flow = form.field("flow").unwrap().to_owned();
    let flipped = |at: usize| {
        let mut bytes = flow.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    let there = neighbour(&tenant).browser().open("/signin").await.unwrap();
    let there = there.form("/signin/identify").unwrap().field("flow").unwrap().to_owned();
    let bad = [
        String::new(),
        "x".into(),
        "p.00000000000000000000000000000000".into(),
        flipped(0),
        flipped(flow.len() / 2),
        flipped(flow.len() - 2),
        flow[..flow.len() - 1].into(),
        format!("{flow}A"),
        there,
    ];
    for bad in bad {
        let answer = browser.go(&form.clone().with("flow", &*bad)).await.unwrap();
        assert_eq!((answer.status, answer.problem().as_deref()), (400, Some("flow-expired")), "{bad}");
        let answer = browser.get(&format!("/signin?flow={bad}")).await.unwrap();
        assert_eq!(answer.status, 400, "{bad}");
    }
    assert_eq!(browser.submit(&form).await.unwrap().status, 303);
}

async fn an_expired_flow_begins_again_where_it_led(tenant: Tenant) {
    let (_, mut authenticator) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let browser = tenant.browser();
    let page = web.authorize(&browser, &[]).await.unwrap();
    tenant.advance(3601).await.unwrap();
    let again = browser.identify(&page, ADA).await.unwrap();
    assert_eq!((again.status, again.problem().as_deref()), (422, Some("form-expired")));
    let done = browser.assert_passkey(&again, &mut authenticator, Bend::none()).await.unwrap();
    let tokens = web.redeem(&done.answered("code").unwrap()).await.unwrap();
    assert_eq!(tokens.status, 200, "the application that waited still gets its answer");
    // So does one that is only looked at: a tab of yesterday.
    let browser = tenant.browser();
    let page = web.authorize(&browser, &[]).await.unwrap();
    tenant.advance(86_400).await.unwrap();
    let page = browser.open(page.url.as_str()).await.unwrap();
    let done = browser.assert_passkey(&page, &mut authenticator, Bend::none()).await.unwrap();
    assert!(done.answered("code").is_some(), "{done}");
}

async fn two_tabs_are_two_flows(tenant: Tenant) {
    let (_, mut authenticator) = ada(&tenant).await;
    let browser = tenant.browser();
    let (web, es) = (application(&tenant, "web"), application(&tenant, "es"));
    let left = web.authorize(&browser, &[]).await.unwrap();
    let right = es.authorize(&browser, &[]).await.unwrap();
    let done = browser.assert_passkey(&right, &mut authenticator, Bend::none()).await.unwrap();
    assert!(done.location().unwrap().starts_with("https://es.example/cb?code="), "{done}");
    let done = browser.assert_passkey(&left, &mut authenticator, Bend::none()).await.unwrap();
    assert!(done.location().unwrap().starts_with("https://web.example/cb?code="), "{done}");
    // A tab that was left behind goes on with the session that its neighbour opened.
    let browser = tenant.browser();
    let left = web.authorize(&browser, &[]).await.unwrap();
    browser.sign_in_passkey(&mut authenticator).await.unwrap();
    let done = browser.identify(&left, ADA).await.unwrap();
    assert!(done.answered("code").is_some(), "{done}");
}

async fn nobody_is_sent_to_another_site(tenant: Tenant) {
    let (browser, mut authenticator) = ada(&tenant).await;
    let evil = [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/%09/evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "http:evil.example",
        "/\r\nlocation: https://evil.example",
    ];
    for path in evil {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("return_to", path).finish();
        let page = browser.get(&format!("/signin?{query}")).await.unwrap();
        let to = page.url.join(page.location().unwrap()).unwrap();
        assert_eq!(to.host_str(), Some(tenant.host()), "{path:?} led to {to}");
        let fresh = tenant.browser();
        let page = fresh.open(&format!("/signin?{query}")).await.unwrap();
        let done = fresh.assert_passkey(&page, &mut authenticator, Bend::none()).await.unwrap();
        let to = done.url.join(done.location().unwrap()).unwrap();
        assert_eq!(to.host_str(), Some(tenant.host()), "{path:?} led to {to}");
    }
    let page = browser.get("/signin?return_to=%2Faccount%2Femails%3Fx%3D1").await.unwrap();
    assert_eq!(page.location(), Some("/account/emails?x=1"));
}

async fn a_host_without_tenant_is_served_nothing(tenant: Tenant) {
    let get = |path: &str, host: &str| tenant.http().get(tenant.url(path)).header("host", host);
    for path in
        ["/signin", "/.well-known/openid-configuration", "/.well-known/jwks.json", "/connect/userinfo", "/dev/mailbox.json"]
    {
        for host in ["evil.example", "localhost", "x.localhost"] {
            let answer = get(path, host).send().await.unwrap();
            assert_eq!(answer.status(), 421, "{host}{path}");
            assert!(answer.headers().get("set-cookie").is_none(), "{host}{path}");
        }
    }
    let upper = get("/.well-known/openid-configuration", &tenant.host().to_uppercase()).send().await.unwrap();
    assert_eq!(upper.status(), 200, "hosts have no case");
    let forged = get("/.well-known/openid-configuration", "evil.example").header("x-forwarded-host", tenant.host());
    assert_eq!(forged.send().await.unwrap().status(), 421, "no proxy is trusted here");
    let document: serde_json::Value = get("/.well-known/openid-configuration", tenant.host())
        .header("x-forwarded-host", "evil.example")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(document["issuer"], tenant.origin());
}

async fn an_address_that_is_none_is_not_taken(tenant: Tenant) {
    let browser = tenant.browser();
    let page = browser.open("/signup").await.unwrap();
    let long = format!("{}@example.org", "x".repeat(300));
    for (email, problem) in [
        ("", "identifier-missing"),
        ("ada", "email-invalid"),
        ("ada@", "email-invalid"),
        ("@example.org", "email-invalid"),
        ("a b@example.org", "email-invalid"),
        ("ada@example.org\r\nBcc: x@example.org", "email-invalid"),
        (&*long, "email-invalid"),
    ] {
        let answer = browser.begin_sign_up_at(&page, "Ada", email).await.unwrap();
        assert_eq!((answer.status, answer.problem().as_deref()), (422, Some(problem)), "{email:.30}");
    }
    let answer = browser.begin_sign_up_at(&page, " \u{7} ", ADA).await.unwrap();
    assert_eq!(answer.problem().as_deref(), Some("name-missing"));
    let answer = browser.begin_sign_up_at(&page, "<b>Ada</b>", ADA).await.unwrap();
    assert!(!answer.body.contains("<b>Ada"), "escaped");
}

async fn a_step_out_of_turn_is_refused(tenant: Tenant) {
    let browser = tenant.browser();
    let page = browser.open("/signin").await.unwrap();
    let form = page.form("/signin/identify").unwrap();
    let fields = [("code", "123456"), ("name", "Ada"), ("identifier", ADA), ("credential", "{}"), ("decision", "allow")];
    for action in [
        "/signin/code",
        "/signin/create",
        "/signin/register",
        "/signin/profile",
        "/signin/consent",
        "/signin/account",
        "/signin/skip",
    ] {
        let mut out_of_turn = fields.iter().fold(form.clone(), |form, (name, value)| form.with(name, *value));
        out_of_turn.action = action.into();
        let answer = browser.go(&out_of_turn).await.unwrap();
        assert!(answer.status < 500, "{action}: {answer}");
        assert_eq!(answer.answered("code"), None);
        assert!(!browser.is_signed_in().await.unwrap(), "{action}");
    }
    assert!(tenant.audit("user.created").await.unwrap().is_empty());
    let answer = browser.get("/signin/code").await.unwrap();
    assert_eq!(answer.status, 405);
}

async fn a_request_too_long_for_an_address_is_kept_by_the_server(tenant: Tenant) {
    let (_, mut authenticator) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let (browser, thief) = (tenant.browser(), tenant.browser());
    let (state, nonce) = ("s".repeat(2048), "n".repeat(512));
    let claims =
        format!("{{\"userinfo\":{{{}\"x\":null}}}}", (0..60).map(|n| format!("\"claim_{n}\":null,")).collect::<String>());
    let long = [("state", &*state), ("nonce", &nonce), ("claims", &claims)];
    let page = web.authorize(&browser, &long).await.unwrap();
    assert!(page.url.query().unwrap().starts_with("flow=p."), "{page}");
    let stolen = thief.open(&page.url[url::Position::BeforePath..]).await.unwrap();
    assert_eq!(stolen.status, 400, "{stolen}");
    let done = browser.assert_passkey(&page, &mut authenticator, Bend::none()).await.unwrap();
    assert_eq!(done.answered("state"), Some(state.clone()));
    assert!(done.answered("code").is_some(), "{done}");
}
