//! Weight is a feature: the usual builds stay small.

use std::collections::BTreeSet;
use std::process::Command;

/// The crates that the facade brings with these features, our own included.
fn crates(features: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["tree", "--package", "toolwright", "--edges", "normal"])
        .args(["--no-default-features", "--features", features])
        .args(["--prefix", "none", "--no-dedupe", "--offline", "--locked"])
        .output()
        .expect("cargo runs, since it runs this test");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let listing = String::from_utf8_lossy(&output.stdout);
    let names = listing.lines().filter_map(|line| line.split_once(" v"));
    let crates: BTreeSet<_> = names.map(|(name, _)| name.to_owned()).collect();
    assert!(crates.contains("toolwright-core"), "{listing}");
    crates
}

#[test]
fn a_stdio_server_with_macros_brings_no_more_crates_than_promised() {
    let crates = crates("server,macros,stdio");
    assert!(crates.len() <= 40, "{}: {crates:?}", crates.len());
}

#[test]
fn a_server_over_http_with_macros_brings_no_more_crates_than_promised() {
    let crates = crates("server,macros,stdio,http-server");
    assert!(crates.len() <= 60, "{}: {crates:?}", crates.len());
}

#[test]
fn a_client_over_http_brings_no_more_crates_than_promised() {
    let alone = crates("client");
    assert!(alone.len() <= 36, "{}: {alone:?}", alone.len());
    assert!(!alone.contains("hyper"));
    let crates = crates("http-client");
    assert!(crates.len() <= 75, "{}: {crates:?}", crates.len());
}

#[test]
fn http_2_comes_with_its_feature_or_with_tls_alone() {
    assert!(!crates("server,macros,http-server").contains("h2"));
    for feature in ["http2", "tls"] {
        assert!(crates(feature).contains("h2"), "{feature}");
    }
}

#[test]
fn what_verifies_tokens_comes_with_its_feature_alone() {
    let without = crates("server,macros,http-server");
    let with = crates("server,macros,http-server,auth");
    for only_with in ["hyper-rustls", "rustls", "subtle"] {
        assert!(!without.contains(only_with), "{only_with}");
        assert!(with.contains(only_with), "{only_with}");
    }
    // One provider of cryptography for TLS, tokens and sealing.
    assert!(with.contains("ring"));
    let other = |name: &&String| name.starts_with("aws-lc") || *name == "openssl";
    assert_eq!(with.iter().find(other), None);
}
