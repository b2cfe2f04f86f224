//! URI templates: any text is parsed or refused, any URI is matched in bounded time, and what
//! matches is what the template expands to with the values found (RES-A-04, fault 96).
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use mcp_core::UriTemplate;
use toolwright_fuzz::halves;

fuzz_target!(|data: &[u8]| {
    let (template, uri) = halves(data);
    let (template, uri) = (
        String::from_utf8_lossy(template),
        String::from_utf8_lossy(uri),
    );
    let Ok(template) = UriTemplate::parse(&template) else {
        return;
    };
    assert!(template.variables().count() <= 32 && template.as_str().len() <= 2048);
    // A URI that says the same twice as much, for whatever is more than linear.
    let _ = template.matches(&uri.repeat(64));
    // Values of the kind that are put in: every variable gets the URI.
    let expanded = template.expand(|_| Some(&uri));
    assert!(expanded.is_ascii(), "{expanded:?}");
    let _ = template.matches(&expanded);
    let Some(found) = template.matches(&uri) else {
        return;
    };
    let values: BTreeMap<&str, &str> = found
        .iter()
        .map(|(name, value)| (*name, value.as_ref()))
        .collect();
    assert_eq!(values.len(), found.len(), "each variable once");
    if ["{+", "{#"]
        .iter()
        .any(|reserved| template.as_str().contains(reserved))
    {
        // What stands for itself may be what follows the variable.
        return;
    }
    let again = template.expand(|name| values.get(name).copied());
    let matched_again = template.matches(&again);
    assert!(
        matched_again.is_some(),
        "{template} does not match {again:?}, which it made of {uri:?}"
    );
});
