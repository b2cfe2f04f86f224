//! One pass over a JSON text.

use std::borrow::Cow;

use super::JsonText;
use super::nesting::{Bracket, Nesting};
use super::special::first_special;

/// Walks a JSON text (RFC 8259) from value to value. It accepts what `serde_json` accepts as
/// [`RawValue`](serde_json::value::RawValue); where the text is no JSON, every step says `None`.
///
/// ```
/// use mcp_core::json::Scanner;
///
/// let mut scanner = Scanner::new(r#"{"a": [1, {}], "b": "x"}"#);
/// let mut found = Vec::new();
/// scanner.members(|name, scanner| {
///     found.push((name.to_owned(), scanner.value()?.get()));
///     Some(())
/// });
/// assert_eq!(found, [("a".into(), "[1, {}]"), ("b".into(), "\"x\"")]);
/// assert!(scanner.end().is_some());
/// ```
#[derive(Debug)]
pub struct Scanner<'m> {
    text: &'m str,
    at: usize,
}

impl<'m> Scanner<'m> {
    /// A scanner at the start of `text`.
    pub fn new(text: &'m str) -> Self {
        Self { text, at: 0 }
    }

    /// The value that begins here.
    #[inline]
    pub fn value(&mut self) -> Option<JsonText<'m>> {
        let first = self.peek()?;
        let start = self.at;
        self.skip_value(first)?;
        self.since(start)
    }

    /// The string that begins here, borrowed when it has no escapes.
    #[inline]
    pub fn string(&mut self) -> Option<Cow<'m, str>> {
        self.peek()?;
        let start = self.at;
        match self.skip_string()? {
            Spelling::Plain => self.text.get(start + 1..self.at - 1).map(Cow::Borrowed),
            Spelling::Escaped => {
                let json = self.text.get(start..self.at)?;
                serde_json::from_str(json).ok().map(Cow::Owned)
            }
        }
    }

    /// The members of the object that begins here: hands each name to `member`, which takes the
    /// value from the scanner, or says `None` to stop.
    #[inline]
    pub fn members(&mut self, mut member: impl FnMut(&str, &mut Self) -> Option<()>) -> Option<()> {
        self.expect(b'{')?;
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(());
        }
        loop {
            let name = self.string()?;
            self.expect(b':')?;
            member(&name, self)?;
            match self.next()? {
                b',' => {}
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    /// What the object that begins here is as a whole: `members`, and its text.
    #[inline]
    pub fn object(
        &mut self,
        member: impl FnMut(&str, &mut Self) -> Option<()>,
    ) -> Option<JsonText<'m>> {
        self.peek()?;
        let start = self.at;
        self.members(member)?;
        self.since(start)
    }

    /// Nothing but white space is left.
    pub fn end(&mut self) -> Option<()> {
        self.peek().is_none().then_some(())
    }

    /// The next byte that is no white space.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = self.byte()?;
            if !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    fn since(&self, start: usize) -> Option<JsonText<'m>> {
        self.text.get(start..self.at).map(JsonText::found)
    }

    fn skip_value(&mut self, first: u8) -> Option<()> {
        match first {
            b'"' => self.skip_string().map(drop),
            b'{' | b'[' => self.skip_nested(),
            b't' => self.skip_word("true"),
            b'f' => self.skip_word("false"),
            b'n' => self.skip_word("null"),
            _ => self.skip_number(),
        }
    }

    fn skip_name(&mut self) -> Option<()> {
        self.peek()?;
        self.skip_string()?;
        self.expect(b':')
    }

    /// Skips an object or an array, without recursion.
    fn skip_nested(&mut self) -> Option<()> {
        let mut nesting = Nesting::default();
        loop {
            let first = self.peek()?;
            let (open, close) = match first {
                b'{' => (Bracket::Brace, b'}'),
                _ => (Bracket::Square, b']'),
            };
            if let b'{' | b'[' = first {
                self.at += 1;
                if self.peek()? != close {
                    nesting.open(open);
                    if open == Bracket::Brace {
                        self.skip_name()?;
                    }
                    continue;
                }
                self.at += 1;
            } else {
                self.skip_value(first)?;
            }
            match self.skip_ends(&mut nesting)? {
                Skipped::Comma => {}
                Skipped::Everything => return Some(()),
            }
        }
    }

    /// Skips what follows a value: brackets that close, and a comma with the name behind it.
    fn skip_ends(&mut self, nesting: &mut Nesting) -> Option<Skipped> {
        while let Some(innermost) = nesting.innermost() {
            match (self.next()?, innermost) {
                (b'}', Bracket::Brace) | (b']', Bracket::Square) => nesting.close(),
                (b',', Bracket::Square) => return Some(Skipped::Comma),
                (b',', Bracket::Brace) => {
                    self.skip_name()?;
                    return Some(Skipped::Comma);
                }
                _ => return None,
            }
        }
        Some(Skipped::Everything)
    }

    fn skip_word(&mut self, word: &str) -> Option<()> {
        let rest = self.text.as_bytes().get(self.at..)?;
        self.at += word.len();
        rest.starts_with(word.as_bytes()).then_some(())
    }

    fn skip_number(&mut self) -> Option<()> {
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        match self.byte()? {
            b'0' => self.at += 1,
            _ => self.skip_digits()?,
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.skip_digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.at += 1;
            }
            self.skip_digits()?;
        }
        Some(())
    }

    /// Skips digits, of which there has to be one.
    fn skip_digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    /// Skips a string, if what is here begins one.
    // Of the work on a small message this is the most: it has to be a part of what calls it.
    #[inline(always)]
    fn skip_string(&mut self) -> Option<Spelling> {
        if self.byte()? != b'"' {
            return None;
        }
        self.at += 1;
        match self.skip_plain()? {
            b'"' => Some(Spelling::Plain),
            special => self.skip_escaped(special),
        }
    }

    /// Skips the rest of a string from behind its first backslash.
    #[inline(never)]
    fn skip_escaped(&mut self, mut special: u8) -> Option<Spelling> {
        loop {
            match special {
                b'"' => return Some(Spelling::Escaped),
                b'\\' => self.skip_escape()?,
                // A control character, which may not stand in a string.
                _ => return None,
            }
            special = self.skip_plain()?;
        }
    }

    /// Skips to behind the next quote, backslash or control character, and says which it is.
    #[inline(always)]
    fn skip_plain(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let plain = first_special(rest)?;
        self.at += plain + 1;
        rest.get(plain).copied()
    }

    fn skip_escape(&mut self) -> Option<()> {
        let byte = self.byte()?;
        self.at += 1;
        match byte {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => {
                let digits = self.text.as_bytes().get(self.at..self.at + 4)?;
                self.at += digits.len();
                digits.iter().all(u8::is_ascii_hexdigit).then_some(())
            }
            _ => None,
        }
    }
}

/// How a string is written.
enum Spelling {
    /// Without escapes: what stands between the quotes is the string.
    Plain,
    Escaped,
}

/// What [`Scanner::skip_ends`] came to.
enum Skipped {
    /// A comma, so that another value follows.
    Comma,
    /// The end of the outermost bracket.
    Everything,
}

#[cfg(test)]
mod tests;
