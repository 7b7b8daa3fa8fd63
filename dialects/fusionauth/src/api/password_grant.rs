//! The password grant of the token endpoint (RFC 6749, section 4.3), for applications that enabled it.

use super::login::application_kept;
use super::passwords;
use super::two_factor::{FirstFactor, owed};
use crate::nouns::users;
use crate::wire::{Doc, Refused};
use doorward_protocol::oauth::client::Accent;
use doorward_protocol::oauth::error::OAuthErrorCode;
use doorward_protocol::oauth::params::Params;
use doorward_protocol::session::amr;
use doorward_service::oauth::client_auth::ClientCredentials;
use doorward_service::oauth::token::direct::DirectGrant;
use doorward_service::oauth::token::grants;
use doorward_service::oauth::token::{TokenError, Tokens};
use doorward_service::signin::{DirectSignIn, Standing};
use doorward_service::{Cx, Error, Service};
use doorward_store::grants::GrantTerms;
use serde_json::{Value, json};

/// Why there is no token.
pub enum DirectPassword {
    /// In the standard's words.
    Refused(TokenError),
    /// In the vendor's, with what helps.
    With(Value),
}

/// Answers a password grant.
///
/// # Errors
/// When the store fails or too much work waits.
pub async fn password_grant(
    service: &Service,
    cx: &Cx,
    authorization: Option<&str>,
    params: &Params,
) -> Result<Result<Tokens, DirectPassword>, Error> {
    let refuse = |code, words, cause| Ok(Err(DirectPassword::Refused(TokenError::new(code, words, cause))));
    // A client that need not authenticate names itself; what it sends besides is checked.
    let named = params.first("client_id").is_some() && params.first("client_secret").is_none() && authorization.is_none();
    let application = if named {
        let id = params.first("client_id").unwrap_or_default();
        match service.application(cx.tenant_id(), id).await? {
            Some(row) if row.settings.0.is_public() || row.settings.0.secret_optional => row,
            _ => return refuse(OAuthErrorCode::InvalidClient, "client authentication is missing", "client_missing"),
        }
    } else {
        match service.authenticate_client(cx, &ClientCredentials { authorization, params: Some(params) }).await? {
            Ok(client) => client.application,
            Err(error) => return Ok(Err(DirectPassword::Refused(TokenError::of_client(error, authorization.is_some())))),
        }
    };
    let fault = |refused: Refused| match refused {
        Refused::Fault(error) => error,
        _ => Error::internal("a document of an application does not read"),
    };
    let kept = application_kept(service, &application).await.map_err(fault)?;
    if !kept.texts("oauthConfiguration.enabledGrants").iter().any(|g| g == "password") {
        return refuse(
            OAuthErrorCode::UnauthorizedClient,
            "this application may not use this grant_type",
            "grant_type_not_allowed",
        );
    }
    let login_id = params.first("username").or(params.first("loginId")).unwrap_or_default();
    let plain = params.first("password").unwrap_or_default();
    let ids = users::login_ids(login_id, &[]);
    let wrong = || refuse(OAuthErrorCode::InvalidGrant, "the user credentials are not valid", "wrong_password");
    let (person, proof, mut effects) = match service.check_password_directly(cx, &ids, plain, Some(application.id)).await? {
        DirectSignIn::Right { person, proof, effects } => (person, proof, effects),
        DirectSignIn::Wrong => return wrong(),
        DirectSignIn::Locked(_) => {
            return Ok(Err(DirectPassword::With(json!({
                "error": "invalid_grant", "error_reason": "user_locked", "error_description": "too many failed attempts",
            }))));
        }
    };
    let user = person.user.id;
    let vendor = |error: &str, reason: &str| json!({ "error": error, "error_reason": reason, "error_description": reason });
    match service.standing(cx, &person).await? {
        Standing::Good => {}
        Standing::Blocked => return wrong(),
        Standing::Suspended => return Ok(Err(DirectPassword::With(vendor("invalid_grant", "login_prevented")))),
        Standing::Expired => return Ok(Err(DirectPassword::With(vendor("invalid_grant", "user_expired")))),
        Standing::ChangePassword(_) => {
            let mut body = vendor("change_password_required", "change_password_administrative");
            let id = passwords::begin(service, cx, &person, None).await.map_err(fault)?;
            crate::nouns::set(&mut body, "change_password_id", json!(id));
            return Ok(Err(DirectPassword::With(body)));
        }
    }
    let amr: Vec<String> = amr(&[proof]).into_iter().map(str::to_owned).collect();
    let first = FirstFactor { user, application: Some(&application), amr: &amr, state: None };
    if let Some(owed) = owed(service, cx, first, params.first("twoFactorTrustId")).await.map_err(fault)? {
        let mut body = vendor("two_factor_required", "two_factor_required");
        crate::nouns::set(&mut body, "two_factor_id", json!(owed.id));
        crate::nouns::set(&mut body, "two_factor_methods", json!(owed.methods));
        return Ok(Err(DirectPassword::With(body)));
    }
    let mut scope: Vec<String> = params
        .first("scope")
        .unwrap_or_default()
        .split(' ')
        .filter(|s| doorward_protocol::oauth::scope::is_standard(s))
        .map(str::to_owned)
        .collect();
    let refresh = scope.iter().any(|s| s == "offline_access")
        && application.settings.0.allows_grant("refresh_token")
        && kept.flag("oauthConfiguration.generateRefreshTokens") != Some(false);
    if !refresh {
        scope.retain(|s| s != "offline_access");
    }
    effects.extend(service.sign_in_records(cx, user, Some(application.id), "password"));
    let direct = DirectGrant {
        grant_type: grants::PASSWORD,
        session: None,
        application: Some(&application),
        accent: Accent::Fusionauth,
        person: &person,
        terms: GrantTerms { scope, auth_time: cx.now.seconds(), amr, ..Default::default() },
        refresh,
        lifetime: 3600,
        effects: effects.into(),
    };
    Ok(Ok(service.grant_directly(cx, direct).await?.tokens))
}
