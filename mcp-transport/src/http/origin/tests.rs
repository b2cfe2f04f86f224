use proptest::prelude::*;

use super::*;

fn with(name: &'static str, values: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    headers
}

fn host_status(hosts: &AllowedHosts, values: &[&str], target: &str) -> u16 {
    let headers = with("host", values);
    let checked = hosts.check(&headers, &target.parse().unwrap());
    checked.map_or_else(|refusal| refusal.status().as_u16(), |()| 200)
}

#[test]
fn fault_59_only_loopback_hosts_pass_by_default() {
    let long = "a".repeat(300);
    let cases: &[(&[&str], u16)] = &[
        (&["localhost"], 200),
        (&["LocalHost:3000"], 200),
        (&["127.0.0.1:1"], 200),
        (&["[::1]"], 200),
        (&["[::1]:65535"], 200),
        (&["[0:0:0:0:0:0:0:1]:80"], 200),
        (&["evil.example"], 403),
        (&["127.0.0.1.evil.com"], 403),
        (&["localhost.evil.com:3000"], 403),
        (&["evil-localhost"], 403),
        (&["localhost."], 403),
        (&["127.1"], 403),
        (&["2130706433"], 403),
        (&["0.0.0.0"], 403),
        (&["[::ffff:127.0.0.1]"], 403),
        (&[], 400),
        (&[""], 400),
        (&["localhost", "localhost"], 400),
        (&["localhost", "evil.example"], 400),
        (&["localhost, evil.example"], 400),
        (&["user@localhost"], 400),
        (&["localhost@evil.example"], 400),
        (&["localhost/evil.example"], 400),
        (&["http://localhost"], 400),
        (&["localhost:"], 400),
        (&["localhost:+80"], 400),
        (&["localhost:65536"], 400),
        (&["localhost:80:80"], 400),
        (&["localhost:000080"], 400),
        (&["local%68ost"], 400),
        (&["::1"], 400),
        (&["[::1"], 400),
        (&["[::1]80"], 400),
        (&["[::1%25lo]"], 400),
        (&["[localhost]"], 400),
        (&["lócalhost"], 400),
        (&[&long], 400),
    ];
    let hosts = AllowedHosts::default();
    for (values, status) in cases {
        assert_eq!(host_status(&hosts, values, "/mcp"), *status, "{values:?}");
    }
}

#[test]
fn fault_59_the_target_names_the_host_too_and_may_not_contradict_the_header() {
    let hosts = AllowedHosts::loopback();
    let cases: &[(&[&str], &str, u16)] = &[
        (&[], "http://localhost:3000/mcp", 200),
        (&["localhost:3000"], "http://LOCALHOST:3000/mcp", 200),
        (&[], "http://evil.example/mcp", 403),
        (&["localhost"], "http://evil.example/mcp", 400),
        (&["evil.example"], "http://localhost/mcp", 400),
        (&["localhost:3001"], "http://localhost:3000/mcp", 400),
        (&[], "http://user@localhost/mcp", 400),
    ];
    for (values, target, status) in cases {
        assert_eq!(
            host_status(&hosts, values, target),
            *status,
            "{values:?} {target}"
        );
    }
}

#[test]
fn a_host_without_a_port_is_allowed_at_any_and_one_with_a_port_at_that_one() {
    let hosts = AllowedHosts::new(["mcp.example.com", "api.example.com:8443", "[2001:db8::1]"]);
    let hosts = hosts.unwrap();
    let cases = [
        ("mcp.example.com", 200),
        ("MCP.example.com:1234", 200),
        ("api.example.com:8443", 200),
        ("[2001:DB8:0::1]:443", 200),
        ("api.example.com", 403),
        ("api.example.com:443", 403),
        ("localhost", 403),
    ];
    for (host, status) in cases {
        assert_eq!(host_status(&hosts, &[host], "/"), status, "{host}");
    }
}

fn allows(origins: &AllowedOrigins, origin: &str) -> bool {
    origins.check(&with("origin", &[origin])).is_ok()
}

#[test]
fn fault_60_only_pages_of_this_machine_pass_by_default() {
    let origins = AllowedOrigins::default();
    for origin in [
        "http://localhost",
        "https://localhost:6274",
        "http://127.0.0.1:3000",
        "http://[::1]:3000",
    ] {
        assert!(allows(&origins, origin), "{origin}");
    }
    for origin in [
        "null",
        "",
        "*",
        "localhost",
        "http://evil.example",
        "http://localhost.evil.example",
        "http://localhost@evil.example",
        "http://localhost.",
        "http://localhost/",
        "http://localhost:1 http://localhost:2",
        "file://localhost",
        "chrome-extension://localhost",
        "://localhost",
        "http://",
    ] {
        assert!(!allows(&origins, origin), "{origin}");
    }
}

#[test]
fn fault_60_a_named_origin_is_its_scheme_its_host_and_its_port() {
    let origins = AllowedOrigins::new(["https://app.example.com", "http://dev.example:8080"]);
    let origins = origins.unwrap();
    for origin in [
        "https://app.example.com",
        "https://App.Example.com:443",
        "http://dev.example:8080",
    ] {
        assert!(allows(&origins, origin), "{origin}");
    }
    for origin in [
        "http://app.example.com",
        "https://app.example.com:444",
        "http://dev.example",
        "https://dev.example:8080",
        "http://localhost",
        "null",
    ] {
        assert!(!allows(&origins, origin), "{origin}");
    }
}

#[test]
fn fault_60_no_origin_passes_and_two_do_not() {
    let origins = AllowedOrigins::loopback();
    assert_eq!(origins.check(&HeaderMap::new()), Ok(()));
    let doubled = with("origin", &["http://localhost", "http://localhost"]);
    assert_eq!(
        origins.check(&doubled).unwrap_err().status(),
        StatusCode::FORBIDDEN
    );
}

#[test]
fn fault_61_a_cross_site_request_needs_an_allowed_origin() {
    let origins = AllowedOrigins::loopback();
    let mut headers = with("sec-fetch-site", &["cross-site"]);
    assert_eq!(
        origins.check(&headers).unwrap_err().status(),
        StatusCode::FORBIDDEN
    );
    headers.insert(ORIGIN, HeaderValue::from_static("http://localhost:1"));
    assert_eq!(origins.check(&headers), Ok(()));
    for harmless in ["same-origin", "none"] {
        assert_eq!(origins.check(&with("sec-fetch-site", &[harmless])), Ok(()));
    }
}

#[test]
fn an_entry_that_could_never_match_is_an_error_that_names_it() {
    for entry in [
        "",
        "*",
        "*.example.com",
        "http://example.com",
        "example.com/",
        "::1",
    ] {
        let error = AllowedHosts::new([entry]).unwrap_err();
        assert!(error.to_string().contains(&format!("{entry:?}")));
    }
    for entry in [
        "",
        "*",
        "null",
        "example.com",
        "https://example.com/",
        "ws://example.com",
    ] {
        assert!(AllowedOrigins::new([entry]).is_err(), "{entry}");
    }
    assert!(!allows(
        &AllowedOrigins::new([""; 0]).unwrap(),
        "http://localhost"
    ));
}

proptest! {
    #[test]
    fn no_bytes_but_loopback_names_get_past_the_default_lists(
        raw in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let Ok(value) = HeaderValue::from_bytes(&raw) else { return Ok(()) };
        let mut headers = HeaderMap::new();
        headers.insert(HOST, value.clone());
        headers.insert(ORIGIN, value);
        prop_assert!(AllowedHosts::loopback().check(&headers, &Uri::from_static("/")).is_err());
        prop_assert!(AllowedOrigins::loopback().check(&headers).is_err());
    }
}
