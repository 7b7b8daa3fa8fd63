//! Sign-out that an application asks for (OpenID Connect RP-Initiated Logout 1.0).

use crate::house::{ada, application, neighbour, signed_up, tests};
use doorward_testkit::browser::Browser;
use doorward_testkit::page::{Form, Page};
use doorward_testkit::tenant::Tenant;

tests![
    without_a_hint_the_person_is_asked,
    with_a_hint_nobody_is_asked,
    a_hint_about_somebody_else_is_no_order,
    what_is_not_registered_is_refused_and_signs_nobody_out,
    another_site_cannot_sign_anybody_out,
    without_session_there_is_nothing_to_ask,
];

async fn logout(browser: &Browser, parameters: &[(&str, &str)]) -> Page {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    browser.get(&format!("/connect/logout?{query}")).await.unwrap()
}

const BYE: (&str, &str) = ("post_logout_redirect_uri", "https://web.example/bye");

async fn without_a_hint_the_person_is_asked(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let page = logout(&browser, &[("client_id", "web"), BYE, ("state", "s 1")]).await;
    assert_eq!(page.status, 200);
    assert!(browser.is_signed_in().await.unwrap(), "to ask is not to do");
    let done = browser.go(&page.form("/connect/logout").unwrap()).await.unwrap();
    assert_eq!(done.location(), Some("https://web.example/bye?state=s+1"), "{done}");
    assert!(!browser.is_signed_in().await.unwrap());
    assert_eq!(tenant.audit("session.ended").await.unwrap()[0]["reason"], "sign_out");
}

async fn with_a_hint_nobody_is_asked(tenant: Tenant) {
    let (browser, mut authenticator) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let stolen = browser.cookies();
    let tokens = web.tokens(&browser, &[]).await.unwrap();
    let hint = ("id_token_hint", tokens.text("id_token"));
    assert_eq!(logout(&browser, &[hint, BYE]).await.location(), Some("https://web.example/bye"));
    assert!(!browser.is_signed_in().await.unwrap());
    // The row is ended, not only the cookie taken away.
    let thief = tenant.browser();
    for cookie in stolen.split("; ") {
        thief.take_cookie(cookie);
    }
    assert!(!thief.is_signed_in().await.unwrap());
    assert_eq!(
        web.authorize(&browser, &[("prompt", "none")]).await.unwrap().answered("error").as_deref(),
        Some("login_required")
    );
    // Section 2: a hint may be old.
    browser.sign_in_passkey(&mut authenticator).await.unwrap();
    tenant.advance(2 * 3600).await.unwrap();
    assert_eq!(logout(&browser, &[hint, BYE]).await.location(), Some("https://web.example/bye"));
}

async fn a_hint_about_somebody_else_is_no_order(tenant: Tenant) {
    let (ada, _) = ada(&tenant).await;
    let (bob, _) = signed_up(&tenant, "Bob", "bob@example.org").await;
    let tokens = application(&tenant, "web").tokens(&bob, &[]).await.unwrap();
    let page = logout(&ada, &[("id_token_hint", tokens.text("id_token")), BYE]).await;
    assert_eq!((page.status, page.location()), (200, None));
    assert!(page.has_form("/connect/logout"), "{page}");
    assert!(ada.is_signed_in().await.unwrap());
}

async fn what_is_not_registered_is_refused_and_signs_nobody_out(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let web = application(&tenant, "web");
    let tokens = web.tokens(&browser, &[]).await.unwrap();
    let hint = ("id_token_hint", tokens.text("id_token"));
    let there = {
        let neighbour = neighbour(&tenant);
        let (browser, _) = signed_up(&neighbour, "Somebody", &format!("{}@example.org", tenant.slug())).await;
        application(&neighbour, "web").tokens(&browser, &[]).await.unwrap()
    };
    let table = [
        vec![hint, ("post_logout_redirect_uri", "https://evil.example/")],
        vec![hint, ("post_logout_redirect_uri", "https://web.example/bye/x")],
        vec![hint, ("post_logout_redirect_uri", "https://web.example/cb")],
        vec![hint, ("post_logout_redirect_uri", "https://es.example/bye")],
        vec![hint, BYE, ("client_id", "es")],
        vec![BYE],
        vec![BYE, ("client_id", "nobody")],
        vec![("id_token_hint", "garbage"), BYE],
        vec![("id_token_hint", tokens.text("access_token")), BYE],
        vec![("id_token_hint", there.text("id_token")), BYE],
    ];
    for parameters in table {
        let page = logout(&browser, &parameters).await;
        assert_eq!((page.status, page.location()), (400, None), "{parameters:?}: {page}");
        assert_eq!(page.problem().as_deref(), Some("invalid-request"), "{parameters:?}");
        assert!(browser.is_signed_in().await.unwrap(), "{parameters:?}");
    }
}

async fn another_site_cannot_sign_anybody_out(tenant: Tenant) {
    let (browser, _) = ada(&tenant).await;
    let foreign = browser.csrf_of(&tenant.browser()).await;
    let forms = [
        Form { action: "/connect/logout".into(), fields: vec![] },
        Form { action: "/connect/logout".into(), fields: vec![("csrf".into(), "x".into())] },
        Form { action: "/connect/logout".into(), fields: vec![("csrf".into(), foreign)] },
    ];
    // A browser sends none of our cookies with a form of another site, and takes those of the answer: there must be none.
    let long = Form { action: "/connect/logout".into(), fields: vec![("x".into(), "A".repeat(7000))] };
    let authorize = Form { action: "/connect/authorize".into(), fields: vec![] };
    for (form, status) in [(&long, 400), (&forms[0], 303), (&authorize, 303)] {
        let bare = browser.without_cookies();
        let page = bare.send(bare.post(form).header("sec-fetch-site", "cross-site")).await.unwrap();
        assert_eq!((page.status, page.header("set-cookie")), (status, None), "{page}");
    }
    for form in forms {
        for site in ["cross-site", "same-site", "same-origin"] {
            let page = browser.send(browser.post(&form).header("sec-fetch-site", site)).await.unwrap();
            let page = browser.follow(page).await.unwrap();
            assert!(page.has_form("/connect/logout"), "{site}: {page}");
            assert!(browser.is_signed_in().await.unwrap(), "{site}");
        }
    }
}

async fn without_session_there_is_nothing_to_ask(tenant: Tenant) {
    let browser = tenant.browser();
    let page = logout(&browser, &[("client_id", "web"), BYE, ("state", "x")]).await;
    assert_eq!(page.location(), Some("https://web.example/bye?state=x"));
    let page = logout(&browser, &[]).await;
    assert_eq!((page.status, page.location()), (200, None));
}
