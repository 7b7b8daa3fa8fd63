use super::home::{ADA, application, family, family_state, is_live, later, mails, signed_in, somebody, under, with_addresses};
use super::house::{House, each};
use doorward_protocol::ids::PasskeyId;
use doorward_service::Cx;
use doorward_service::account::AccountError;
use doorward_service::directory::NewIdentifier;
use doorward_service::password::PasswordProblem;
use doorward_service::signin::Problem;
use doorward_store::passkeys::PasskeyRow;
use doorward_store::sessions::SessionRow;
use doorward_testkit::authenticator::{Bend, SoftAuthenticator};
use uuid::Uuid;

const GOOD: &str = "correct horse battery staple";

fn browser() -> SoftAuthenticator {
    SoftAuthenticator::new("https://acme.example", "acme.example")
}

async fn passkey(h: &House, cx: &Cx, session: &SessionRow) -> PasskeyRow {
    let options = h.service.my_creation_options(cx, session).await.expect("options");
    let credential = browser().create(&options, Bend::none());
    h.service.add_my_passkey(cx, session, &credential.to_string()).await.expect("a passkey")
}

async fn count(h: &House, session: &SessionRow) -> usize {
    h.service.my_passkeys(&h.cx, session).await.expect("store").len()
}

#[tokio::test]
async fn a_passkey_is_added_once() {
    each(|h| async move {
        let ada = somebody(&h, ADA).await;
        let options = h.service.my_creation_options(&h.cx, &ada).await.unwrap();
        assert_eq!(options["user"]["name"], ADA);
        let credential = browser().create(&options, Bend::none()).to_string();
        h.service.add_my_passkey(&h.cx, &ada, &credential).await.unwrap();
        let replayed = h.service.add_my_passkey(&h.cx, &ada, &credential).await;
        assert!(matches!(replayed, Err(AccountError::Refused(Problem::PasskeyStale))), "{replayed:?}");
        assert_eq!(count(&h, &ada).await, 1);
        assert_eq!(mails(&h, ADA).await.len(), 1);
        // Options made for one account add nothing to another.
        let eve = somebody(&h, "eve@example.org").await;
        let options = h.service.my_creation_options(&h.cx, &ada).await.unwrap();
        let credential = browser().create(&options, Bend::none()).to_string();
        let foreign = h.service.add_my_passkey(&h.cx, &eve, &credential).await;
        assert!(matches!(foreign, Err(AccountError::Refused(Problem::PasskeyRefused { .. }))), "{foreign:?}");
        assert_eq!(count(&h, &eve).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_passkey_is_renamed_by_its_owner() {
    each(|h| async move {
        let (ada, eve) = (somebody(&h, ADA).await, somebody(&h, "eve@example.org").await);
        let made = passkey(&h, &h.cx, &ada).await;
        let foreign = h.service.rename_passkey(&h.cx, &eve, made.id, "mine").await;
        assert!(matches!(foreign, Err(AccountError::NotFound("passkey"))), "{foreign:?}");
        let empty = h.service.rename_passkey(&h.cx, &ada, made.id, " \n ").await;
        assert!(matches!(empty, Err(AccountError::NameMissing)), "{empty:?}");
        h.service.rename_passkey(&h.cx, &ada, made.id, &format!(" Blue\tkey {}", "x".repeat(100))).await.unwrap();
        let name = h.service.my_passkeys(&h.cx, &ada).await.unwrap().remove(0).name;
        assert!(name.starts_with("Blue key x") && name.chars().count() == 64, "{name}");
        assert!(h.events().await.contains(&"passkey.renamed".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn the_last_way_to_sign_in_stays() {
    each(|h| async move {
        let ada = somebody(&h, ADA).await;
        let only = passkey(&h, &h.cx, &ada).await;
        let no_codes = under(&h.cx, |p| p.code.enabled = false);
        assert!(!h.service.last_passkey_deletable(&no_codes, &ada).await.unwrap());
        let last = h.service.delete_passkey(&no_codes, &ada, only.id).await;
        assert!(matches!(last, Err(AccountError::LastSignInMethod)), "{last:?}");
        assert_eq!(count(&h, &ada).await, 1);
        assert!(!h.events().await.contains(&"passkey.deleted".to_owned()));
        // A password is a way, where the policy has passwords.
        h.service.change_password(&no_codes, &ada, None, GOOD).await.unwrap();
        let off = under(&no_codes, |p| p.password.enabled = false);
        let last = h.service.delete_passkey(&off, &ada, only.id).await;
        assert!(matches!(last, Err(AccountError::LastSignInMethod)), "{last:?}");
        h.service.delete_passkey(&no_codes, &ada, only.id).await.unwrap();
        let last = h.service.remove_password(&no_codes, &ada).await;
        assert!(matches!(last, Err(AccountError::LastSignInMethod)), "{last:?}");
        // A proven address is one, where codes sign in.
        h.service.remove_password(&h.cx, &ada).await.unwrap();
        assert!(mails(&h, ADA).await.iter().any(|m| m.subject.contains("passkey was removed")));
    })
    .await;
}

#[tokio::test]
async fn an_unproven_address_is_no_way_to_sign_in() {
    each(|h| async move {
        let ada = with_addresses(&h, &[NewIdentifier::email(ADA, false)]).await;
        let only = passkey(&h, &h.cx, &ada).await;
        assert!(!h.service.last_passkey_deletable(&h.cx, &ada).await.unwrap());
        let last = h.service.delete_passkey(&h.cx, &ada, only.id).await;
        assert!(matches!(last, Err(AccountError::LastSignInMethod)), "{last:?}");
    })
    .await;
}

#[tokio::test]
async fn two_deletions_at_once_leave_a_way() {
    each(|h| async move {
        let ada = somebody(&h, ADA).await;
        let cx = under(&h.cx, |p| p.code.enabled = false);
        let only = passkey(&h, &cx, &ada).await;
        h.service.change_password(&cx, &ada, None, GOOD).await.unwrap();
        let (one, two) = tokio::join!(h.service.delete_passkey(&cx, &ada, only.id), h.service.remove_password(&cx, &ada));
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    })
    .await;
}

#[tokio::test]
async fn passkeys_are_the_owners_and_need_a_fresh_proof() {
    each(|h| async move {
        let (ada, eve) = (somebody(&h, ADA).await, somebody(&h, "eve@example.org").await);
        let made = passkey(&h, &h.cx, &ada).await;
        for id in [made.id, PasskeyId(Uuid::nil())] {
            let foreign = h.service.delete_passkey(&h.cx, &eve, id).await;
            assert!(matches!(foreign, Err(AccountError::NotFound("passkey"))), "{foreign:?}");
        }
        let options = h.service.my_creation_options(&h.cx, &ada).await.unwrap();
        let credential = browser().create(&options, Bend::none()).to_string();
        let stale = later(&h.cx, 600);
        for outcome in [
            h.service.delete_passkey(&stale, &ada, made.id).await,
            h.service.add_my_passkey(&stale, &ada, &credential).await.map(|_| ()),
            h.service.my_creation_options(&stale, &ada).await.map(|_| ()),
            h.service.change_password(&stale, &ada, None, GOOD).await,
            h.service.remove_password(&stale, &ada).await,
        ] {
            assert!(matches!(outcome, Err(AccountError::NotFresh)), "{outcome:?}");
        }
        assert_eq!(count(&h, &ada).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_new_password_ends_other_sessions_and_tokens() {
    each(|h| async move {
        let ada = somebody(&h, ADA).await;
        let elsewhere = signed_in(&h, ada.user_id).await;
        let app = application(&h, "Shop").await;
        let grant = family(&h, &elsewhere, app).await;
        let eve = somebody(&h, "eve@example.org").await;
        let foreign = family(&h, &eve, app).await;
        h.service.change_password(&h.cx, &ada, None, GOOD).await.unwrap();
        assert!(is_live(&h, &ada).await && !is_live(&h, &elsewhere).await && is_live(&h, &eve).await);
        assert_eq!(family_state(&h, grant).await, (false, true));
        assert_eq!(family_state(&h, foreign).await, (true, false));
        let mail = mails(&h, ADA).await.pop().unwrap();
        assert!(mail.subject.contains("password") && !mail.body_text.contains(GOOD), "{}", mail.subject);
        let row = h.service.store.password(h.cx.tenant_id(), ada.user_id).await.unwrap().unwrap();
        assert!(h.service.verify_password(GOOD, Some(&row.hash)).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_password_is_changed_by_whoever_knows_it() {
    each(|h| async move {
        let ada = somebody(&h, ADA).await;
        let off = under(&h.cx, |p| p.password.enabled = false);
        let none = h.service.change_password(&off, &ada, None, GOOD).await;
        assert!(matches!(none, Err(AccountError::PasswordsOff)), "{none:?}");
        // What the account says of its owner is easily guessed.
        let weak = h.service.change_password(&h.cx, &ada, None, "ada@example.org").await;
        assert!(matches!(weak, Err(AccountError::Password(PasswordProblem::TooWeak))), "{weak:?}");
        let short = h.service.change_password(&h.cx, &ada, None, "short").await;
        assert!(matches!(short, Err(AccountError::Password(PasswordProblem::TooShort { least: 10 }))), "{short:?}");
        h.service.change_password(&h.cx, &ada, None, GOOD).await.unwrap();
        let other = "seven purple lamps under water";
        for guess in [None, Some(""), Some("wrong"), Some(other), Some("correct horse battery stapl")] {
            let wrong = h.service.change_password(&h.cx, &ada, guess, other).await;
            assert!(matches!(wrong, Err(AccountError::WrongPassword)), "{wrong:?}");
        }
        let locked = h.service.change_password(&h.cx, &ada, Some(GOOD), other).await;
        assert!(matches!(locked, Err(AccountError::Locked { .. })), "{locked:?}");
        let patient = under(&later(&h.cx, 901), |p| p.session.fresh_seconds = 10_000);
        h.service.change_password(&patient, &ada, Some(GOOD), other).await.unwrap();
        assert_eq!(h.events().await.iter().filter(|e| *e == "password.refused").count(), 5);
    })
    .await;
}

#[tokio::test]
async fn a_password_that_is_not_there_cannot_be_removed() {
    each(|h| async move {
        let ada = somebody(&h, ADA).await;
        assert_eq!(h.service.password_state(&h.cx, &ada).await.unwrap().changed_at, None);
        let none = h.service.remove_password(&h.cx, &ada).await;
        assert!(matches!(none, Err(AccountError::NotFound("password"))), "{none:?}");
        h.service.change_password(&h.cx, &ada, None, GOOD).await.unwrap();
        let state = h.service.password_state(&h.cx, &ada).await.unwrap();
        assert_eq!((state.changed_at, state.removable), (Some(h.cx.now), true));
    })
    .await;
}
