//! The headers that decide over a request, found in one pass over all there are: each look-up by
//! name would hash that name once more.

use http::HeaderMap;

use super::headers::Field;

/// What the headers of a request hold of interest here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'h> {
    /// All of them, for what is seldom asked.
    pub(super) all: &'h HeaderMap,
    pub(super) host: Field<'h>,
    pub(super) origin: Field<'h>,
    pub(super) fetch_site: Field<'h>,
    pub(super) accept: Field<'h>,
    pub(super) content_type: Field<'h>,
    pub(super) content_encoding: Field<'h>,
    pub(super) content_length: Field<'h>,
    pub(super) transfer_encoding: Field<'h>,
    pub(super) version: Field<'h>,
    pub(super) method: Field<'h>,
    pub(super) name: Field<'h>,
    pub(super) session: Field<'h>,
}

impl<'h> Fields<'h> {
    /// Looks at every header once.
    pub(super) fn of(all: &'h HeaderMap) -> Self {
        let mut fields = Self {
            all,
            host: Field::Absent,
            origin: Field::Absent,
            fetch_site: Field::Absent,
            accept: Field::Absent,
            content_type: Field::Absent,
            content_encoding: Field::Absent,
            content_length: Field::Absent,
            transfer_encoding: Field::Absent,
            version: Field::Absent,
            method: Field::Absent,
            name: Field::Absent,
            session: Field::Absent,
        };
        for (name, value) in all {
            let field = match name.as_str() {
                "host" => &mut fields.host,
                "origin" => &mut fields.origin,
                "sec-fetch-site" => &mut fields.fetch_site,
                "accept" => &mut fields.accept,
                "content-type" => &mut fields.content_type,
                "content-encoding" => &mut fields.content_encoding,
                "content-length" => &mut fields.content_length,
                "transfer-encoding" => &mut fields.transfer_encoding,
                "mcp-protocol-version" => &mut fields.version,
                "mcp-method" => &mut fields.method,
                "mcp-name" => &mut fields.name,
                "mcp-session-id" => &mut fields.session,
                _ => continue,
            };
            field.note(value);
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn one_pass_finds_what_looking_up_finds() {
        let mut headers = HeaderMap::new();
        headers.append("user-agent", HeaderValue::from_static("test"));
        for value in ["first", "second", "third"] {
            let fields = Fields::of(&headers);
            let found = [
                ("host", fields.host),
                ("origin", fields.origin),
                ("sec-fetch-site", fields.fetch_site),
                ("accept", fields.accept),
                ("content-type", fields.content_type),
                ("content-encoding", fields.content_encoding),
                ("content-length", fields.content_length),
                ("transfer-encoding", fields.transfer_encoding),
                ("mcp-protocol-version", fields.version),
                ("mcp-method", fields.method),
                ("mcp-name", fields.name),
                ("mcp-session-id", fields.session),
            ];
            for (name, field) in found {
                assert_eq!(field, Field::of(&headers, name), "{name}");
            }
            for name in found.map(|(name, _)| name) {
                headers.append(name, HeaderValue::from_static(value));
            }
        }
    }
}
