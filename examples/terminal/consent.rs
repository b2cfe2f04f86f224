//! URLs that a server wants opened: shown in full, agreed to, and never opened from here (ELI-A-07).

use toolwright::model::{ElicitResult, ElicitUrlParams};

use crate::screen::{Gone, Screen};

/// Asks whether the person will open the URL.
pub(crate) async fn ask(
    screen: &mut Screen,
    server: &str,
    asked: &ElicitUrlParams,
) -> Result<ElicitResult, Gone> {
    let host = match host(&asked.url) {
        Ok(host) => host,
        Err(why) => {
            screen.say(&format!(
                "{server} asked to open an address that {why}: refused."
            ))?;
            return Ok(ElicitResult::decline());
        }
    };
    screen.say(&format!("{server} asks you to visit {host}:"))?;
    screen.say(&format!("  {}", asked.message))?;
    screen.say(&format!("  {}", asked.url))?;
    screen.say("Nothing is opened for you. Copy the address into a browser if you trust it.")?;
    Ok(
        match screen.agrees(&format!("Will you visit {host}?")).await? {
            true => ElicitResult::accept(None),
            false => ElicitResult::decline(),
        },
    )
}

/// The host of an address that a person can judge, or why it is none.
fn host(url: &str) -> Result<&str, &'static str> {
    if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("is not written in plain letters");
    }
    if url.contains(['"', '\'', '`', '<', '>', '\\', '|', '^', '{', '}', '$', ';']) {
        return Err("has characters that no address has");
    }
    let (scheme, rest) = url.split_once("://").ok_or("is no web address")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err("hides its host behind a user's name");
    }
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    if host.is_empty() {
        return Err("has no host");
    }
    let here = matches!(host, "localhost" | "127.0.0.1" | "::1");
    match scheme.to_ascii_lowercase().as_str() {
        "https" => {}
        "http" if here => {}
        _ => return Err("is not reached by https"),
    }
    if host.split('.').any(|label| label.starts_with("xn--")) {
        return Err("spells its host in letters that can be mistaken for others");
    }
    Ok(host)
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn only_addresses_that_a_person_can_judge_are_shown() {
        for (url, expected) in [
            ("https://example.org/a?b=c#d", Ok("example.org")),
            ("https://example.org:8443", Ok("example.org")),
            ("http://localhost:3000/x", Ok("localhost")),
            ("http://[::1]:3000/x", Ok("::1")),
            ("http://example.org/", Err("is not reached by https")),
            ("javascript:alert(1)", Err("is no web address")),
            ("file:///etc/passwd", Err("has no host")),
            ("https:///x", Err("has no host")),
            (
                "https://bank.example@evil.example/",
                Err("hides its host behind a user's name"),
            ),
            (
                "https://exаmple.org/",
                Err("is not written in plain letters"),
            ),
            (
                "https://xn--exmple-4nf.org/",
                Err("spells its host in letters that can be mistaken for others"),
            ),
            (
                "https://example.org/$(id)",
                Err("has characters that no address has"),
            ),
            (
                "https://example.org/`id`",
                Err("has characters that no address has"),
            ),
            (
                "https://example.org/ x",
                Err("is not written in plain letters"),
            ),
            (
                "https://example.org/\u{1b}[2J",
                Err("is not written in plain letters"),
            ),
        ] {
            assert_eq!(host(url), expected, "{url}");
        }
    }
}
