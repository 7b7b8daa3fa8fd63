use axum::body::Body;

use super::super::rig::{HOST, OTHER_HOST, Rig, header_of, json_of, text_of};
use super::*;

/// 2026-11-21T10:00:00Z.
const NOW: Timestamp = Timestamp(1_795_255_200_000);

#[test]
fn a_code_has_a_line_to_itself() {
    let cases = [
        ("Hello\n\n    123456\n\nValid for 10 minutes.", Some("123456")),
        ("\t0042\r\n", Some("0042")),
        ("1234567890", Some("1234567890")),
        ("12345678901", None),
        ("123", None),
        ("Signed in on 21 November 2026 from 192.0.2.7", None),
        ("http://localhost:9011/signin/link?c=12345678", None),
        ("A1234\n12-3456\n１２３４", None),
        ("1111\n2222", Some("1111")),
        ("", None),
    ];
    for (text, expected) in cases {
        assert_eq!(code(text), expected, "{text:?}");
    }
}

#[test]
fn a_link_is_one_that_signs_in() {
    let cases = [
        ("Or open\nhttp://localhost:9011/signin/link?c=a1&t=b-2_\n\nbye", Some("http://localhost:9011/signin/link?c=a1&t=b-2_")),
        (
            "See http://localhost:9011/account/passkeys first, <https://a.example/signin/link?c=1>",
            Some("https://a.example/signin/link?c=1"),
        ),
        ("http://localhost:9011/account/passkeys", None),
        ("javascript:alert(1)//signin/link", None),
        ("https://evil.example/?to=/signin/link", None),
        ("https://evil.example/#/signin/link", None),
        ("https://a.example/signin/linked", None),
        ("", None),
    ];
    for (text, expected) in cases {
        assert_eq!(link(text), expected, "{text:?}");
    }
}

#[test]
fn rfc_3339_times_of_known_seconds() {
    assert_eq!(rfc3339(Timestamp(0)).as_deref(), Some("1970-01-01T00:00:00.000Z"));
    // RFC 3339, section 5.8, in UTC: 1996-12-19T16:39:57-08:00.
    assert_eq!(rfc3339(Timestamp(851_042_397_000)).as_deref(), Some("1996-12-20T00:39:57.000Z"));
    assert_eq!(rfc3339(Timestamp(482_196_050_520)).as_deref(), Some("1985-04-12T23:20:50.520Z"));
    assert_eq!(rfc3339(Timestamp(i64::MAX)), None);
}

#[tokio::test]
async fn json_lists_newest_first_for_one_address_and_one_tenant() {
    let rig = Rig::start().await;
    let text = "Code\n\n    482913\n\nhttp://localhost:9011/signin/link?c=1&t=2\n";
    rig.mail(HOST, NOW, "ada@example.com", text, "<p>482913</p>").await;
    rig.mail(HOST, NOW.plus_seconds(1), "bob@example.com", "Nothing here", "").await;
    let last = rig.mail(HOST, NOW.plus_seconds(2), "ada@example.com", "Hello", "<p>Hello</p>").await;
    rig.mail(OTHER_HOST, NOW.plus_seconds(3), "ada@example.com", "Of another tenant", "").await;

    let list = async |path: &str| {
        let (status, body) = json_of(rig.get(router(), HOST, path).await).await;
        assert_eq!(status, StatusCode::OK);
        body["messages"].as_array().unwrap().clone()
    };
    let texts = |messages: &[Value]| messages.iter().map(|m| m["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(texts(&list("/dev/mailbox.json").await), ["Hello", "Nothing here", text]);
    assert_eq!(texts(&list("/dev/mailbox.json?to=ada@example.com").await), ["Hello", text]);
    // Addresses are compared as they are stored.
    assert_eq!(texts(&list("/dev/mailbox.json?to=Ada%40Example.com&limit=1").await), ["Hello"]);
    assert_eq!(texts(&list("/dev/mailbox.json?to=eve@example.com").await), Vec::<String>::new());

    let messages = list("/dev/mailbox.json?to=ada@example.com").await;
    assert_eq!(
        messages[1],
        json!({
            "id": messages[1]["id"], "to": "ada@example.com", "subject": format!("Mail <{}>", NOW.0), "text": text,
            "html": "<p>482913</p>", "code": "482913", "link": "http://localhost:9011/signin/link?c=1&t=2",
            "received_at": "2026-11-21T10:00:00.000Z",
        })
    );
    assert_eq!(messages[0]["id"], last.id.to_string());
    assert_eq!((&messages[0]["code"], &messages[0]["link"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn the_page_lists_or_says_that_there_is_nothing_and_gives_programs_json() {
    let rig = Rig::start().await;
    let (status, empty) = text_of(rig.get(router(), HOST, "/dev/mailbox").await).await;
    assert_eq!(status, StatusCode::OK);
    assert!(empty.contains("No mail yet"), "{empty}");

    let row = rig.mail(HOST, NOW, "ada@example.com", "\n  482913\n", "").await;
    let (_, page) = text_of(rig.get(router(), HOST, "/dev/mailbox").await).await;
    assert!(page.contains("482913") && page.contains("ada@example.com") && page.contains(&row.id.to_string()), "{page}");
    assert!(page.contains("Mail &lt;"), "{page}");

    let asked = |accept: &str| rig.request("GET", HOST, "/dev/mailbox").header("accept", accept).body(Body::empty()).unwrap();
    let (_, json) = json_of(rig.send(router(), asked("application/json")).await).await;
    assert_eq!(json["messages"][0]["code"], "482913");
    let german = rig.request("GET", HOST, "/dev/mailbox").header("accept-language", "de").body(Body::empty()).unwrap();
    assert!(text_of(rig.send(router(), german).await).await.1.contains("<html lang=\"de\""));
}

#[tokio::test]
async fn a_mail_has_its_page_and_its_markup_no_rights() {
    let rig = Rig::start().await;
    let markup = "<p>Hi</p><script>parent.document.title = 'taken'</script>";
    let row = rig.mail(HOST, NOW, "ada@example.com", "Text <part>\nhttps://a.example/signin/link?c=1\n 482913", markup).await;
    let path = format!("/dev/mailbox/{}", row.id);

    let response = rig.get(router(), HOST, &path).await;
    assert!(header_of(&response, header::CONTENT_SECURITY_POLICY).contains("frame-src 'self'"));
    let (status, page) = text_of(response).await;
    assert_eq!(status, StatusCode::OK);
    let page = page.replace("&#x2f;", "/");
    assert!(
        page.contains("Text &lt;part&gt;")
            && page.contains(&format!("<iframe class=\"dw-mail-frame\" sandbox src=\"{path}/html\"")),
        "{page}"
    );
    assert!(page.contains("href=\"https://a.example/signin/link?c=1\"") && page.contains("482913"), "{page}");

    let response = rig.get(router(), HOST, &format!("{path}/html")).await;
    let policy = header_of(&response, header::CONTENT_SECURITY_POLICY);
    // `sandbox` without a word after it: an origin of its own and no script, also where the address is opened by itself.
    assert!(policy.starts_with("sandbox;") && !policy.contains("allow-") && !policy.contains("script-src"), "{policy}");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'self'"), "{policy}");
    assert_eq!(header_of(&response, header::X_FRAME_OPTIONS), "SAMEORIGIN");
    assert!(header_of(&response, header::CONTENT_TYPE).starts_with("text/html"));
    assert_eq!(text_of(response).await.1, markup);
}

#[tokio::test]
async fn a_mail_of_another_tenant_or_of_nobody_is_not_found() {
    let rig = Rig::start().await;
    let row = rig.mail(HOST, NOW, "ada@example.com", "Hello", "<p>Hello</p>").await;
    for (host, id) in [(OTHER_HOST, row.id.to_string()), (HOST, Uuid::nil().to_string()), (HOST, "nonsense".to_owned())] {
        for path in [format!("/dev/mailbox/{id}"), format!("/dev/mailbox/{id}/html")] {
            assert_eq!(rig.get(router(), host, &path).await.status(), StatusCode::NOT_FOUND, "{host}{path}");
        }
    }
    let (status, _) = text_of(rig.get(router(), "elsewhere.example", "/dev/mailbox.json").await).await;
    assert_eq!(status, StatusCode::MISDIRECTED_REQUEST);
}
