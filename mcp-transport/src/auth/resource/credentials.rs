//! The credentials in the head of a request (RFC 6750 §2.1, RFC 9449 §7.1).

use http::header::AUTHORIZATION;
use http::request::Parts;

/// How a token was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presented {
    /// Whoever has it may use it.
    Bearer,
    /// With a proof that its bearer has the key it is bound to.
    Dpop,
}

/// Why there are no credentials to look at, although somebody meant to present some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misplaced {
    /// In the URL, where logs and histories keep it (AUTH-C-01, fault 94).
    InQuery,
    /// Twice, without a token, or with what is none.
    Malformed,
    /// Longer than `Limits::credentials`.
    TooLong,
}

/// The token that a request presents, of at most `longest` bytes; `None` when it presents none.
pub(super) fn read(head: &Parts, longest: usize) -> Result<Option<(Presented, &str)>, Misplaced> {
    let query = head.uri.query().unwrap_or_default();
    if query
        .split('&')
        .any(|pair| pair.split('=').next() == Some("access_token"))
    {
        return Err(Misplaced::InQuery);
    }
    let mut values = head.headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let value = value.to_str().map_err(|_| Misplaced::Malformed)?;
    if values.next().is_some() {
        return Err(Misplaced::Malformed);
    }
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    let presented = if scheme.eq_ignore_ascii_case("Bearer") {
        Presented::Bearer
    } else if scheme.eq_ignore_ascii_case("DPoP") {
        Presented::Dpop
    } else {
        return Ok(None);
    };
    let token = token.trim_matches(' ');
    if token.len() > longest {
        return Err(Misplaced::TooLong);
    }
    match token.is_empty() {
        true => Err(Misplaced::Malformed),
        false => Ok(Some((presented, token))),
    }
}

/// Whether a text can be a token at all (RFC 6750 §2.1). Asked of those that nobody knows: one that
/// is known was looked at before.
pub(super) fn can_be_token(text: &str) -> bool {
    let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    text.bytes().all(may_stand)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn head(uri: &str, values: &[&str]) -> Parts {
        let mut request = Request::builder().uri(uri);
        for value in values {
            request = request.header("authorization", *value);
        }
        request.body(()).expect("a request").into_parts().0
    }

    #[test]
    fn a_token_is_taken_from_the_header_alone() {
        for (uri, values, expected) in [
            ("/mcp", &[][..], Ok(None)),
            ("/mcp", &["Basic YTpi"], Ok(None)),
            (
                "/mcp",
                &["Bearer abc"],
                Ok(Some((Presented::Bearer, "abc"))),
            ),
            (
                "/mcp",
                &["bEARER   abc.d-e_f~+/= "],
                Ok(Some((Presented::Bearer, "abc.d-e_f~+/="))),
            ),
            ("/mcp", &["DPoP abc"], Ok(Some((Presented::Dpop, "abc")))),
            ("/mcp", &["Bearer"], Err(Misplaced::Malformed)),
            ("/mcp", &["Bearer a", "Bearer b"], Err(Misplaced::Malformed)),
            (
                "/mcp",
                &["Bearer 0123456789abcdef0"],
                Err(Misplaced::TooLong),
            ),
            ("/mcp?access_token=a", &[], Err(Misplaced::InQuery)),
            (
                "/mcp?x=1&access_token=a",
                &["Bearer b"],
                Err(Misplaced::InQuery),
            ),
            ("/mcp?no_access_token=a", &[], Ok(None)),
        ] {
            assert_eq!(read(&head(uri, values), 16), expected, "{uri} {values:?}");
        }
    }

    #[test]
    fn a_token_is_of_few_characters() {
        assert!(can_be_token("aZ09-._~+/="));
        for text in ["a b", "\"a\"", "a,b", "\u{e9}"] {
            assert!(!can_be_token(text), "{text}");
        }
    }
}
