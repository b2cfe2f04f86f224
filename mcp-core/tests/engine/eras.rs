//! The rules of each era in tables: the order of checks, negotiation, methods, capabilities.

use mcp_core::json::Scanner;
use mcp_core::jsonrpc::{ErrorCode, ErrorObject};
use mcp_core::lifecycle::{Method, ModernCheck, Params, check_modern};
use mcp_core::{Limits, ProtocolVersion, Revision};
use serde_json::{Value, json};

use crate::harness::{Server, capabilities, capabilities_of, profile};
use crate::messages::{modern, request};

const VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

/// What [`check_modern`] says: 0, or the code of its error.
fn checked(meta: Value, header: Option<&str>, method: &str) -> i64 {
    let params = json!({ "_meta": meta }).to_string();
    let raw = Scanner::new(&params).value();
    let params = Params::read(raw).expect("params");
    let headers = |version: &str| match header {
        Some(header) if header != version => {
            Err(ErrorObject::new(ErrorCode::HEADER_MISMATCH, "mismatch"))
        }
        _ => Ok(()),
    };
    let outcome = check_modern(ModernCheck {
        method,
        meta: params.meta,
        headers: &headers,
        revisions: &Revision::ALL,
    });
    outcome.map_or_else(|error| error.code.0, |_| 0)
}

#[test]
fn modern_checks_come_in_the_order_ver_d_03_fixes() {
    let good = json!({ VERSION: "2026-07-28", CAPABILITIES: {} });
    let unknown = json!({ VERSION: "2099-01-01", CAPABILITIES: {} });
    let legacy = json!({ VERSION: "2025-11-25", CAPABILITIES: {} });
    let lacking = json!({ VERSION: "2099-01-01" });
    let (call, none) = ("tools/call", "no/method");
    for (meta, header, method, code) in [
        (good.clone(), None, call, 0),
        (good.clone(), Some("2026-07-28"), call, 0),
        // Each later fault stands beside all that come after it.
        (json!({}), Some("1"), none, -32602),
        (lacking, Some("1"), none, -32602),
        (json!({ CAPABILITIES: {} }), Some("1"), none, -32602),
        (
            json!({ VERSION: 1, CAPABILITIES: {} }),
            Some("1"),
            none,
            -32602,
        ),
        (
            json!({ VERSION: "2026-07-28", CAPABILITIES: [] }),
            Some("1"),
            none,
            -32602,
        ),
        (unknown.clone(), Some("1"), none, -32020),
        (good.clone(), Some("2025-11-25"), none, -32020),
        (unknown.clone(), Some("2099-01-01"), none, -32022),
        (unknown, None, none, -32022),
        (legacy, None, call, -32022),
        (good.clone(), Some("2026-07-28"), none, -32601),
        (good.clone(), None, "initialize", -32601),
        (good.clone(), None, "ping", -32601),
        (good.clone(), None, "logging/setLevel", -32601),
        (good.clone(), None, "resources/subscribe", -32601),
        (good.clone(), None, "resources/unsubscribe", -32601),
        (good, None, "TOOLS/CALL", -32601),
    ] {
        assert_eq!(
            checked(meta.clone(), header, method),
            code,
            "{meta} {header:?} {method}"
        );
    }
}

#[test]
fn negotiation_takes_the_version_asked_for_or_else_the_newest_legacy_one() {
    use Revision::{V2024_11_05, V2025_03_26, V2025_06_18, V2025_11_25, V2026_07_28};
    for (served, asked, expected) in [
        (&Revision::ALL[..], "2024-11-05", Some(V2024_11_05)),
        (&Revision::ALL, "2025-03-26", Some(V2025_03_26)),
        (&Revision::ALL, "2025-06-18", Some(V2025_06_18)),
        (&Revision::ALL, "2025-11-25", Some(V2025_11_25)),
        (&Revision::ALL, "2026-07-28", Some(V2025_11_25)),
        (&Revision::ALL, "1999-01-01", Some(V2025_11_25)),
        (
            &[V2024_11_05, V2025_06_18, V2026_07_28],
            "2025-03-26",
            Some(V2025_06_18),
        ),
        (&[V2024_11_05], "2025-11-25", Some(V2024_11_05)),
        (&[V2026_07_28], "2025-11-25", None),
        (&[V2026_07_28], "2026-07-28", None),
    ] {
        let profile = profile(capabilities(), served);
        let asked = ProtocolVersion::new(asked);
        assert_eq!(profile.negotiate(&asked), expected, "{served:?} {asked}");
    }
}

#[test]
fn each_era_answers_its_own_methods_only() {
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let revision = Revision::from_wire(version).unwrap();
        let mut server = Server::ready(version);
        for method in Method::ALL {
            let answer = server.send(&request(1, method.as_str(), json!({})));
            let unknown = answer[0]["error"]["code"] == -32601;
            assert_eq!(unknown, !method.exists_in(revision), "{version} {method:?}");
        }
    }
    let mut server = Server::new();
    for method in Method::ALL {
        let answer = server.send(&modern(1, method.as_str(), json!({})));
        let unknown = answer[0]["error"]["code"] == -32601;
        assert_eq!(
            unknown,
            !method.exists_in(Revision::V2026_07_28),
            "{method:?}"
        );
    }
}

#[test]
fn methods_of_capabilities_that_were_not_advertised_are_not_found() {
    for (offered, expected) in [
        (json!({}), &[][..]),
        (json!({ "tools": {} }), &["tools/list", "tools/call"]),
        (json!({ "prompts": {} }), &["prompts/list", "prompts/get"]),
        (
            json!({ "resources": {} }),
            &[
                "resources/list",
                "resources/templates/list",
                "resources/read",
            ],
        ),
        (
            json!({ "resources": { "subscribe": true } }),
            &[
                "resources/list",
                "resources/templates/list",
                "resources/read",
                "resources/subscribe",
                "resources/unsubscribe",
            ],
        ),
        (json!({ "completions": {} }), &["completion/complete"]),
        (json!({ "logging": {} }), &["logging/setLevel"]),
    ] {
        let profile = profile(capabilities_of(offered.clone()), &Revision::ALL);
        let mut server = Server::with(profile, Limits::default());
        server.handshake("2025-11-25");
        let gated = Method::ALL.into_iter().filter(|m| m.capability().is_some());
        for method in gated {
            let answer = server.send(&request(1, method.as_str(), json!({})));
            let found = answer[0]["error"]["code"] != -32601;
            assert_eq!(
                found,
                expected.contains(&method.as_str()),
                "{offered} {method:?}"
            );
        }
    }
}

#[test]
fn discover_names_every_version_and_says_how_long_that_holds() {
    let mut server = Server::new();
    let answer = server.send(&modern(1, "server/discover", json!({})));
    let versions = [
        "2026-07-28",
        "2025-11-25",
        "2025-06-18",
        "2025-03-26",
        "2024-11-05",
    ];
    let body = json!({
        "supportedVersions": versions,
        "capabilities": capabilities(),
        "ttlMs": 3_600_000,
        "cacheScope": "public",
    });
    assert_eq!(answer, [crate::messages::modern_result(1, body)]);
    server.lives();
}
