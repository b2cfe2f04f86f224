//! Where an answer over HTTP ends.

use memchr::memmem;

use crate::Outcome;

/// How far an answer has been read, whatever comes in between.
#[derive(Debug, Default)]
pub struct Frame {
    head: Option<Head>,
    /// Where the next chunk's length stands.
    chunk: usize,
}

/// What the head of an answer says.
#[derive(Debug, Clone)]
pub struct Head {
    pub status: u16,
    /// Where the body starts.
    pub end: usize,
    /// The length of the body; one that comes in chunks has none.
    length: Option<usize>,
}

impl Frame {
    /// Whether the answer at the start of `bytes` is whole.
    pub fn is_whole(&mut self, bytes: &[u8]) -> Outcome<bool> {
        let Some(head) = self.head(bytes)? else {
            return Ok(false);
        };
        if let Some(length) = head.length {
            return Ok(bytes.len() >= head.end + length);
        }
        self.chunk = self.chunk.max(head.end);
        while let Some(line) = memmem::find(bytes.get(self.chunk..).unwrap_or(&[]), b"\r\n") {
            let size = chunk_size(&bytes[self.chunk..self.chunk + line])?;
            let next = self.chunk + line + 2 + size + 2;
            if size == 0 {
                return Ok(bytes.len() >= next);
            }
            self.chunk = next;
        }
        Ok(false)
    }

    /// The head, once all of it is there.
    pub fn head(&mut self, bytes: &[u8]) -> Outcome<Option<Head>> {
        if self.head.is_none() {
            self.head = match memmem::find(bytes, b"\r\n\r\n") {
                Some(end) => Some(Head::read(&bytes[..end + 4])?),
                None => None,
            };
        }
        Ok(self.head.clone())
    }

    /// The body of a whole answer, its chunks joined.
    pub fn body(&self, bytes: &[u8]) -> Outcome<Vec<u8>> {
        let head = self.head.as_ref().ok_or("there is no answer yet")?;
        if let Some(length) = head.length {
            return Ok(bytes[head.end..head.end + length].to_vec());
        }
        let mut body = Vec::new();
        let mut at = head.end;
        while let Some(line) = memmem::find(bytes.get(at..).unwrap_or(&[]), b"\r\n") {
            let size = chunk_size(&bytes[at..at + line])?;
            let start = at + line + 2;
            body.extend_from_slice(bytes.get(start..start + size).unwrap_or(&[]));
            at = start + size + 2;
        }
        Ok(body)
    }
}

impl Head {
    fn read(bytes: &[u8]) -> Outcome<Self> {
        let text = String::from_utf8_lossy(bytes);
        let status = text.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| format!("this is no answer: {text}"))?;
        let length = header(bytes, "content-length").and_then(|value| value.parse().ok());
        let chunked = header(bytes, "transfer-encoding").is_some();
        Ok(Self {
            status,
            end: bytes.len(),
            // An answer such as 202 or 204 may say nothing of a body.
            length: if chunked {
                None
            } else {
                Some(length.unwrap_or(0))
            },
        })
    }
}

/// The value of a header in what starts with a head.
pub fn header(bytes: &[u8], name: &str) -> Option<String> {
    let end = memmem::find(bytes, b"\r\n\r\n")?;
    let text = String::from_utf8_lossy(&bytes[..end]).into_owned();
    text.lines().find_map(|line| {
        let (other, value) = line.split_once(':')?;
        other
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    })
}

fn chunk_size(line: &[u8]) -> Outcome<usize> {
    let text = String::from_utf8_lossy(line);
    let digits = text.split(';').next().unwrap_or_default().trim();
    usize::from_str_radix(digits, 16).map_err(|_| format!("{text:?} is no length of a chunk"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_in_chunks_is_whole_with_its_last_chunk() {
        let whole = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n";
        let mut frame = Frame::default();
        for end in 0..whole.len() {
            assert_eq!(frame.is_whole(&whole[..end]), Ok(false), "{end}");
        }
        assert_eq!(frame.is_whole(whole), Ok(true));
        assert_eq!(frame.body(whole).as_deref(), Ok(&b"abcde"[..]));
    }

    #[test]
    fn an_answer_of_a_length_is_whole_with_its_last_byte() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
        let mut frame = Frame::default();
        assert_eq!(frame.is_whole(&whole[..whole.len() - 1]), Ok(false));
        assert_eq!(frame.is_whole(whole), Ok(true));
        assert_eq!(frame.body(whole).as_deref(), Ok(&b"abc"[..]));
        assert_eq!(header(whole, "content-length").as_deref(), Some("3"));
    }

    #[test]
    fn an_answer_that_says_nothing_of_a_body_has_none() {
        let mut frame = Frame::default();
        assert_eq!(frame.is_whole(b"HTTP/1.1 202 Accepted\r\n\r\n"), Ok(true));
    }
}
