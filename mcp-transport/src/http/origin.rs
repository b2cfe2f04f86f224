//! Who may talk to this server: the `Host` a request names and the `Origin` it comes from.
//!
//! A page in a browser can reach a server on the same machine, and by rebinding a name of its
//! own it can look like the same origin. Both lists are therefore always on (HTTP-M-02).

use std::borrow::Cow;
use std::net::Ipv6Addr;

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};

use super::fields::Fields;
use super::headers::Field;

/// The hosts a request may name.
///
/// ```
/// use http::{HeaderMap, HeaderValue, Uri};
/// use mcp_transport::http::origin::AllowedHosts;
///
/// let hosts = AllowedHosts::new(["mcp.example.com"])?;
/// let mut headers = HeaderMap::new();
/// headers.insert("host", HeaderValue::from_static("mcp.example.com:8443"));
/// assert!(hosts.check(&headers, &Uri::from_static("/mcp")).is_ok());
/// # Ok::<(), mcp_transport::http::origin::InvalidEntry>(())
/// ```
#[derive(Debug, Clone)]
pub struct AllowedHosts(Vec<Authority<'static>>);

impl AllowedHosts {
    /// `localhost`, `127.0.0.1` and `[::1]`, at any port.
    #[must_use]
    pub fn loopback() -> Self {
        Self(loopback_names())
    }

    /// Exactly these: `host` at any port, or `host:port`. IPv6 addresses stand in brackets;
    /// there are no wildcards.
    ///
    /// # Errors
    ///
    /// [`InvalidEntry`] names the first entry that is not a host.
    pub fn new<I>(hosts: I) -> Result<Self, InvalidEntry>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let entry = |host: I::Item| {
            let host = host.as_ref();
            let parsed = Authority::parse(host.as_bytes());
            parsed
                .map(Authority::into_owned)
                .ok_or_else(|| InvalidEntry(host.to_owned()))
        };
        hosts
            .into_iter()
            .map(entry)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Checks the host of a request, said by its `Host` header, its target (`:authority` in
    /// HTTP/2), or both alike.
    ///
    /// # Errors
    ///
    /// [`Refusal::Malformed`] when no host is named, or two, or something that is none;
    /// [`Refusal::Forbidden`] when it is not in the list.
    pub fn check(&self, headers: &HeaderMap, target: &Uri) -> Result<(), Refusal> {
        self.check_field(Field::of(headers, HOST), target)
    }

    /// The same, of a `Host` header that was looked up already.
    pub(super) fn check_field(&self, host: Field<'_>, target: &Uri) -> Result<(), Refusal> {
        const NOT_A_HOST: Refusal = Refusal::Malformed("Host is not a host and an optional port");
        let in_header = match host {
            Field::Absent => None,
            Field::Once(value) => Some(Authority::parse(value.as_bytes()).ok_or(NOT_A_HOST)?),
            Field::Repeated(_) => {
                return Err(Refusal::Malformed("Host was sent more than once"));
            }
        };
        let in_target = match target.authority() {
            None => None,
            Some(value) => Some(Authority::parse(value.as_str().as_bytes()).ok_or(NOT_A_HOST)?),
        };
        let host = match (in_header, in_target) {
            (None, None) => return Err(Refusal::Malformed("Host is missing")),
            (Some(header), Some(target)) if header != target => {
                return Err(Refusal::Malformed("Host contradicts the request target"));
            }
            (Some(host), _) | (None, Some(host)) => host,
        };
        if self.0.iter().any(|allowed| allowed.admits(&host)) {
            Ok(())
        } else {
            Err(Refusal::Forbidden("Host is not one this server allows"))
        }
    }
}

/// Loopback.
impl Default for AllowedHosts {
    fn default() -> Self {
        Self::loopback()
    }
}

/// The origins a page may have that sends requests here.
#[derive(Debug, Clone)]
pub struct AllowedOrigins(Origins);

#[derive(Debug, Clone)]
enum Origins {
    /// Either scheme, these hosts, any port.
    Loopback(Vec<Authority<'static>>),
    Exactly(Vec<Origin<'static>>),
}

impl AllowedOrigins {
    /// Pages of this machine: `http` or `https`, `localhost`, `127.0.0.1` or `[::1]`, any port.
    #[must_use]
    pub fn loopback() -> Self {
        Self(Origins::Loopback(loopback_names()))
    }

    /// Exactly these: `http://host` or `https://host`, with `:port` unless it is the scheme's
    /// own. There are no wildcards. None at all keeps every page out.
    ///
    /// # Errors
    ///
    /// [`InvalidEntry`] names the first entry that is not an origin.
    pub fn new<I>(origins: I) -> Result<Self, InvalidEntry>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let entry = |origin: I::Item| {
            let origin = origin.as_ref();
            let parsed = Origin::parse(origin.as_bytes());
            parsed
                .map(Origin::into_owned)
                .ok_or_else(|| InvalidEntry(origin.to_owned()))
        };
        let origins = origins.into_iter().map(entry).collect::<Result<_, _>>()?;
        Ok(Self(Origins::Exactly(origins)))
    }

    /// Checks where a request comes from. Without an `Origin` it comes from no page, unless the
    /// browser says otherwise in `Sec-Fetch-Site`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`] for an origin that is not in the list, `null`, malformed or
    /// doubled, and for a cross-site request without one (HTTP-M-02).
    pub fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let mut values = headers.get_all(ORIGIN).iter();
        match (values.next(), values.next()) {
            (Some(origin), None) if self.admits(origin) => Ok(()),
            (Some(_), _) => Err(Refusal::Forbidden("Origin is not one this server allows")),
            (None, _) if is_cross_site(headers) => Err(Refusal::Forbidden(
                "a cross-site request has to name its Origin",
            )),
            (None, _) => Ok(()),
        }
    }

    /// The same as [`AllowedOrigins::check`], of headers that were looked through already.
    pub(super) fn check_among(&self, fields: &Fields<'_>) -> Result<(), Refusal> {
        match (fields.origin, fields.fetch_site) {
            (Field::Absent, Field::Absent) => Ok(()),
            _ => self.check(fields.all),
        }
    }

    fn admits(&self, origin: &HeaderValue) -> bool {
        let Some(origin) = Origin::parse(origin.as_bytes()) else {
            return false;
        };
        match &self.0 {
            Origins::Loopback(names) => names.iter().any(|name| name.admits(&origin.authority)),
            Origins::Exactly(origins) => origins.contains(&origin),
        }
    }
}

/// Loopback.
impl Default for AllowedOrigins {
    fn default() -> Self {
        Self::loopback()
    }
}

/// Why a request is turned away before anything else of it is looked at. The texts repeat
/// nothing of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request is not what HTTP demands: 400.
    #[error("{0}")]
    Malformed(&'static str),
    /// The request is not for this server, or from where none may come: 403.
    #[error("{0}")]
    Forbidden(&'static str),
}

impl Refusal {
    /// The status to answer with.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
        }
    }
}

/// An entry of an allow-list that is not a host, or not an origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a host[:port], or not an origin such as https://example.com")]
pub struct InvalidEntry(String);

fn is_cross_site(headers: &HeaderMap) -> bool {
    static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    let mut values = headers.get_all(&SEC_FETCH_SITE).iter();
    values.any(|value| value.as_bytes().eq_ignore_ascii_case(b"cross-site"))
}

fn loopback_names() -> Vec<Authority<'static>> {
    let name = |name| Authority {
        host: Name::Text(Cow::Borrowed(name)),
        port: None,
    };
    let v6 = Authority {
        host: Name::V6(Ipv6Addr::LOCALHOST),
        port: None,
    };
    vec![name("localhost"), name("127.0.0.1"), v6]
}

/// A host and, if it was written, a port.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Authority<'a> {
    host: Name<'a>,
    port: Option<u16>,
}

/// A name or IPv4 address as it is written (an odd spelling of an address is just a name that is
/// in no list), or an IPv6 address, whose spellings are many.
#[derive(Debug, Clone)]
enum Name<'a> {
    Text(Cow<'a, str>),
    V6(Ipv6Addr),
}

impl PartialEq for Name<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(one), Self::Text(other)) => one.eq_ignore_ascii_case(other),
            (Self::V6(one), Self::V6(other)) => one == other,
            _ => false,
        }
    }
}

impl Eq for Name<'_> {}

impl<'a> Authority<'a> {
    /// Longest name DNS allows.
    const MAX_NAME: usize = 253;

    /// Strict: no userinfo, no percent-encoding, no empty port, nothing after it.
    fn parse(raw: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(raw).ok()?;
        if let Some(bracketed) = text.strip_prefix('[') {
            let (address, rest) = bracketed.split_once(']')?;
            let host = Name::V6(address.parse().ok()?);
            return Some(Self {
                host,
                port: parse_port(rest)?,
            });
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        let end = text.bytes().position(|byte| !allowed(byte));
        let (name, rest) = text.split_at_checked(end.unwrap_or(text.len()))?;
        if name.is_empty() || name.len() > Self::MAX_NAME {
            return None;
        }
        let host = Name::Text(Cow::Borrowed(name));
        Some(Self {
            host,
            port: parse_port(rest)?,
        })
    }

    fn into_owned(self) -> Authority<'static> {
        let host = match self.host {
            Name::Text(name) => Name::Text(Cow::Owned(name.into_owned())),
            Name::V6(address) => Name::V6(address),
        };
        Authority {
            host,
            port: self.port,
        }
    }

    /// Whether this entry of a list covers a request's host: an entry without a port covers all.
    fn admits(&self, host: &Authority<'_>) -> bool {
        self.host == host.host && (self.port.is_none() || self.port == host.port)
    }
}

/// Nothing, or a colon and a port.
fn parse_port(rest: &str) -> Option<Option<u16>> {
    if rest.is_empty() {
        return Some(None);
    }
    let digits = rest.strip_prefix(':')?;
    // `parse` would take a sign.
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    (all_digits && digits.len() <= 5).then(|| digits.parse().ok().map(Some))?
}

/// A scheme, a host and a port that is always known.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin<'a> {
    tls: bool,
    authority: Authority<'a>,
}

impl<'a> Origin<'a> {
    fn parse(raw: &'a [u8]) -> Option<Self> {
        let scheme_end = memchr::memmem::find(raw, b"://")?;
        let (scheme, rest) = raw.split_at_checked(scheme_end)?;
        let (tls, port) = match scheme {
            scheme if scheme.eq_ignore_ascii_case(b"https") => (true, 443),
            scheme if scheme.eq_ignore_ascii_case(b"http") => (false, 80),
            _ => return None,
        };
        let mut authority = Authority::parse(rest.strip_prefix(b"://")?)?;
        authority.port.get_or_insert(port);
        Some(Self { tls, authority })
    }

    fn into_owned(self) -> Origin<'static> {
        Origin {
            tls: self.tls,
            authority: self.authority.into_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
