//! Where a reference leads, and whether that is the same server.

use http::Uri;
use http::uri::PathAndQuery;

/// What `reference` means when it stands in something that came from `base` (RFC 3986 §5), as far
/// as servers use it: a URL, a path, a query, or a path beside that of `base`.
pub(crate) fn resolve(base: &Uri, reference: &str) -> Option<Uri> {
    let reference = reference.split('#').next().unwrap_or_default().trim();
    if reference.contains("://") {
        return reference.parse().ok();
    }
    if let Some(rest) = reference.strip_prefix("//") {
        return format!("{}://{rest}", base.scheme_str()?).parse().ok();
    }
    let path = if reference.starts_with('/') {
        reference.to_owned()
    } else if reference.starts_with('?') {
        format!("{}{reference}", base.path())
    } else {
        let folder = base
            .path()
            .rfind('/')
            .map_or("/", |end| &base.path()[..=end]);
        format!("{folder}{reference}")
    };
    let mut parts = base.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path).ok()?);
    Uri::from_parts(parts).ok()
}

/// Whether both belong to one origin: what is meant for the one may be sent to the other.
pub(crate) fn same_origin(one: &Uri, other: &Uri) -> bool {
    match (origin(one), origin(other)) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

/// Scheme, host and port as one text, in one spelling.
pub(crate) fn origin(uri: &Uri) -> Option<String> {
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let host = uri.host()?.to_ascii_lowercase();
    let usual = match scheme.as_str() {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    Some(format!(
        "{scheme}://{host}:{}",
        uri.port_u16().unwrap_or(usual)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_against_where_they_came_from() {
        let base = "https://host:8443/v1/mcp?x=1".parse().unwrap();
        for (reference, meant) in [
            (
                "/messages?session=7",
                "https://host:8443/messages?session=7",
            ),
            ("messages", "https://host:8443/v1/messages"),
            ("?session=7", "https://host:8443/v1/mcp?session=7"),
            ("https://else/x#part", "https://else/x"),
            ("//else/x", "https://else/x"),
            (" /mcp/ ", "https://host:8443/mcp/"),
        ] {
            let resolved = resolve(&base, reference).map(|uri| uri.to_string());
            assert_eq!(resolved.as_deref(), Some(meant), "{reference}");
        }
        assert_eq!(resolve(&base, "/a b"), None);
    }

    #[test]
    fn an_origin_is_scheme_host_and_port_however_they_are_written() {
        let uri = |text: &str| text.parse::<Uri>().unwrap();
        let base = uri("https://Host/mcp");
        for same in ["https://host/else", "HTTPS://HOST:443/mcp"] {
            assert!(same_origin(&base, &uri(same)), "{same}");
        }
        for other in [
            "http://host/mcp",
            "https://host:8443/mcp",
            "https://host.evil.com/mcp",
            "https://evil.com/https://host/mcp",
            "/mcp",
        ] {
            assert!(!same_origin(&base, &uri(other)), "{other}");
        }
    }
}
