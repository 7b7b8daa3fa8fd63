//! What the OpenAPI description says of every operation alike: path parameters, the key, the tenant header, the errors.

use utoipa::PartialSchema;
use utoipa::ToSchema;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{HttpMethod, Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder, ServerBuilder};

/// Adds what every operation has.
pub(super) fn complete(mut api: OpenApi) -> OpenApi {
    api.info = InfoBuilder::new()
        .title("Doorward management API")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Tenants, domains, applications, resource servers, roles, groups, users and keys. Authenticate with \
             `Authorization: Bearer dwk_…`. A key of one tenant acts on that tenant; a key of the whole server acts on the \
             tenant that the header `Doorward-Tenant` (id or slug) names, else on the tenant of the host. Changes are JSON merge \
             patches (RFC 7396). Errors are problem details (RFC 9457).",
        ))
        .build();
    api.servers = Some(vec![ServerBuilder::new().url("/admin/v1").build()]);
    for (path, item) in &mut api.paths.paths {
        let operations = [
            (HttpMethod::Get, &mut item.get),
            (HttpMethod::Post, &mut item.post),
            (HttpMethod::Put, &mut item.put),
            (HttpMethod::Patch, &mut item.patch),
            (HttpMethod::Delete, &mut item.delete),
        ];
        for (_, operation) in operations {
            if let Some(operation) = operation {
                describe(path, operation);
            }
        }
    }
    let components = api.components.get_or_insert_with(Components::new);
    let mut schemas = Vec::new();
    super::problem::ProblemDocument::schemas(&mut schemas);
    components.schemas.extend(schemas);
    components.schemas.insert("Problem".into(), super::problem::ProblemDocument::schema());
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("dwk_…").build();
    components.add_security_scheme("api_key", SecurityScheme::Http(bearer));
    api.security = Some(vec![SecurityRequirement::new("api_key", Vec::<String>::new())]);
    api
}

fn describe(path: &str, operation: &mut Operation) {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let parameters = operation.parameters.get_or_insert_with(Vec::new);
    for name in path.split('/').filter_map(|s| s.strip_prefix('{').and_then(|s| s.strip_suffix('}'))) {
        let id = text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))).build();
        let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).required(Required::True);
        parameters.push(RefOr::T(parameter.schema(Some(id)).build()));
    }
    if !path.starts_with("/tenants") && !path.starts_with("/domains") {
        let parameter = ParameterBuilder::new()
            .name("Doorward-Tenant")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some("Id or slug of the tenant, for a key of the whole server"))
            .schema(Some(text().build()));
        parameters.push(RefOr::T(parameter.build()));
    }
    let problem = ContentBuilder::new().schema(Some(RefOr::Ref(Ref::from_schema_name("Problem")))).build();
    let problem = ResponseBuilder::new()
        .description("What is wrong, as problem details")
        .content("application/problem+json", problem)
        .build();
    operation.responses.responses.insert("default".into(), RefOr::T(problem));
}
