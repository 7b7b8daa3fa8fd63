//! What the store knows that the state chart needs.

use super::reach::within_reach;
use crate::factor::Factors;
use crate::{Cx, Error, Service};
use doorward_protocol::identity::IdentifierKind;
use doorward_protocol::policy::SecondFactor;
use doorward_protocol::session::Method;
use doorward_protocol::signin::{ChangeReason, Facts, Knowledge, Purpose, SignIn, UserFacts};
use doorward_store::users::{self, Person};

impl Service {
    pub(crate) async fn facts(&self, cx: &Cx, state: &SignIn) -> Result<Facts, Error> {
        let tenant = cx.tenant_id();
        let mut facts = Facts::default();
        let known_user = state.user.filter(|_| state.is_authenticated() || state.purpose == Purpose::StepUp);
        if let Some(user) = known_user {
            let Some(person) = self.store.person(tenant, user).await? else {
                // Deleted since: no proof of theirs counts.
                facts.user = Some(UserFacts { blocked: true, ..Default::default() });
                return Ok(facts);
            };
            let conditions = self.store.conditions(tenant, user).await?;
            let expired = conditions.as_ref().is_some_and(|c| c.expires_at.is_some_and(|at| at <= cx.now));
            let suspended = conditions.as_ref().is_some_and(|c| c.suspended_until.is_some_and(|until| until > cx.now));
            let password = self.store.password(tenant, user).await?;
            let has_password = cx.policy().password.enabled && password.is_some();
            let password_changed_at = password.as_ref().map(|row| row.changed_at);
            // The flow that changes it has a session from that moment on.
            let open = state.session.is_none().then_some(password).flatten();
            let replaced =
                open.is_some_and(|row| state.proofs.iter().any(|p| p.method == Method::Password && p.at < row.changed_at));
            let must_change = conditions.and_then(|c| c.change_password).filter(|_| has_password);
            let again = i64::from(cx.policy().passkey.offer_again_after_days) * 86_400;
            facts.second_factor = match state.application {
                Some(id) => self.application_by_id(tenant, id).await?.and_then(|a| a.settings.0.second_factor),
                None => None,
            };
            let asked = cx.policy().second_factor.requirement.max(facts.second_factor.unwrap_or_default());
            let factors = match asked {
                SecondFactor::Off => Factors::default(),
                SecondFactor::Optional | SecondFactor::Required => self.list_factors(cx, user).await?,
            };
            facts.user = Some(UserFacts {
                blocked: person.user.status == users::BLOCKED || expired || suspended,
                not_a_member: self.must_be_member(cx, user, state.application).await?,
                passkeys: self.store.passkeys(tenant, user).await?.len(),
                has_password,
                password_changed_at,
                password_replaced: replaced,
                must_change_password: must_change.as_deref().map(ChangeReason::parse),
                email_verified: person.email().is_some_and(|e| e.verified_at.is_some()),
                email_unverified: person.email().is_some_and(|e| e.verified_at.is_none()),
                has_name: person.user.name.as_deref().is_some_and(|n| !n.trim().is_empty()),
                passkey_declined_recently: person.user.passkey_declined_at.is_some_and(|at| cx.now.seconds_since(at) < again),
                has_totp: factors.any(),
                has_recovery_codes: factors.recovery_codes > 0,
                browser_remembered: factors.any() && self.browser_is_remembered(cx, user).await?,
            });
            if let Some(request) = state.request()
                && let Some(application) = state.application
            {
                facts.consent_missing = self.consent_missing(cx, user, application, request).await?;
            }
            return Ok(facts);
        }
        if let Some(identifier) = &state.identifier {
            facts.account = match self.store.identifier(tenant, identifier).await? {
                None => Knowledge::Unknown,
                // What the account has is asked only where the page may depend on it.
                Some(found) if cx.policy().reveal_accounts => {
                    let passkeys = self.store.passkeys(tenant, found.user_id).await?;
                    if state.process.is_some() {
                        let seen = self.store.passkey_devices(tenant, found.user_id).await?;
                        let here = |p| within_reach(p, &seen, state.device.as_deref(), &cx.client.user_agent);
                        facts.passkey_elsewhere = !passkeys.is_empty() && !passkeys.iter().any(here);
                        let person = self.store.person(tenant, found.user_id).await?;
                        let proven = person.as_ref().and_then(Person::email).is_some_and(|email| email.verified_at.is_some());
                        facts.no_mailbox = identifier.kind != IdentifierKind::Email && !proven;
                    }
                    Knowledge::Known {
                        has_passkey: !passkeys.is_empty(),
                        has_password: self.store.password(tenant, found.user_id).await?.is_some(),
                    }
                }
                Some(_) => Knowledge::Known { has_passkey: false, has_password: false },
            };
        }
        Ok(facts)
    }
}
