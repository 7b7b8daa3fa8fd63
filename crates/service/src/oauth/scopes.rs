//! Which scopes a request may have, and which a person still has to consent to.

use crate::{Cx, Error, Service};
use doorward_protocol::ids::UserId;
use doorward_protocol::oauth::authorize::{AuthorizationRequest, RefusedRequest};
use doorward_protocol::oauth::error::OAuthErrorCode;
use doorward_protocol::oauth::scope::is_standard;
use doorward_protocol::oidc::claims;
use doorward_protocol::oidc::prompt::Prompt;
use doorward_store::applications::{ApplicationRow, ResourceServerRow};
use std::sync::Arc;

impl Service {
    /// The resource servers that a request names; those that define its scopes when it names none.
    pub(crate) async fn targets(
        &self,
        cx: &Cx,
        audience: &[String],
        scope: &[String],
    ) -> Result<Vec<Arc<ResourceServerRow>>, Error> {
        let mut out: Vec<Arc<ResourceServerRow>> = Vec::new();
        if !audience.is_empty() {
            for one in audience {
                // Some clients say `resource` and `audience`, with the same value.
                let found = self.resource_server(cx.tenant_id(), one).await?;
                out.extend(found.filter(|row| !out.iter().any(|known| known.id == row.id)));
            }
            return Ok(out);
        }
        if scope.iter().all(|s| is_standard(s)) {
            return Ok(out);
        }
        for row in self.store.scopes_of_tenant(cx.tenant_id()).await? {
            if scope.contains(&row.value) && !out.iter().any(|r| r.id == row.resource_server_id) {
                out.extend(self.resource_server_by_id(cx.tenant_id(), row.resource_server_id).await?);
            }
        }
        Ok(out)
    }

    /// RFC 6749, section 3.3: what of the requested scopes this application may have. A scope that no resource server defines is
    /// refused: to drop it silently would leave the developer guessing.
    pub(crate) async fn grantable_scopes(
        &self,
        cx: &Cx,
        application: &ApplicationRow,
        asked: &[String],
        audience: &[String],
    ) -> Result<Result<Vec<String>, RefusedRequest>, Error> {
        let settings = &application.settings.0;
        let custom: Vec<&String> = asked.iter().filter(|s| !is_standard(s)).collect();
        let targets = self.targets(cx, audience, asked).await?;
        let mut defined: Vec<String> = Vec::new();
        if !custom.is_empty() {
            for target in &targets {
                defined.extend(self.store.scopes(cx.tenant_id(), target.id).await?.into_iter().map(|s| s.value));
            }
        }
        let drops = settings.accent.drops_unknown_scopes();
        for scope in custom.iter().filter(|scope| !drops || defined.contains(scope)) {
            if !defined.contains(scope) {
                return Ok(Err(RefusedRequest::new(
                    OAuthErrorCode::InvalidScope,
                    format!("no resource server of this request defines the scope {scope}"),
                )));
            }
            if !settings.allowed_scopes.is_empty() && !settings.allowed_scopes.contains(scope) {
                return Ok(Err(RefusedRequest::new(
                    OAuthErrorCode::InvalidScope,
                    format!("this application may not ask for the scope {scope}"),
                )));
            }
        }
        let mut scope = asked.to_vec();
        scope.retain(|s| is_standard(s) || defined.contains(s));
        // Core, section 11: offline_access without the means for it is ignored.
        let offline =
            settings.allows_grant("refresh_token") && targets.iter().all(|target| target.settings.0.allow_offline_access);
        if !offline {
            scope.retain(|s| s != "offline_access");
        }
        Ok(Ok(scope))
    }

    /// What of the request this person may have: where a resource server enforces permissions, only those that the person holds.
    pub(crate) async fn scopes_of_person(
        &self,
        cx: &Cx,
        user: UserId,
        request: &AuthorizationRequest,
    ) -> Result<Vec<String>, Error> {
        self.narrow_to_permissions(cx, user, &request.scope, &request.resource).await
    }

    /// The same for any list of scopes.
    pub(crate) async fn narrow_to_permissions(
        &self,
        cx: &Cx,
        user: UserId,
        scope: &[String],
        audience: &[String],
    ) -> Result<Vec<String>, Error> {
        let mut scope = scope.to_vec();
        for target in self.targets(cx, audience, &scope).await? {
            if !target.settings.0.enforce_permissions {
                continue;
            }
            let held = self.store.permissions(cx.tenant_id(), user, target.id).await?;
            let defined: Vec<String> = self.store.scopes(cx.tenant_id(), target.id).await?.into_iter().map(|s| s.value).collect();
            scope.retain(|s| is_standard(s) || !defined.contains(s) || held.contains(s));
        }
        Ok(scope)
    }

    /// Scopes that the person has not consented to. First-party applications need no consent, unless a resource server or the
    /// request (`prompt=consent`) insists.
    pub(crate) async fn consent_missing(
        &self,
        cx: &Cx,
        user: UserId,
        application: doorward_protocol::ids::ApplicationId,
        request: &AuthorizationRequest,
    ) -> Result<Vec<String>, Error> {
        let Some(row) = self.application_by_id(cx.tenant_id(), application).await? else { return Ok(Vec::new()) };
        let mut scope = self.scopes_of_person(cx, user, request).await?;
        // Core, section 5.5: what is asked for by name is released with the same consent as by its scope.
        for claim in request.claims.iter().flat_map(|claims| claims.id_token.iter().chain(&claims.userinfo)) {
            if let Some(gives) = claims::scope_of(claim)
                && !scope.iter().any(|known| known == gives)
            {
                scope.push(gives.to_owned());
            }
        }
        if request.prompt.contains(&Prompt::Consent) {
            return Ok(scope);
        }
        let mut asked = !row.settings.0.first_party;
        for target in self.targets(cx, &request.resource, &request.scope).await? {
            asked |= target.settings.0.require_consent;
        }
        if !asked {
            return Ok(Vec::new());
        }
        let given = self.store.consent(cx.tenant_id(), user, application).await?.map(|c| c.scopes.0).unwrap_or_default();
        Ok(scope.into_iter().filter(|s| !given.contains(s)).collect())
    }
}
