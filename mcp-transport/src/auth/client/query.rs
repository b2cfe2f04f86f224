//! The query of a redirect.

use crate::auth::fetch::form_encode;

/// The members of a query, decoded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Query(Vec<(String, String)>);

/// Members of a query that are read.
const MOST: usize = 64;

impl Query {
    /// Reads the query of a URL. `None` when it cannot be read, or says something twice: which of
    /// them counts must not depend on who reads it (RFC 6749 §3.1).
    pub(super) fn of_url(url: &str) -> Option<Self> {
        let query = url
            .split('#')
            .next()?
            .split_once('?')
            .map_or("", |(_, query)| query);
        let members = query.split('&').filter(|member| !member.is_empty());
        let mut read: Vec<(String, String)> = Vec::new();
        for member in members {
            let (name, value) = member.split_once('=').unwrap_or((member, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            if read.len() == MOST || read.iter().any(|(known, _)| *known == name) {
                return None;
            }
            read.push((name, value));
        }
        Some(Self(read))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| &**value)
    }
}

/// Adds members to the query of a URL without a fragment.
pub(super) fn extend(url: &str, members: &[(&str, &str)]) -> String {
    let mut query = String::new();
    for (name, value) in members {
        form_encode(&mut query, name, value);
    }
    let join = match url.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    format!("{url}{join}{query}")
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_decoded() {
        let query = Query::of_url("http://a/b?code=x%2Fy+z&&state=%C3%A9&flag#code=other");
        let query = query.expect("a query");
        assert_eq!(query.get("code"), Some("x/y z"));
        assert_eq!(query.get("state"), Some("é"));
        assert_eq!(query.get("flag"), Some(""));
        assert_eq!(query.get("else"), None);
        assert_eq!(Query::of_url("http://a/b"), Some(Query(Vec::new())));
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_not_read() {
        for bad in [
            "?a=1&a=2",
            "?a=1&%61=2",
            "?a=%",
            "?a=%4",
            "?a=%zz",
            "?a=%ff",
        ] {
            assert_eq!(Query::of_url(bad), None, "{bad}");
        }
        let many: String = (0..100).map(|number| format!("&a{number}=1")).collect();
        assert_eq!(Query::of_url(&format!("?{many}")), None);
    }

    #[test]
    fn a_query_grows_however_it_begins() {
        let more = [("a", "1 2"), ("b", "&")];
        assert_eq!(extend("http://a/b", &more), "http://a/b?a=1%202&b=%26");
        assert_eq!(
            extend("http://a/b?x=1", &more),
            "http://a/b?x=1&a=1%202&b=%26"
        );
        assert_eq!(extend("http://a/b?", &more), "http://a/b?a=1%202&b=%26");
    }
}
