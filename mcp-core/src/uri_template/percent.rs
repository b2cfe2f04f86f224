//! Percent-encoding (RFC 3986).

use std::borrow::Cow;

/// Percent-encodes; `reserved` keeps reserved characters and what is encoded already.
pub(super) fn encode(text: &str, reserved: bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let kept = c.is_ascii_alphanumeric()
            || "-._~".contains(c)
            || reserved
                && (":/?#[]@!$&'()*+,;=".contains(c) || c == '%' && is_triplet(rest.as_str()));
        if kept {
            encoded.push(c);
        } else {
            let mut buffer = [0; 4];
            for byte in c.encode_utf8(&mut buffer).bytes() {
                encoded.push('%');
                encoded.extend([byte >> 4, byte & 15].map(|digit| {
                    char::from_digit(digit.into(), 16)
                        .unwrap_or('0')
                        .to_ascii_uppercase()
                }));
            }
        }
    }
    encoded
}

fn is_triplet(after_percent: &str) -> bool {
    let mut digits = after_percent.chars();
    let mut hex = || digits.next().is_some_and(|c| c.is_ascii_hexdigit());
    hex() && hex()
}

/// Percent-decodes; `None` if that is not UTF-8 or a `%` stands alone.
pub(super) fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            let (high, low) = (digit()?, digit()?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}
