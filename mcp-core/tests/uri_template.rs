//! URI templates: RFC 6570's own examples, and matching as the inverse of expansion.

use mcp_core::UriTemplate;
use proptest::prelude::*;

fn value(name: &str) -> Option<&'static str> {
    Some(match name {
        "var" => "value",
        "hello" => "Hello World!",
        "path" => "/foo/bar",
        "empty" => "",
        "x" => "1024",
        "y" => "768",
        "half" => "50%",
        _ => return None,
    })
}

#[test]
fn the_examples_of_the_rfc_expand() {
    let cases = [
        ("{var}", "value"),
        ("{hello}", "Hello%20World%21"),
        ("{half}", "50%25"),
        ("O{empty}X", "OX"),
        ("O{undef}X", "OX"),
        ("{x,y}", "1024,768"),
        ("{x,hello,y}", "1024,Hello%20World%21,768"),
        ("?{x,undef}", "?1024"),
        ("{+var}", "value"),
        ("{+hello}", "Hello%20World!"),
        ("{+half}", "50%25"),
        ("{+path}/here", "/foo/bar/here"),
        ("here?ref={+path}", "here?ref=/foo/bar"),
        ("{#path,x}/here", "#/foo/bar,1024/here"),
        ("X{#hello}", "X#Hello%20World!"),
        ("X{.x,y}", "X.1024.768"),
        ("{/var,x}/here", "/value/1024/here"),
        ("{;x,y,empty}", ";x=1024;y=768;empty"),
        ("{?x,y,empty}", "?x=1024&y=768&empty="),
        ("?fixed=yes{&x}", "?fixed=yes&x=1024"),
    ];
    for (template, expected) in cases {
        let template = UriTemplate::parse(template).unwrap();
        assert_eq!(template.expand(value), expected, "{template}");
    }
}

#[test]
fn what_is_encoded_already_stays_so_where_reserved_characters_do() {
    for (value, plain, reserved) in [
        ("%2F", "%252F", "%2F"),
        ("%2f", "%252f", "%2f"),
        ("%g2", "%25g2", "%25g2"),
        ("%2g", "%252g", "%252g"),
        ("%2", "%252", "%252"),
        ("%", "%25", "%25"),
        (" 20", "%2020", "%2020"),
        ("é41", "%C3%A941", "%C3%A941"),
    ] {
        let expand = |text: &str| UriTemplate::parse(text).unwrap().expand(|_| Some(value));
        assert_eq!(expand("{v}"), plain, "{value}");
        assert_eq!(expand("{+v}"), reserved, "{value}");
    }
    let template = UriTemplate::parse("a:%2Fé/{v}").unwrap();
    assert_eq!(template.expand(|_| Some("x")), "a:%2F%C3%A9/x");
}

#[test]
fn a_template_is_shown_as_it_was_written() {
    let template = UriTemplate::parse("a://é/{+v}{?x,y}").unwrap();
    assert_eq!(template.as_str(), "a://é/{+v}{?x,y}");
    assert_eq!(template.to_string(), template.as_str());
    assert_eq!(template.variables().collect::<Vec<_>>(), ["v", "x", "y"]);
}

#[test]
fn a_literal_is_not_found_in_the_middle_of_an_encoded_byte() {
    let template = UriTemplate::parse("{+a}1{+b}").unwrap();
    let found = template.matches("x%D1%821y").unwrap();
    assert_eq!(found, [("a", "x\u{442}".into()), ("b", "y".into())]);
    let template = UriTemplate::parse("{a}11{b}").unwrap();
    assert_eq!(
        template.matches("%C3%A111z").unwrap(),
        [("a", "á".into()), ("b", "z".into())]
    );
    assert_eq!(template.matches("%C1"), None);
}

#[test]
fn a_malformed_template_is_refused_and_says_where() {
    for (template, problem) in [
        ("a://{id", "a `{` is not closed (at byte 4 of the template)"),
        (
            "a://id}",
            "a character that no URI has, or a `}` that closes nothing (at byte 0 of the template)",
        ),
        (
            "a://{}",
            "`` is not a variable's name (at byte 4 of the template)",
        ),
        (
            "a://{a b}",
            "`a b` is not a variable's name (at byte 4 of the template)",
        ),
        (
            "a://{list*}",
            "`list*`: `*` and `:n` (level 4) are not supported (at byte 4 of the template)",
        ),
        (
            "a://{list:3}",
            "`list:3`: `*` and `:n` (level 4) are not supported (at byte 4 of the template)",
        ),
        (
            "a://{a}{b}",
            "nothing separates `{b}` from the variable before it (at byte 7 of the template)",
        ),
        (
            "a://{a}/{a}",
            "`a` occurs twice (at byte 8 of the template)",
        ),
        ("a://{a,a}", "`a` occurs twice (at byte 4 of the template)"),
    ] {
        assert_eq!(
            UriTemplate::parse(template).unwrap_err().to_string(),
            problem
        );
    }
}

#[test]
fn a_template_may_be_as_long_as_its_bounds_and_no_longer() {
    let problem = |text: &str| {
        UriTemplate::parse(text)
            .err()
            .map(|error| error.to_string())
    };
    assert_eq!(problem(&"a".repeat(2048)), None);
    assert_eq!(
        problem(&"a".repeat(2049)).as_deref(),
        Some("a template is at most 2048 bytes long (at byte 2048 of the template)")
    );
    let apart = |count| (0..count).map(|n| format!("/{{v{n}}}")).collect::<String>();
    assert_eq!(problem(&apart(32)), None);
    assert_eq!(
        problem(&apart(33)).as_deref(),
        Some("a template has at most 32 variables (at byte 183 of the template)")
    );
    let names = |count: usize| (0..count).map(|n| format!("v{n}")).collect::<Vec<_>>();
    assert_eq!(problem(&format!("{{{}}}", names(32).join(","))), None);
    assert!(problem(&format!("{{{}}}", names(33).join(","))).is_some());
}

fn matched(template: &str, uri: &str) -> Option<String> {
    let template = UriTemplate::parse(template).expect("a test's template is well formed");
    let found = template.matches(uri)?;
    Some(
        found
            .iter()
            .map(|(name, value)| format!("{name}={value};"))
            .collect(),
    )
}

#[test]
fn a_uri_of_the_templates_form_gives_its_variables() {
    for (template, uri, expected) in [
        ("users://{id}/profile", "users://42/profile", "id=42;"),
        (
            "users://{id}/profile",
            "users://a%20b%2Fc/profile",
            "id=a b/c;",
        ),
        ("file:///{+path}", "file:///a/b/c.txt", "path=a/b/c.txt;"),
        ("file:///{+path}", "file:///", "path=;"),
        (
            "file:///{+path}/meta",
            "file:///a/meta/meta",
            "path=a/meta;",
        ),
        ("doc://{name}.{ext}", "doc://a.b", "name=a;ext=b;"),
        ("doc://{name}.{ext}", "doc://.a.b", "name=.a;ext=b;"),
        ("doc://{name}.md", "doc://a.md.md", "name=a.md;"),
        ("doc://x{/a}", "doc://x/1", "a=1;"),
        ("doc://x{/a}", "doc://x/", "a=;"),
        ("doc://x{/a,b}", "doc://x/1/2", "a=1;b=2;"),
        ("doc://x{/a,b}", "doc://x/1", "a=1;"),
        ("doc://x{/a}", "doc://x", ""),
        ("doc://{x,y}", "doc://1,2", "x=1;y=2;"),
        ("doc://s{?q,r}", "doc://s?r=2&q=1", "r=2;q=1;"),
        ("doc://s{?q,r}", "doc://s", ""),
        ("doc://{id}{?q}", "doc://7?q=", "id=7;q=;"),
        ("doc://{+path}{?q}{#f}", "doc://a/b#c", "path=a/b;f=c;"),
        ("doc://s{;a,b}", "doc://s;b=1;a", "b=1;a=;"),
        ("plain://x", "plain://x", ""),
    ] {
        assert_eq!(
            matched(template, uri).as_deref(),
            Some(expected),
            "{template} {uri}"
        );
    }
}

#[test]
fn a_uri_of_another_form_does_not_match() {
    for (template, uri) in [
        ("users://{id}/profile", "users:///profile"),
        ("users://{id}", "users://"),
        ("users://{id}/profile", "users://a/b/profile"),
        ("users://{id}/profile", "users://a/profile/x"),
        ("users://{id}", "users://%"),
        ("users://{id}", "users://%ff"),
        ("users://{id}", "users://a?b"),
        ("doc://x{/a}", "doc://x/1/2"),
        ("doc://s{?q}", "doc://s?other=1"),
        ("doc://s{?q}", "doc://s?q=1&q=2"),
        ("doc://{x,y}", "doc://1,2,3"),
        ("plain://x", "plain://xy"),
    ] {
        assert_eq!(matched(template, uri), None, "{template} {uri}");
    }
}

proptest! {
    #[test]
    fn what_was_expanded_matches_and_gives_the_values_back(
        id in "\\PC{1,12}", path in "[a-z/]{0,12}", query in proptest::option::of("\\PC{0,12}"),
    ) {
        let template = UriTemplate::parse("t://{id}/{+path}/end{?query}").unwrap();
        let uri = template.expand(|name| match name {
            "id" => Some(id.as_str()),
            "path" => Some(path.as_str()),
            _ => query.as_deref(),
        });
        let found = template.matches(&uri);
        // The shortest rule may cut a path that holds the text behind it.
        if !format!("{path}/").contains("/end") {
            let found = found.expect("an expansion matches");
            prop_assert_eq!(&found[0].1, &id);
            prop_assert_eq!(&found[1].1, &path);
            prop_assert_eq!(found.get(2).map(|(_, value)| value.as_ref()), query.as_deref());
        }
    }

    #[test]
    fn no_text_makes_the_parser_or_the_matcher_fail(template in "[a-z{}+/?,.%]{0,24}", uri in "\\PC{0,32}") {
        if let Ok(template) = UriTemplate::parse(&template) {
            let _ = template.matches(&uri);
        }
    }
}

#[test]
fn fault_96_a_uri_that_is_made_to_be_slow_takes_linear_time() {
    let template: String = (0..32).map(|n| format!("a{{v{n}}}")).collect();
    let template = UriTemplate::parse(&template).unwrap();
    assert!(template.matches(&"a".repeat(200_000)).is_some());
    assert!(
        template
            .matches(&format!("{}/", "a".repeat(200_000)))
            .is_none()
    );
}
