//! From a server to the authorization server that speaks for it (AUTH-C-02, AUTH-C-03).

use http::{StatusCode, Uri};

use super::error::AuthError;
use crate::auth::metadata::{
    AuthorizationServer, ProtectedResource, issuer_metadata_urls, issuer_url,
    resource_metadata_paths, resource_url,
};
use crate::auth::{FetchError, Fetcher};
use crate::http_client::{origin, same_origin};

/// What was found out about a server.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// What tokens are asked for, byte for byte; `None` of servers from before there was such a
    /// thing (AUTH-L-12).
    pub(super) resource: Option<ProtectedResource>,
    /// Who gives them.
    pub(super) issuer: AuthorizationServer,
}

/// Where the metadata of a resource may lie, in the order in which to look: where the challenge
/// says, or else under the path of the server and at the root.
fn resource_places(server: &Uri, challenged: Option<&str>) -> Vec<String> {
    match challenged {
        Some(url) => vec![url.to_owned()],
        None => {
            let paths = resource_metadata_paths(server).into_iter();
            paths
                .map(|path| format!("{}{path}", base(server)))
                .collect()
        }
    }
}

/// Scheme and authority of a server, as they are written.
fn base(server: &Uri) -> String {
    let scheme = server.scheme_str().unwrap_or_default();
    let authority = server.authority().map_or("", http::uri::Authority::as_str);
    format!("{scheme}://{authority}")
}

/// Whether a resource is `server`, or the part of its host that `server` lies in.
fn covers(resource: &str, server: &Uri) -> bool {
    let Ok(uri) = resource_url(resource) else {
        return false;
    };
    let folder = uri.path().trim_end_matches('/');
    let inside = server.path().strip_prefix(folder);
    let inside = inside.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let asks = uri.query().is_none() || uri.query() == server.query();
    same_origin(&uri, server) && inside && asks
}

/// Whether a document that is not there may lie elsewhere.
fn is_absent(error: &FetchError) -> bool {
    match error {
        FetchError::Status(status) => {
            status.is_client_error() || *status == StatusCode::NOT_IMPLEMENTED
        }
        // A web site that answers everything with a page.
        FetchError::Unreadable(_) | FetchError::Redirect => true,
        _ => false,
    }
}

/// Reads what a server says of itself, if it says something.
///
/// # Errors
/// [`AuthError::Resource`] when it speaks of another one, and [`AuthError::Fetch`] when a place
/// that it named does not answer.
pub(super) async fn resource(
    fetcher: &Fetcher,
    server: &Uri,
    challenged: Option<&str>,
) -> Result<Option<ProtectedResource>, AuthError> {
    for url in resource_places(server, challenged) {
        let document: ProtectedResource = match fetcher.get(&url).await {
            Ok(document) => document,
            Err(error) if challenged.is_none() && is_absent(&error) => continue,
            Err(cause) => return Err(failed(&url, cause)),
        };
        if !covers(&document.resource, server) {
            return Err(AuthError::Resource {
                server: format!("{}{}", base(server), server.path()),
                resource: document.resource.chars().take(200).collect(),
            });
        }
        return Ok(Some(document));
    }
    Ok(None)
}

/// Reads what an authorization server says of itself. What is said under another name does not
/// count, without any normalisation (fault 91).
///
/// # Errors
/// [`AuthError::Issuer`] and [`AuthError::Fetch`].
pub(super) async fn issuer(
    fetcher: &Fetcher,
    name: &str,
) -> Result<AuthorizationServer, AuthError> {
    let nothing = |why: String| AuthError::Issuer {
        issuer: name.chars().take(200).collect(),
        why,
    };
    let url = issuer_url(name).map_err(|error| nothing(error.to_string()))?;
    let mut found = "nothing was found".to_owned();
    for place in issuer_metadata_urls(&url) {
        match fetcher.get::<AuthorizationServer>(&place).await {
            Ok(document) if document.issuer == name => return Ok(document),
            Ok(document) => {
                let other: String = document.issuer.chars().take(200).collect();
                found = format!("the one at {place} is of {other:?}");
            }
            Err(error) if is_absent(&error) => {}
            Err(cause) => return Err(failed(&place, cause)),
        }
    }
    Err(nothing(found))
}

/// The authorization server of a server from before servers named theirs: its own host, and if
/// that has no metadata, what was agreed on then (AUTH-L-12).
///
/// # Errors
/// As [`issuer`].
pub(super) async fn own_issuer(
    fetcher: &Fetcher,
    server: &Uri,
) -> Result<AuthorizationServer, AuthError> {
    let host = base(server);
    let place = format!("{host}/.well-known/oauth-authorization-server");
    match fetcher.get::<AuthorizationServer>(&place).await {
        Ok(document) if is_host(&document.issuer, server) => Ok(document),
        Ok(document) => Err(AuthError::Issuer {
            issuer: host,
            why: format!(
                "the one there is of {:?}",
                document.issuer.chars().take(200).collect::<String>()
            ),
        }),
        Err(error) if is_absent(&error) => Ok(AuthorizationServer {
            authorization_endpoint: Some(format!("{host}/authorize")),
            token_endpoint: Some(format!("{host}/token")),
            registration_endpoint: Some(format!("{host}/register")),
            code_challenge_methods_supported: Some(vec!["S256".to_owned()]),
            token_endpoint_auth_methods_supported: Some(vec!["none".to_owned()]),
            ..AuthorizationServer::named(host)
        }),
        Err(cause) => Err(failed(&place, cause)),
    }
}

/// Whether an issuer is the host of a server, with or without the slash that a host's URL has.
fn is_host(issuer: &str, server: &Uri) -> bool {
    let bare = issuer.strip_suffix('/').unwrap_or(issuer);
    bare == base(server)
}

pub(super) fn failed(url: &str, cause: FetchError) -> AuthError {
    let uri: Option<Uri> = url.parse().ok();
    let shown = uri.map_or_else(
        || url.chars().take(200).collect(),
        |uri| format!("{}{}", base(&uri), uri.path()),
    );
    AuthError::Fetch { url: shown, cause }
}

/// A name for a server that is the same however its URL is written.
pub(super) fn origin_of(server: &Uri) -> String {
    origin(server).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(url: &str) -> Uri {
        url.parse().expect(url)
    }

    #[test]
    fn a_resource_is_looked_for_where_the_challenge_says_and_else_by_path_and_root() {
        let server = uri("https://a.example/v1/mcp?x=1");
        assert_eq!(
            resource_places(&server, Some("https://b.example/m")),
            ["https://b.example/m"]
        );
        assert_eq!(
            resource_places(&server, None),
            [
                "https://a.example/.well-known/oauth-protected-resource/v1/mcp",
                "https://a.example/.well-known/oauth-protected-resource",
            ]
        );
    }

    #[test]
    fn fault_93_only_the_server_itself_or_what_it_lies_in_is_its_resource() {
        let server = uri("https://a.example/v1/mcp");
        for good in [
            "https://a.example/v1/mcp",
            "https://a.example/v1",
            "https://a.example/v1/",
            "https://a.example",
            "https://a.example/",
            "https://A.example:443/v1/mcp",
        ] {
            assert!(covers(good, &server), "{good}");
        }
        for bad in [
            "https://evil.example/v1/mcp",
            "http://a.example/v1/mcp",
            "https://a.example:8443/v1/mcp",
            "https://a.example/v1/mc",
            "https://a.example/v1/mcp/deeper",
            "https://a.example/v2",
            "https://a.example/v1/mcp#part",
            "https://a.example/v1/mcp?tenant=1",
            "https://a.example@evil.example/v1/mcp",
            "",
        ] {
            assert!(!covers(bad, &server), "{bad}");
        }
    }

    #[test]
    fn what_is_absent_is_looked_for_elsewhere_and_what_is_broken_is_not() {
        assert!(is_absent(&FetchError::Status(StatusCode::NOT_FOUND)));
        assert!(is_absent(&FetchError::Status(StatusCode::UNAUTHORIZED)));
        assert!(!is_absent(&FetchError::Status(StatusCode::BAD_GATEWAY)));
        assert!(!is_absent(&FetchError::TooLong(1)));
    }
}
