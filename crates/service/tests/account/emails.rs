use super::home::{ADA, addresses, code, later, mails, other_than, somebody, under, with_addresses};
use super::house::{House, each};
use doorward_protocol::identity::Identifier;
use doorward_service::account::AccountError;
use doorward_service::directory::NewIdentifier;
use doorward_service::signin::Problem;

async fn owner(h: &House, address: &str) -> Option<doorward_protocol::ids::UserId> {
    let found =
        h.service.store.identifier(h.cx.tenant_id(), &Identifier::email(address).expect("an address")).await.expect("store");
    found.map(|row| row.user_id)
}

#[tokio::test]
async fn an_address_belongs_to_the_account_only_after_its_code() {
    each(|h| async move {
        let ada = somebody(&h, ADA).await;
        let pending = h.service.add_email(&h.cx, &ada, " Countess@Example.org ").await.unwrap();
        assert_eq!(pending.address, "countess@example.org");
        assert_eq!(owner(&h, "countess@example.org").await, None);
        let mail = mails(&h, "countess@example.org").await.pop().unwrap();
        assert!(!mail.body_text.contains("/signin/link"), "{}", mail.body_text);
        let code = code(&h, "countess@example.org").await;
        match h.service.prove_email(&h.cx, &ada, pending.id, &other_than(&code)).await {
            Err(AccountError::Refused(Problem::WrongCode { left: 4 })) => {}
            other => panic!("{other:?}"),
        }
        h.service.prove_email(&h.cx, &ada, pending.id, &code).await.unwrap();
        let rows = addresses(&h, &ada).await;
        let row = rows.iter().find(|r| r.normal == "countess@example.org").unwrap();
        assert!(row.verified_at.is_some() && !row.is_primary);
        let events = h.events().await;
        assert!(["code.sent", "code.wrong", "identifier.added", "address.proven"].iter().all(|e| events.iter().any(|x| x == e)));
        let again = h.service.prove_email(&h.cx, &ada, pending.id, &code).await;
        assert!(matches!(again, Err(AccountError::NotFound("code"))), "{again:?}");
    })
    .await;
}

#[tokio::test]
async fn a_code_dies_of_wrong_guesses() {
    each(|h| async move {
        let ada = somebody(&h, ADA).await;
        let pending = h.service.add_email(&h.cx, &ada, "new@example.org").await.unwrap();
        let code = code(&h, "new@example.org").await;
        for left in [4, 3, 2, 1] {
            let wrong = h.service.prove_email(&h.cx, &ada, pending.id, &other_than(&code)).await;
            assert!(matches!(wrong, Err(AccountError::Refused(Problem::WrongCode { left: l })) if l == left), "{wrong:?}");
        }
        for guess in [other_than(&code), code] {
            let dead = h.service.prove_email(&h.cx, &ada, pending.id, &guess).await;
            assert!(matches!(dead, Err(AccountError::Refused(Problem::CodeDead))), "{dead:?}");
        }
        assert_eq!(owner(&h, "new@example.org").await, None);
    })
    .await;
}

#[tokio::test]
async fn a_code_expires() {
    each(|h| async move {
        let ada = somebody(&h, ADA).await;
        let patient = under(&h.cx, |p| p.session.fresh_seconds = 100_000);
        let pending = h.service.add_email(&patient, &ada, "new@example.org").await.unwrap();
        let code = code(&h, "new@example.org").await;
        let dead = h.service.prove_email(&later(&patient, 600), &ada, pending.id, &code).await;
        assert!(matches!(dead, Err(AccountError::Refused(Problem::CodeDead))), "{dead:?}");
        h.service.prove_email(&later(&patient, 599), &ada, pending.id, &code).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_code_is_worth_nothing_to_somebody_else() {
    each(|h| async move {
        let (ada, eve) = (somebody(&h, ADA).await, somebody(&h, "eve@example.org").await);
        let pending = h.service.add_email(&h.cx, &ada, "new@example.org").await.unwrap();
        let code = code(&h, "new@example.org").await;
        for refused in [
            h.service.prove_email(&h.cx, &eve, pending.id, &code).await,
            h.service.pending_email(&h.cx, &eve, pending.id).await.map(|_| ()),
            h.service.resend_email_code(&later(&h.cx, 60), &eve, pending.id).await.map(|_| ()),
        ] {
            assert!(matches!(refused, Err(AccountError::NotFound("code"))), "{refused:?}");
        }
        h.service.prove_email(&h.cx, &ada, pending.id, &code).await.unwrap();
        assert_eq!(owner(&h, "new@example.org").await, Some(ada.user_id));
    })
    .await;
}

#[tokio::test]
async fn that_an_address_is_taken_is_said_only_where_the_policy_says_so() {
    each(|h| async move {
        let (ada, eve) = (somebody(&h, ADA).await, somebody(&h, "eve@example.org").await);
        let open = under(&h.cx, |p| p.reveal_accounts = true);
        let said = h.service.add_email(&open, &eve, ADA).await;
        assert!(matches!(said, Err(AccountError::EmailTaken)), "{said:?}");
        // Hidden: the same answer and the same mail as for a free address.
        let pending = h.service.add_email(&h.cx, &eve, ADA).await.unwrap();
        let free = h.service.add_email(&h.cx, &eve, "free@example.org").await.unwrap();
        assert_eq!((pending.resend_at, pending.expires_at), (free.resend_at, free.expires_at));
        assert_eq!(mails(&h, ADA).await.len(), mails(&h, "free@example.org").await.len());
        // Whoever reads that mailbox may know; the address stays where it is.
        let code = code(&h, ADA).await;
        let taken = h.service.prove_email(&h.cx, &eve, pending.id, &code).await;
        assert!(matches!(taken, Err(AccountError::EmailTaken)), "{taken:?}");
        assert_eq!(owner(&h, ADA).await, Some(ada.user_id));
        // One's own is no secret.
        let own = h.service.add_email(&h.cx, &ada, ADA).await;
        assert!(matches!(own, Err(AccountError::EmailTaken)), "{own:?}");
        let junk = h.service.add_email(&h.cx, &ada, "no address").await;
        assert!(matches!(junk, Err(AccountError::Email(_))), "{junk:?}");
    })
    .await;
}

#[tokio::test]
async fn another_code_is_not_sent_too_soon_nor_too_often() {
    each(|h| async move {
        let ada = somebody(&h, ADA).await;
        let cx = under(&h.cx, |p| p.session.fresh_seconds = 100_000);
        let mut pending = h.service.add_email(&cx, &ada, "new@example.org").await.unwrap();
        let soon = h.service.resend_email_code(&later(&cx, 29), &ada, pending.id).await;
        assert!(matches!(soon, Err(AccountError::Refused(Problem::CodeTooSoon { wait: 1 }))), "{soon:?}");
        for n in 1..20 {
            pending = h.service.resend_email_code(&later(&cx, n * 30), &ada, pending.id).await.unwrap();
        }
        let often = h.service.resend_email_code(&later(&cx, 20 * 30), &ada, pending.id).await;
        assert!(matches!(often, Err(AccountError::Locked { .. })), "{often:?}");
        // Not by way of other addresses either.
        let other = h.service.add_email(&later(&cx, 20 * 30), &ada, "third@example.org").await;
        assert!(matches!(other, Err(AccountError::Locked { .. })), "{other:?}");
    })
    .await;
}

#[tokio::test]
async fn an_unproven_address_of_the_account_is_proven_by_code_or_link() {
    each(|h| async move {
        let ada = with_addresses(&h, &[NewIdentifier::email(ADA, false)]).await;
        let row = addresses(&h, &ada).await.remove(0);
        let pending = h.service.verify_email(&h.cx, &ada, row.id).await.unwrap();
        assert!(mails(&h, ADA).await.pop().unwrap().body_text.contains("/signin/link?c="));
        h.service.prove_email(&h.cx, &ada, pending.id, &code(&h, ADA).await).await.unwrap();
        let rows = addresses(&h, &ada).await;
        assert!(rows.len() == 1 && rows[0].verified_at.is_some() && rows[0].is_primary);
        let again = h.service.verify_email(&h.cx, &ada, row.id).await;
        assert!(matches!(again, Err(AccountError::NotFound(_))), "{again:?}");
    })
    .await;
}

#[tokio::test]
async fn the_primary_address_is_a_proven_one_and_the_old_one_is_told() {
    each(|h| async move {
        let new = [ADA, "two@example.org"].map(|a| NewIdentifier::email(a, true));
        let unproven = NewIdentifier::email("unproven@example.org", false);
        let ada = with_addresses(&h, &[new[0].clone(), new[1].clone(), unproven]).await;
        let rows = addresses(&h, &ada).await;
        let id = |address: &str| rows.iter().find(|r| r.value == address).unwrap().id;
        let refused = h.service.make_email_primary(&h.cx, &ada, id("unproven@example.org")).await;
        assert!(matches!(refused, Err(AccountError::EmailUnverified)), "{refused:?}");
        let eve = somebody(&h, "eve@example.org").await;
        let foreign = h.service.make_email_primary(&h.cx, &eve, id("two@example.org")).await;
        assert!(matches!(foreign, Err(AccountError::NotFound(_))), "{foreign:?}");
        h.service.make_email_primary(&h.cx, &ada, id("two@example.org")).await.unwrap();
        let primary: Vec<String> = addresses(&h, &ada).await.into_iter().filter(|r| r.is_primary).map(|r| r.value).collect();
        assert_eq!(primary, ["two@example.org"]);
        let told = mails(&h, ADA).await.pop().unwrap();
        assert!(told.body_text.contains("t…@example.org") && !told.body_text.contains("two@example.org"), "{}", told.body_text);
        assert!(mails(&h, "two@example.org").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_primary_and_the_last_proven_address_stay() {
    each(|h| async move {
        let new = [NewIdentifier::email(ADA, false), NewIdentifier::email("proven@example.org", true)];
        let ada = with_addresses(&h, &[new[0].clone(), new[1].clone(), NewIdentifier::email("un@example.org", false)]).await;
        let rows = addresses(&h, &ada).await;
        let id = |address: &str| rows.iter().find(|r| r.value == address).unwrap().id;
        let primary = h.service.remove_email(&h.cx, &ada, id(ADA)).await;
        assert!(matches!(primary, Err(AccountError::PrimaryEmail)), "{primary:?}");
        let last = h.service.remove_email(&h.cx, &ada, id("proven@example.org")).await;
        assert!(matches!(last, Err(AccountError::LastSignInMethod)), "{last:?}");
        let eve = somebody(&h, "eve@example.org").await;
        let foreign = h.service.remove_email(&h.cx, &eve, id("proven@example.org")).await;
        assert!(matches!(foreign, Err(AccountError::NotFound(_))), "{foreign:?}");
        assert_eq!(addresses(&h, &ada).await.len(), 3);
        h.service.remove_email(&h.cx, &ada, id("un@example.org")).await.unwrap();
        h.service.make_email_primary(&h.cx, &ada, id("proven@example.org")).await.unwrap();
        h.service.remove_email(&h.cx, &ada, id(ADA)).await.unwrap();
        assert_eq!(addresses(&h, &ada).await.len(), 1);
        let two = h.events().await.into_iter().filter(|e| e == "identifier.removed").count();
        assert_eq!(two, 2);
    })
    .await;
}

#[tokio::test]
async fn the_first_proven_address_of_an_account_without_one_is_its_primary_one() {
    each(|h| async move {
        let name =
            NewIdentifier { kind: doorward_protocol::identity::IdentifierKind::Username, value: "ada".into(), verified: true };
        let ada = with_addresses(&h, &[name]).await;
        let pending = h.service.add_email(&h.cx, &ada, ADA).await.unwrap();
        h.service.prove_email(&h.cx, &ada, pending.id, &code(&h, ADA).await).await.unwrap();
        assert!(addresses(&h, &ada).await.iter().any(|r| r.value == ADA && r.is_primary));
    })
    .await;
}

#[tokio::test]
async fn addresses_need_a_fresh_proof() {
    each(|h| async move {
        let ada = with_addresses(&h, &[NewIdentifier::email(ADA, true), NewIdentifier::email("b@example.org", true)]).await;
        let other = addresses(&h, &ada).await[1].id;
        let pending = h.service.add_email(&h.cx, &ada, "new@example.org").await.unwrap();
        let code = code(&h, "new@example.org").await;
        let stale = later(&h.cx, 600);
        let before = h.writes();
        for outcome in [
            h.service.add_email(&stale, &ada, "c@example.org").await.map(|_| ()),
            h.service.verify_email(&stale, &ada, other).await.map(|_| ()),
            h.service.resend_email_code(&stale, &ada, pending.id).await.map(|_| ()),
            h.service.prove_email(&stale, &ada, pending.id, &code).await,
            h.service.make_email_primary(&stale, &ada, other).await,
            h.service.remove_email(&stale, &ada, other).await,
        ] {
            assert!(matches!(outcome, Err(AccountError::NotFresh)), "{outcome:?}");
        }
        assert_eq!(h.writes(), before);
        // A moment earlier it was fresh.
        h.service.remove_email(&later(&h.cx, 599), &ada, other).await.unwrap();
    })
    .await;
}
