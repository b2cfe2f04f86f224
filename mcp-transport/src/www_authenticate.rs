//! The header `WWW-Authenticate` (RFC 9110 §11.6.1): how credentials are to be presented.

use std::borrow::Cow;

use http::HeaderValue;

/// One way to present credentials: a scheme such as `Bearer`, and what it says.
///
/// ```
/// use mcp_transport::www_authenticate::Scheme;
///
/// let scheme = Scheme::new("Bearer").with("scope", "a b");
/// assert_eq!(scheme.to_header(), "Bearer scope=\"a b\"");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheme {
    name: Cow<'static, str>,
    params: Vec<(Cow<'static, str>, String)>,
}

impl Scheme {
    /// A scheme that says nothing yet.
    pub fn new(name: &'static str) -> Self {
        Self {
            name: name.into(),
            params: Vec::new(),
        }
    }

    /// The same scheme, saying this as well.
    #[must_use]
    pub fn with(mut self, param: &'static str, value: impl Into<String>) -> Self {
        self.params.push((param.into(), value.into()));
        self
    }

    /// The scheme's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it says of this, whose case does not matter.
    pub fn param(&self, name: &str) -> Option<&str> {
        let named = |(param, _): &&(Cow<'static, str>, String)| param.eq_ignore_ascii_case(name);
        self.params.iter().find(named).map(|(_, value)| &**value)
    }

    /// As the value of a header. What no header can hold is left out of the values, so that
    /// nothing in them can end the header or add to it.
    pub fn to_header(&self) -> HeaderValue {
        let mut text = self.name.to_string();
        for (at, (param, value)) in self.params.iter().enumerate() {
            text.push_str(if at == 0 { " " } else { ", " });
            text.push_str(param);
            text.push_str("=\"");
            for c in value.chars().filter(|c| matches!(c, ' '..='~')) {
                if matches!(c, '"' | '\\') {
                    text.push('\\');
                }
                text.push(c);
            }
            text.push('"');
        }
        HeaderValue::try_from(text).expect("only visible ASCII and spaces were written")
    }

    /// The schemes that one value of the header names, in order. What cannot be read ends the
    /// list: what came before it still counts.
    ///
    /// At most `bytes` of the value are looked at.
    pub fn parse(value: &[u8], bytes: usize) -> Vec<Self> {
        let value = value.get(..bytes).unwrap_or(value);
        let mut rest = Reader(value);
        let mut schemes: Vec<Self> = Vec::new();
        while let Some(word) = rest.word() {
            match (rest.value(), schemes.last_mut()) {
                // `word=value` belongs to the scheme before it.
                (Some(value), Some(scheme)) => scheme.params.push((word.into(), value)),
                (Some(_), None) => return schemes,
                (None, _) => schemes.push(Self {
                    name: word.into(),
                    params: Vec::new(),
                }),
            }
        }
        schemes
    }
}

/// What is left of a value.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn skip(&mut self, skipped: impl Fn(u8) -> bool) {
        let end = self.0.iter().position(|byte| !skipped(*byte));
        self.0 = &self.0[end.unwrap_or(self.0.len())..];
    }

    /// Takes the bytes in front for which `part` holds.
    fn take(&mut self, part: impl Fn(u8) -> bool) -> String {
        let before = self.0;
        self.skip(part);
        let taken = &before[..before.len() - self.0.len()];
        String::from_utf8_lossy(taken).into_owned()
    }

    /// The next token: the name of a scheme, or of what it says.
    fn word(&mut self) -> Option<String> {
        self.skip(|byte| matches!(byte, b' ' | b'\t' | b','));
        Some(self.take(is_token)).filter(|word| !word.is_empty())
    }

    /// The value after `=`, if that is what comes. Credentials in the form of one text without a
    /// name (`token68`) are no value: no scheme that is spoken here has them in a challenge.
    fn value(&mut self) -> Option<String> {
        let before = self.0;
        self.skip(|byte| matches!(byte, b' ' | b'\t'));
        let Some(rest) = self.0.strip_prefix(b"=") else {
            self.0 = before;
            return None;
        };
        self.0 = rest;
        self.skip(|byte| matches!(byte, b' ' | b'\t'));
        match self.0.strip_prefix(b"\"") {
            Some(rest) => {
                self.0 = rest;
                Some(self.quoted())
            }
            None => Some(self.take(|byte| byte != b',' && byte.is_ascii_graphic())),
        }
    }

    /// The rest of a quoted text.
    fn quoted(&mut self) -> String {
        let mut text = Vec::new();
        let mut escaped = false;
        while let Some((byte, rest)) = self.0.split_first() {
            self.0 = rest;
            match byte {
                b'\\' if !escaped => escaped = true,
                b'"' if !escaped => break,
                byte => {
                    text.push(*byte);
                    escaped = false;
                }
            }
        }
        String::from_utf8_lossy(&text).into_owned()
    }
}

/// A character of a token (RFC 9110 §5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests;
