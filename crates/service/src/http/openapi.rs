//! The document that describes every call, made from the code that answers it.

use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};

use lamplighter_target::wire::ProblemBody;

/// What the document says of itself.
#[derive(OpenApi)]
#[openapi(
    info(title = "Lamplighter", description = "What a live-chat widget must show, over HTTP"),
    components(schemas(ProblemBody)),
    tags(
        (name = "visitors", description = "For anyone, and for scripts of any page"),
        (name = "agents", description = "With the token of a device"),
        (name = "admin", description = "With the admin key"),
        (name = "operation", description = "For whoever runs the service")
    )
)]
pub struct Document;

/// Adds what calls have in common: whose they are, what can go wrong with a body, and that whatever
/// goes wrong is told as a problem.
pub fn complete(document: &mut utoipa::openapi::OpenApi) {
    let bearer = || SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let components = document.components.get_or_insert_default();
    components.security_schemes.insert("token".to_owned(), bearer().into());
    components.security_schemes.insert("admin_key".to_owned(), bearer().into());
    for (path, item) in &mut document.paths.paths {
        let operations =
            [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            complete_operation(path, operation);
        }
    }
}

fn complete_operation(path: &str, operation: &mut Operation) {
    let mut problem = |status: &str, description: &str| {
        let response = ResponseBuilder::new().description(description).build();
        operation.responses.responses.entry(status.to_owned()).or_insert(response.into());
    };
    if operation.request_body.is_some() {
        problem("400", "The body is no JSON");
        problem("408", "The body did not arrive in time");
        problem("413", "The body is larger than it may be");
        problem("422", "A field says something that cannot be");
    }
    if operation.security.is_some() {
        problem("401", "Nobody known asks");
    }
    let is_from_the_board = path.starts_with("/v1/widgets/") && operation.request_body.is_none();
    if path.starts_with("/v1/") && (!is_from_the_board || path.ends_with("/events")) {
        problem("503", "Not now: see Retry-After");
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
        {
            let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemBody")));
            response.content.insert("application/problem+json".to_owned(), content.build().into());
        }
    }
}
