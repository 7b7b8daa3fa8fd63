//! `/api/jwt`.

use super::{login, not_yet, users as user_calls};
use crate::nouns::{applications, keys, users};
use crate::wire::{Answer, Call, Doc, Refused, Reply, instant};
use doorward_protocol::ids::{ApplicationId, GrantId, TenantId, UserId};
use doorward_protocol::oauth::client::Accent;
use doorward_service::Cx;
use doorward_service::oauth::token::AccessToken;
use doorward_service::oauth::token::direct::{API, DirectGrant};
use doorward_store::engine::Batch;
use doorward_store::grants::{GrantTerms, RefreshFamilyRow};
use doorward_store::users::Person;
use serde_json::{Map, Value, json};

pub async fn dispatch(call: &Call) -> Answer {
    match (call.verb, call.part(1), call.part(2)) {
        ("GET", "validate", "") => {
            let (_, _, token) = holder(call).await?;
            Ok(Reply::ok(json!({ "jwt": token.claims })))
        }
        ("GET", "public-key", "") => public_key(call).await,
        ("GET", "issue", "") => issue(call).await,
        ("POST", "refresh", "") => refresh(call).await,
        ("GET", "refresh", "") => list(call).await,
        ("GET", "refresh", _) => get(call).await,
        ("DELETE", "refresh", _) => revoke(call).await,
        _ => not_yet(call),
    }
}

/// Whoever the bearer token of a call is about, if it is good.
///
/// # Errors
/// 401 when it is not.
pub async fn holder(call: &Call) -> Result<(Cx, Person, AccessToken), Refused> {
    let text = call.bearer().ok_or(Refused::Unauthorized)?;
    let claimed = doorward_protocol::jose::decode_unverified(&text).ok();
    let tenant = claimed.as_ref().and_then(|c| c.claims.id("tid")).map(TenantId);
    let cx = match tenant {
        Some(tenant) => call.cx_of(tenant).await.map_err(|_| Refused::Unauthorized)?,
        None => call.host.clone(),
    };
    let service = call.service();
    let token = service.read_access_token(&cx, &text).await?.ok_or(Refused::Unauthorized)?;
    let user = token.claims.get("sub").and_then(Value::as_str).and_then(|s| s.parse::<UserId>().ok());
    let user = user.ok_or(Refused::Unauthorized)?;
    let found = service.store.person_of_token(cx.tenant_id(), user, token.id, token.grant, cx.now).await?;
    found.map(|person| (cx, person, token)).ok_or(Refused::Unauthorized)
}

async fn public_key(call: &Call) -> Answer {
    let application = call.query.id("applicationId");
    let cx = match application {
        Some(id) => call.cx_or_host(&[Some(id)]).await?,
        None => call.host.clone(),
    };
    let all = keys::public_keys(call.service(), &cx).await?;
    if let Some(id) = application {
        let row = applications::find(call.service(), &cx, id).await?;
        let algorithm = doorward_protocol::jose::Algorithm::Rs256;
        let (key, _) = call.service().key_to_sign(&cx, row.settings.0.access_token_key, algorithm).await?;
        let pem = keys::pem(&key.public_jwk()).ok_or(Refused::NotFound)?;
        return Ok(Reply::ok(json!({ "publicKey": pem })));
    }
    if let Some(kid) = call.query.one("kid").or(call.query.one("keyId")) {
        let pem = all.into_iter().find(|(known, _)| known == kid).map(|(_, pem)| pem).ok_or(Refused::NotFound)?;
        return Ok(Reply::ok(json!({ "publicKey": pem })));
    }
    let by_kid: Map<String, Value> = all.into_iter().map(|(kid, pem)| (kid, json!(pem))).collect();
    Ok(Reply::ok(json!({ "publicKeys": by_kid })))
}

async fn issue(call: &Call) -> Answer {
    let (cx, person, token) = holder(call).await?;
    let Some(id) = call.query.id("applicationId") else {
        return Err(Refused::field("missing", "applicationId", "must be given"));
    };
    let mut row = applications::find(call.service(), &cx, id)
        .await
        .map_err(|_| Refused::field("doesNotExist", "applicationId", "there is no application with this id"))?;
    let ends = token.claims.get("exp").and_then(Value::as_i64).unwrap_or_default();
    row.settings.0.access_token_lifetime_seconds = (ends - cx.now.seconds()).max(1);
    let registered = call.service().get_member(&cx, person.user.id, ApplicationId(id)).await.is_ok();
    let asked = call.query.one("refreshToken").map(str::to_owned).or_else(|| call.cookie("refresh_token"));
    let held = match &asked {
        Some(text) => call.service().find_refresh_token(&cx, text).await?,
        None => None,
    };
    let refresh = registered && held.is_some_and(|f| f.user_id == person.user.id);
    let direct = DirectGrant {
        grant_type: API,
        session: None,
        application: Some(&row),
        accent: Accent::Fusionauth,
        person: &person,
        terms: GrantTerms { auth_time: cx.now.seconds(), origin: Some("sso".into()), ..Default::default() },
        refresh,
        lifetime: 3600,
        effects: Batch::new(),
    };
    let given = call.service().grant_directly(&cx, direct).await?;
    let mut out = json!({ "token": given.tokens.access_token });
    if let Some(text) = given.tokens.refresh_token {
        crate::nouns::set(&mut out, "refreshToken", json!(text));
        crate::nouns::set(&mut out, "refreshTokenId", json!(given.grant.to_string()));
    }
    Ok(Reply::with(if registered { 200 } else { 202 }, out))
}

async fn refresh(call: &Call) -> Answer {
    let body = call.body()?;
    let text = call.cookie("refresh_token").or_else(|| body.text("refreshToken").map(str::to_owned));
    let bad = || Refused::field("invalid", "refreshToken", "the refresh token is unknown, used or revoked");
    let text = text.ok_or_else(|| Refused::field("blank", "refreshToken", "must be given"))?;
    let tenant = call.service().tenant_of_refresh_token(&text).await?.ok_or_else(bad)?;
    let cx = call.cx_of(tenant).await?;
    let Some((answer, family)) = call.service().refresh_directly(&cx, &text).await? else { return Err(bad()) };
    let tokens = answer.map_err(|_| bad())?;
    let mut out = json!({ "token": tokens.access_token, "refreshTokenId": family.id.to_string() });
    let mut cookies = vec![login::cookie(call, "access_token", &tokens.access_token, None)];
    if let Some(next) = &tokens.refresh_token {
        crate::nouns::set(&mut out, "refreshToken", json!(next));
        cookies.push(login::cookie(call, "refresh_token", next, Some(30 * 86_400)));
    }
    let mut reply = Reply::ok(out);
    reply.cookies = cookies;
    Ok(reply)
}

/// A grant as the vendor's refresh token. The token itself is known to its holder alone.
fn render(row: &RefreshFamilyRow) -> Value {
    json!({
        "id": row.id.to_string(),
        "applicationId": row.application_id.to_string(),
        "userId": row.user_id.to_string(),
        "tenantId": row.tenant_id.to_string(),
        "insertInstant": instant(row.created_at),
        "startInstant": instant(row.last_used_at),
        "metaData": { "scopes": row.terms.0.scope, "device": {} },
        "data": {},
    })
}

async fn list(call: &Call) -> Answer {
    let cx_person = if call.has_key() {
        let Some(user) = call.query.id("userId") else { return Err(Refused::field("missing", "userId", "must be given")) };
        let cx = user_calls::found(call.cx(&[Some(user)]).await)?;
        let person = users::find(call.service(), &cx, user).await?;
        (cx, person)
    } else {
        let (cx, person, _) = holder(call).await?;
        (cx, person)
    };
    let (cx, person) = cx_person;
    let all = call.service().store.refresh_families(cx.tenant_id(), person.user.id, cx.now).await?;
    Ok(Reply::ok(json!({ "refreshTokens": all.iter().map(render).collect::<Vec<_>>() })))
}

async fn named(call: &Call, id: uuid::Uuid) -> Result<(Cx, RefreshFamilyRow), Refused> {
    let cx = user_calls::found(call.cx(&[Some(id)]).await)?;
    let row = call.service().store.refresh_family(cx.tenant_id(), GrantId(id)).await?;
    let row = row.filter(|r| r.revoked_at.is_none() && r.expires_at > cx.now).ok_or(Refused::NotFound)?;
    Ok((cx, row))
}

async fn get(call: &Call) -> Answer {
    call.key()?;
    let (_, row) = named(call, call.id(2)?).await?;
    Ok(Reply::ok(json!({ "refreshToken": render(&row) })))
}

async fn revoke(call: &Call) -> Answer {
    let body = call.body()?;
    let pick = |name: &str| call.query.id(name).or_else(|| body.id(name));
    let token = call.query.one("token").or(body.text("token")).map(str::to_owned);
    let service = call.service();
    // Whoever holds a refresh token and says who they are may end it.
    if !call.has_key() {
        let (cx, person, _) = holder(call).await?;
        let Some(text) = token.or_else(|| call.cookie("refresh_token")) else {
            return Err(Refused::field("missing", "token", "must be given"));
        };
        if let Some(family) = service.find_refresh_token(&cx, &text).await?.filter(|f| f.user_id == person.user.id) {
            service
                .revoke_grants(
                    &cx,
                    "user",
                    std::slice::from_ref(&family),
                    Some(person.user.id),
                    Some(family.application_id),
                    "revoked",
                )
                .await?;
        }
        return Ok(Reply::empty());
    }
    if !call.part(2).is_empty() {
        let (cx, row) = named(call, call.id(2)?).await?;
        let (user, application) = (row.user_id, row.application_id);
        service.revoke_grants(&cx, &call.actor(), &[row], Some(user), Some(application), "revoked").await?;
        return Ok(Reply::empty());
    }
    let (user, application) = (pick("userId"), pick("applicationId"));
    if let Some(text) = token {
        let tenant = service.tenant_of_refresh_token(&text).await?;
        let tenant = tenant.filter(|t| call.bound().is_none_or(|own| own == *t)).ok_or(Refused::NotFound)?;
        let cx = call.cx_of(tenant).await?;
        let family = service.find_refresh_token(&cx, &text).await?.ok_or(Refused::NotFound)?;
        let (user, application) = (family.user_id, family.application_id);
        service.revoke_grants(&cx, &call.actor(), &[family], Some(user), Some(application), "revoked").await?;
        return Ok(Reply::empty());
    }
    let families = match (user, application) {
        (None, None) => return Err(Refused::field("missing", "userId", "a user, an application or a token must be given")),
        (Some(user), application) => {
            let cx = user_calls::found(call.cx(&[Some(user)]).await)?;
            users::find(service, &cx, user).await?;
            let mut all = service.store.refresh_families(cx.tenant_id(), UserId(user), cx.now).await?;
            all.retain(|f| application.is_none_or(|a| f.application_id.0 == a));
            (cx, all)
        }
        (None, Some(application)) => {
            let cx = user_calls::found(call.cx(&[Some(application)]).await)?;
            applications::find(service, &cx, application).await?;
            let all = service.store.refresh_families_of_application(cx.tenant_id(), ApplicationId(application), cx.now).await?;
            (cx, all)
        }
    };
    let (cx, families) = families;
    service.revoke_grants(&cx, &call.actor(), &families, user.map(UserId), application.map(ApplicationId), "revoked").await?;
    Ok(Reply::empty())
}
