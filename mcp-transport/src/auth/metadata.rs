//! The documents in which a protected resource and an authorization server describe themselves,
//! and where they lie.

use http::Uri;
use mcp_core::engine::Scopes;
use serde::{Deserialize, Serialize, Serializer};

use crate::http_client::is_this_machine;

const PROTECTED_RESOURCE: &str = "/.well-known/oauth-protected-resource";
const AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

/// What a protected resource says of itself (RFC 9728 §2).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtectedResource {
    /// Its identifier: the URL of the endpoint (AUTH-C-07).
    pub resource: String,
    /// The issuers of the tokens it takes.
    #[serde(default)]
    pub authorization_servers: Vec<String>,
    /// The scopes there are.
    #[serde(
        default,
        skip_serializing_if = "Scopes::is_empty",
        serialize_with = "as_list",
        deserialize_with = "from_list"
    )]
    pub scopes_supported: Scopes,
    /// How tokens may be presented.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bearer_methods_supported: Vec<String>,
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_name: Option<String>,
    /// Where people read about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_documentation: Option<String>,
    /// The algorithms that proofs of possession may be signed with (RFC 9449).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dpop_signing_alg_values_supported: Vec<String>,
    /// Whether it takes only tokens that are bound to a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_bound_access_tokens_required: Option<bool>,
}

fn as_list<S: Serializer>(scopes: &Scopes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(scopes.iter())
}

fn from_list<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Scopes, D::Error> {
    let list = Vec::<String>::deserialize(deserializer)?;
    Ok(list.into_iter().collect())
}

/// What an authorization server says of itself (RFC 8414 §2), as far as it is used here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct AuthorizationServer {
    /// Its identifier; what is said under any other than the one it was asked for does not count
    /// (AUTH-C-03).
    pub issuer: String,
    /// Where its keys are.
    pub jwks_uri: Option<String>,
    /// Where it is asked about tokens (RFC 7662).
    pub introspection_endpoint: Option<String>,
    /// Where users are sent.
    pub authorization_endpoint: Option<String>,
    /// Where tokens are had.
    pub token_endpoint: Option<String>,
    /// Where clients register themselves (RFC 7591).
    pub registration_endpoint: Option<String>,
    /// The scopes there are; `None` when that is not said.
    pub scopes_supported: Option<Vec<String>>,
    /// The transformations of PKCE (AUTH-C-06).
    pub code_challenge_methods_supported: Option<Vec<String>>,
    /// How clients may say who they are at the token endpoint; not said is `client_secret_basic`.
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// Whether the URL of a document about the client can be its id (AUTH-C-04).
    #[serde(default)]
    pub client_id_metadata_document_supported: bool,
    /// Whether every redirect says where it comes from (RFC 9207, AUTH-C-08).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl AuthorizationServer {
    /// One of which nothing is known but its name.
    pub(super) fn named(issuer: String) -> Self {
        Self {
            issuer,
            ..Self::default()
        }
    }
}

/// A URL that cannot stand for what it was given for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{url:?} cannot be {what}: {why}")]
pub struct InvalidUrl {
    url: String,
    what: &'static str,
    why: &'static str,
}

impl InvalidUrl {
    fn new(url: &str, what: &'static str, why: &'static str) -> Self {
        Self {
            url: url.chars().take(200).collect(),
            what,
            why,
        }
    }
}

/// Reads the URL of a resource: absolute, and without a fragment (AUTH-C-07).
///
/// # Errors
/// [`InvalidUrl`] says what is wrong with it.
pub fn resource_url(url: &str) -> Result<Uri, InvalidUrl> {
    let invalid = |why| InvalidUrl::new(url, "a resource", why);
    let uri: Uri = url.parse().map_err(|_| invalid("it is no URL"))?;
    if !matches!(uri.scheme_str(), Some("https" | "http")) {
        return Err(invalid("it must begin with https:// or http://"));
    }
    // The parser drops a fragment without a word.
    if url.contains('#') {
        return Err(invalid("it has a fragment"));
    }
    Ok(uri)
}

/// Reads the URL of an issuer: `https` unless it is this machine, without query and fragment
/// (RFC 8414 §2).
///
/// # Errors
/// [`InvalidUrl`] says what is wrong with it.
pub fn issuer_url(url: &str) -> Result<Uri, InvalidUrl> {
    let invalid = |why| InvalidUrl::new(url, "an issuer", why);
    let uri: Uri = url.parse().map_err(|_| invalid("it is no URL"))?;
    let scheme = uri.scheme_str();
    if scheme != Some("https") && !(scheme == Some("http") && is_this_machine(&uri)) {
        return Err(invalid("it must begin with https://"));
    }
    if uri.query().is_some() || url.contains('#') {
        return Err(invalid("it has a query or a fragment"));
    }
    Ok(uri)
}

fn origin(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or_default();
    let authority = uri.authority().map_or("", http::uri::Authority::as_str);
    format!("{scheme}://{authority}")
}

fn path(uri: &Uri) -> &str {
    uri.path().trim_end_matches('/')
}

/// Where the metadata of a resource lies on its host: under its own path, and at the root
/// (AUTH-S-01, AUTH-C-02). Without a path both are the same, and stand here once.
pub fn resource_metadata_paths(resource: &Uri) -> Vec<String> {
    let mut paths = vec![format!("{PROTECTED_RESOURCE}{}", path(resource))];
    if !path(resource).is_empty() {
        paths.push(PROTECTED_RESOURCE.to_owned());
    }
    paths
}

/// The URL of the metadata of a resource, as a challenge names it (AUTH-S-01).
pub fn resource_metadata_url(resource: &Uri) -> String {
    format!("{}{PROTECTED_RESOURCE}{}", origin(resource), path(resource))
}

/// Where the metadata of an issuer may lie, in the order in which to look (AUTH-C-03).
pub fn issuer_metadata_urls(issuer: &Uri) -> Vec<String> {
    let (origin, path) = (origin(issuer), path(issuer));
    let mut urls = vec![
        format!("{origin}{AUTHORIZATION_SERVER}{path}"),
        format!("{origin}{OPENID}{path}"),
    ];
    if !path.is_empty() {
        urls.push(format!("{origin}{path}{OPENID}"));
    }
    urls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_are_asked_in_the_prescribed_order() {
        let urls = |issuer: &str| issuer_metadata_urls(&issuer_url(issuer).expect(issuer));
        assert_eq!(
            urls("https://a.example"),
            [
                "https://a.example/.well-known/oauth-authorization-server",
                "https://a.example/.well-known/openid-configuration",
            ]
        );
        assert_eq!(
            urls("https://a.example/t/1/"),
            [
                "https://a.example/.well-known/oauth-authorization-server/t/1",
                "https://a.example/.well-known/openid-configuration/t/1",
                "https://a.example/t/1/.well-known/openid-configuration",
            ]
        );
    }

    #[test]
    fn a_resource_is_described_under_its_path_and_at_the_root() {
        let resource = resource_url("https://a.example:8443/mcp").expect("a URL");
        assert_eq!(
            resource_metadata_paths(&resource),
            [
                "/.well-known/oauth-protected-resource/mcp",
                "/.well-known/oauth-protected-resource",
            ]
        );
        assert_eq!(
            resource_metadata_url(&resource),
            "https://a.example:8443/.well-known/oauth-protected-resource/mcp"
        );
        let root = resource_url("https://a.example").expect("a URL");
        assert_eq!(
            resource_metadata_paths(&root),
            ["/.well-known/oauth-protected-resource"]
        );
    }

    #[test]
    fn urls_that_name_no_issuer_or_resource_are_refused() {
        for bad in [
            "http://a.example",
            "https://a.example?x=1",
            "https://a.example/#x",
            "a.example",
            "",
        ] {
            assert!(issuer_url(bad).is_err(), "{bad}");
        }
        assert!(issuer_url("http://127.0.0.1:9000").is_ok());
        for bad in ["ftp://a.example", "/mcp", "https://a.example/mcp#x"] {
            assert!(resource_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_not_said_is_not_written() {
        let resource = ProtectedResource {
            resource: "https://a.example/mcp".to_owned(),
            authorization_servers: vec!["https://as.example".to_owned()],
            ..ProtectedResource::default()
        };
        let json = serde_json::to_string(&resource).expect("JSON");
        assert_eq!(
            json,
            r#"{"resource":"https://a.example/mcp","authorization_servers":["https://as.example"]}"#
        );
        let read: ProtectedResource = serde_json::from_str(&json).expect("the same");
        assert_eq!(read, resource);
    }
}
