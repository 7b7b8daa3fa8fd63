use super::*;

fn brand(name: &str) -> Brand {
    Brand {
        tenant_name: name.into(),
        logo_url: None,
        color: Some("#ffe600".into()),
        support_url: Some("https://acme.example/help".into()),
    }
}

fn every_mail() -> Vec<Mail> {
    let code = || Code { code: "482913".into(), link: Some("https://id.acme.example/link?token=a&b=c".into()), minutes: 10 };
    let circumstance =
        || Circumstance { device: Some("Firefox <b>".into()), origin: Some("203.0.113.7".into()), at: 1_795_230_384 };
    let account_url = || String::from("https://id.acme.example/account");
    vec![
        Mail::SignInCode(code()),
        Mail::VerifyEmail(Code { link: None, ..code() }),
        Mail::StepUpCode(code()),
        Mail::RecoveryCode(code()),
        Mail::AccountExists(code()),
        Mail::PasskeyAdded { passkey: "My <script> key".into(), circumstance: circumstance(), account_url: account_url() },
        Mail::PasskeyRemoved {
            passkey: "iCloud Keychain".into(),
            circumstance: Circumstance::default(),
            account_url: account_url(),
        },
        Mail::NewDevice { circumstance: circumstance(), account_url: account_url() },
        Mail::RecoveryUsed { circumstance: circumstance(), account_url: account_url() },
        Mail::EmailChanged { new_address: "new@example.com".into(), circumstance: circumstance(), help_url: None },
        Mail::EmailChanged { new_address: "new@example.com".into(), circumstance: circumstance(), help_url: Some(account_url()) },
        Mail::PasswordChanged { circumstance: circumstance(), account_url: account_url() },
        Mail::FactorAdded { factor: "My <b> phone".into(), circumstance: circumstance(), account_url: account_url() },
        Mail::FactorRemoved { factor: String::new(), circumstance: circumstance(), account_url: account_url() },
        Mail::RecoveryCodeUsed { left: 1, circumstance: circumstance(), account_url: account_url() },
        Mail::RecoveryCodeUsed { left: 7, circumstance: circumstance(), account_url: account_url() },
        Mail::SetPassword { link: "https://id.example/password/change/x".into(), minutes: 10 },
        Mail::SignInLink { link: "https://id.example/signin/x".into(), minutes: 3 },
        Mail::AccountDeleted,
        Mail::Invitation { link: account_url() },
        Mail::WayBack { link: account_url() },
    ]
}

#[test]
fn every_mail_in_every_language_has_all_its_words() {
    for locale in Locale::ALL {
        for mail in every_mail() {
            let seen = render_mail(&mail, &brand("Acme"), locale);
            for part in [&seen.subject, &seen.text, &seen.html] {
                assert!(!part.trim().is_empty());
                // A key shown as itself, or a value that the message lacks.
                assert!(!part.contains(&format!("{}-", mail.kind())), "{locale:?} {part}");
                assert!(!part.contains("{$") && !part.contains("fact-"), "{locale:?} {part}");
            }
            assert!(!seen.text.contains("\n\n\n"), "{}", seen.text);
            assert!(seen.text.contains("Acme") && seen.subject.contains("Acme"), "{seen:?}");
            assert!(seen.html.contains(&format!("lang=\"{}\"", locale.tag())));
            if let Some(code) = mail.code() {
                for part in [&seen.subject, &seen.text, &seen.html] {
                    assert!(part.contains(&code.code), "{part}");
                }
            }
            if let Some(link) = mail.link() {
                assert!(seen.text.contains(link), "{}", seen.text);
            }
        }
    }
}

#[test]
fn every_language_has_its_own_words_for_every_message() {
    let keys = |locale: Locale| -> Vec<String> {
        let file = Messages::get(&format!("{}/mail.ftl", locale.tag())).expect("a file for each language");
        String::from_utf8_lossy(&file.data)
            .lines()
            .filter_map(|line| line.split_once(" =").map(|(key, _)| key.to_owned()))
            .filter(|key| !key.starts_with([' ', '#']))
            .collect()
    };
    let english = keys(Locale::En);
    assert!(english.len() > 50);
    for locale in Locale::ALL {
        assert_eq!(keys(locale), english, "{locale:?}");
    }
}

#[test]
fn a_strangers_text_stays_text() {
    let evil = brand("Acme\r\nBcc: all@example.com <img src=x>");
    for mail in every_mail() {
        let seen = render_mail(&mail, &evil, Locale::En);
        assert!(!seen.subject.contains(['\r', '\n']), "{}", seen.subject);
        assert!(!seen.html.contains("<script>") && !seen.html.contains("<img src=x>") && !seen.html.contains("<b>"));
    }
}

#[test]
fn a_pale_brand_colour_still_gives_a_readable_button() {
    let seen = render_mail(&every_mail().remove(0), &brand("Acme"), Locale::En);
    assert!(!seen.html.contains("background:#ffe600;color:#ffffff"), "{}", seen.html);
    assert!(seen.html.contains("color:#10151a"), "{}", seen.html);
}
