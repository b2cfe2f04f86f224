//! `WWW-Authenticate`: whatever a server challenges with is read within the bound, and what is
//! written is read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mcp_transport::www_authenticate::Scheme;
use toolwright_fuzz::steering;

fuzz_target!(|data: &[u8]| {
    let ([most], value) = steering(data);
    let most = usize::from(most) * 8;
    let schemes = Scheme::parse(value, most);
    assert!(schemes.len() <= most, "no more schemes than bytes");
    for scheme in &schemes {
        assert!(!scheme.name().is_empty());
        let header = scheme.to_header();
        assert!(header.to_str().is_ok());
        for name in ["scope", "error", "resource_metadata", "realm"] {
            let _ = scheme.param(name);
        }
    }
    let text = String::from_utf8_lossy(value);
    let written = Scheme::new("Bearer")
        .with("error", "x")
        .with("scope", &*text)
        .to_header();
    let read = Scheme::parse(written.as_bytes(), usize::MAX);
    assert_eq!(read.len(), 1, "no value becomes a scheme: {written:?}");
    let visible: String = text.chars().filter(|c| matches!(c, ' '..='~')).collect();
    assert_eq!(read[0].param("scope"), Some(&*visible));
    assert_eq!(read[0].param("error"), Some("x"));
});
