//! `client_credentials` (RFC 6749, section 4.4): a machine speaks for itself. Nothing is written but the audit event's counter: a
//! machine that asks for a token every second must not fill a table.

use super::super::issue::Issue;
use super::super::{TokenError, TokenRequest, Tokens};
use crate::audit::Event;
use crate::secrets::new_id;
use crate::{Client, Cx, Error, Service};
use doorward_protocol::ids::{ApplicationId, GrantId, TenantId};
use doorward_protocol::oauth::error::OAuthErrorCode::{InvalidScope, InvalidTarget, UnauthorizedClient};
use doorward_protocol::oauth::scope;
use doorward_store::applications::ApplicationRow;
use doorward_store::engine::Batch;
use doorward_store::grants::GrantTerms;
use std::collections::BTreeMap;

/// Issues a token to a machine.
pub(super) async fn issue(service: &Service, cx: &Cx, request: &TokenRequest<'_>) -> Result<Result<Tokens, TokenError>, Error> {
    let tenant = cx.tenant_id();
    let application = &request.client.application;
    if application.settings.0.is_public() {
        return Ok(Err(TokenError::new(UnauthorizedClient, "a public client cannot speak for itself", "public_client")));
    }
    let asked = match request.one("scope") {
        Ok(scope) => scope.map(scope::parse),
        Err(error) => return Ok(Err(error)),
    };
    let asked = match asked {
        None => None,
        Some(Some(scopes)) if !scopes.is_empty() => Some(scopes),
        Some(Some(_)) => None,
        Some(None) => {
            return Ok(Err(TokenError::new(InvalidScope, "scope contains a character that is not allowed", "scope_malformed")));
        }
    };
    // RFC 8707 says `resource`; many machines say `audience`.
    let mut audience: Vec<String> = request.params.all("resource").to_vec();
    for also in request.params.all("audience") {
        if !audience.contains(also) {
            audience.push(also.clone());
        }
    }
    let allowed = service.grants_of_application(tenant, application.id).await?;
    let mut targets = Vec::new();
    if audience.is_empty() {
        // One resource server needs no naming; several do, unless the scopes name them.
        for grant in allowed.iter() {
            let fits = asked.as_ref().map_or(allowed.len() == 1, |a| a.iter().any(|s| grant.scopes.0.contains(s)));
            if fits {
                targets.extend(service.resource_server_by_id(tenant, grant.resource_server_id).await?);
            }
        }
        if targets.is_empty() && asked.is_none() && allowed.len() > 1 {
            return Ok(Err(TokenError::new(InvalidTarget, "name the resource server in resource", "resource_missing")));
        }
    }
    for name in &audience {
        match service.resource_server(tenant, name).await? {
            Some(target) if allowed.iter().any(|g| g.resource_server_id == target.id) => targets.push(target),
            Some(_) => {
                return Ok(Err(TokenError::new(
                    InvalidTarget,
                    "this application has no grant for that resource server",
                    "resource_not_granted",
                )));
            }
            None => {
                let text = format!("there is no resource server {name}");
                return Ok(Err(TokenError::new(InvalidTarget, text, "resource_unknown")));
            }
        }
    }
    let held: Vec<String> = allowed
        .iter()
        .filter(|g| targets.iter().any(|t| t.id == g.resource_server_id))
        .flat_map(|g| g.scopes.0.clone())
        .collect();
    let scope = match asked {
        Some(asked) if scope::is_subset(&asked, &held) => asked,
        Some(_) => {
            return Ok(Err(TokenError::new(
                InvalidScope,
                "scope asks for more than the application was granted",
                "scope_exceeds_grant",
            )));
        }
        None => held,
    };
    if let Err(error) = service.spend_assertion(&request.client).await? {
        return Ok(Err(error));
    }
    let terms = GrantTerms { scope, audience: targets.iter().map(|t| t.audience.clone()).collect(), ..Default::default() };
    service.note_machine_token(cx, application);
    let issue = Issue {
        grant: GrantId(new_id(cx.now)),
        grant_type: "client_credentials",
        application,
        person: None,
        session: None,
        terms: &terms,
        nonce: None,
        refresh_token: None,
    };
    service.issue(cx, issue).await.map(Ok)
}

impl Service {
    /// Counts a token given to a machine; [`Self::flush_machine_tokens`] notes the counts.
    fn note_machine_token(&self, cx: &Cx, application: &ApplicationRow) {
        self.machine_tokens.add((cx.tenant_id(), application.id), 1);
    }

    /// Writes one audit event for each machine that got tokens since the last call. What could not be written waits for the next call.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn flush_machine_tokens(&self) -> Result<(), Error> {
        let taken = self.machine_tokens.take();
        let written = self.write_machine_tokens(&taken).await;
        if written.is_err() {
            for (machine, count) in taken {
                self.machine_tokens.add(machine, count);
            }
        }
        written
    }

    async fn write_machine_tokens(&self, counts: &BTreeMap<(TenantId, ApplicationId), i64>) -> Result<(), Error> {
        let mut batch = Batch::new();
        for (&(tenant, application), &count) in counts {
            if let Some(cx) = self.cx_of_tenant(tenant, Client::default()).await? {
                batch.push(
                    Event::new("token.issued")
                        .application(application)
                        .actor("client")
                        .with("grant_type", "client_credentials")
                        .with("count", count)
                        .statement(&cx),
                );
            }
        }
        if !batch.is_empty() {
            self.store.commit(batch).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::limits::LimitSettings;
    use crate::mail::MailSettings;
    use crate::secrets::Secrets;
    use crate::{Service, Settings};
    use doorward_protocol::ids::{ApplicationId, TenantId};
    use doorward_store::engine::{ConnectOptions, DatabaseUrl, Db};
    use doorward_store::{MIGRATIONS, Store};
    use uuid::Uuid;

    #[tokio::test]
    async fn counts_that_cannot_be_written_are_kept() {
        let db = Db::connect(&DatabaseUrl::Memory, ConnectOptions::default()).await.unwrap();
        db.migrate(MIGRATIONS, 0).await.unwrap();
        let secrets = Secrets::new(&[7; 32], &[]).unwrap();
        let settings = Settings { secrets, mail: MailSettings::Mailbox, dev: false, limits: LimitSettings::default() };
        let service = Service::new(Store::new(db.clone()), settings);
        db.close().await;
        let machine = (TenantId(Uuid::nil()), ApplicationId(Uuid::nil()));
        service.machine_tokens.add(machine, 3);
        assert!(service.flush_machine_tokens().await.is_err());
        service.machine_tokens.add(machine, 1);
        assert_eq!(service.machine_tokens.take().into_iter().collect::<Vec<_>>(), [(machine, 4)]);
    }
}
