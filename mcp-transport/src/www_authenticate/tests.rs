use super::*;

/// `Name(a=b,c=d)` for each scheme.
fn read(value: &str) -> String {
    let schemes = Scheme::parse(value.as_bytes(), 4096);
    let shown = schemes.iter().map(|scheme| {
        let params = scheme.params.iter();
        let params: Vec<_> = params
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!("{}({})", scheme.name, params.join(","))
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[test]
fn schemes_and_what_they_say_are_read_however_they_are_written() {
    for (value, expected) in [
        ("", ""),
        (" , ,", ""),
        ("Bearer", "Bearer()"),
        ("Bearer scope=\"a b\"", "Bearer(scope=a b)"),
        ("Bearer scope=a, error=b", "Bearer(scope=a,error=b)"),
        (
            "bearer scope = \"a\" ,error=\"b\"",
            "bearer(scope=a,error=b)",
        ),
        (
            r#"Bearer d="say \"hi\" \\ there""#,
            r#"Bearer(d=say "hi" \ there)"#,
        ),
        (
            "Basic realm=x, Bearer scope=\"a, b=c\"",
            "Basic(realm=x) Bearer(scope=a, b=c)",
        ),
        ("Bearer, DPoP algs=\"ES256\"", "Bearer() DPoP(algs=ES256)"),
        ("Bearer d=\"not closed", "Bearer(d=not closed)"),
        ("scope=a, Bearer", ""),
        ("Bearer scope=a, \u{1}, error=b", "Bearer(scope=a)"),
        ("Bearer x=", "Bearer(x=)"),
    ] {
        assert_eq!(read(value), expected, "{value}");
    }
}

#[test]
fn what_is_written_is_read_again() {
    let scheme = Scheme::new("Bearer")
        .with("error_description", "a \"b\" \\ c,\r\nX: d")
        .with("scope", "x y");
    let header = scheme.to_header();
    let read = Scheme::parse(header.as_bytes(), 4096);
    assert_eq!(read.len(), 1);
    let [read] = &read[..] else { panic!("one") };
    assert_eq!(read.param("Error_Description"), Some("a \"b\" \\ c,X: d"));
    assert_eq!(read.param("scope"), Some("x y"));
    assert_eq!(read.param("none"), None);
}

#[test]
fn no_more_is_looked_at_than_allowed() {
    let long = format!("Bearer scope=\"{}\"", "a".repeat(1000));
    let read = Scheme::parse(long.as_bytes(), 100);
    assert_eq!(read[0].param("scope").map(str::len), Some(100 - 14));
}
