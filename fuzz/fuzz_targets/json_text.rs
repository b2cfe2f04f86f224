//! Our scanner of JSON against serde_json: both take the same texts for the same values.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mcp_core::json::{JsonText, Scanner};
use serde_json::Value;
use serde_json::value::RawValue;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut scanner = Scanner::new(text);
    let ours = scanner.value().filter(|_| scanner.end().is_some());
    let theirs = serde_json::from_str::<&RawValue>(text).ok();
    assert_eq!(
        ours.map(JsonText::get),
        theirs.map(RawValue::get),
        "the extent of {text:?}"
    );
    let Some(ours) = ours else {
        return;
    };
    if let Ok(theirs) = serde_json::from_str::<String>(text) {
        assert_eq!(ours.text().as_deref(), Some(&*theirs));
    } else {
        assert_eq!(ours.text(), None, "{text:?} is no string");
    }
    let mut names = Vec::new();
    let found = Scanner::new(text).members(|name, scanner| {
        names.push(name.to_owned());
        scanner.value().map(drop)
    });
    if let (Ok(Value::Object(members)), Some(())) = (serde_json::from_str(text), found) {
        names.sort();
        names.dedup();
        let theirs: Vec<String> = members.into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, theirs, "the members of {text:?}");
    }
});
