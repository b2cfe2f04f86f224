//! Why there are no credentials.

use crate::auth::FetchError;
use crate::http_client::BoxError;
use crate::random::NoRandomness;

/// Why a client could not be authorized. None of these texts holds a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// A document or token could not be had.
    #[error("{url}: {cause}")]
    Fetch {
        /// What was asked, without its query.
        url: String,
        /// What went wrong.
        cause: FetchError,
    },
    /// The server describes another resource than itself (AUTH-C-02, fault 93).
    #[error("the server {server} describes the resource {resource:?}, which is not it")]
    Resource {
        /// Where requests go.
        server: String,
        /// What is described.
        resource: String,
    },
    /// This authorization is for another server: each needs one of its own.
    #[error("this authorization is for {0} and for no other server")]
    OtherServer(String),
    /// The server names no authorization server.
    #[error("the server names no authorization server")]
    NoIssuer,
    /// No document of the authorization server was found that speaks for it (AUTH-C-03, fault 91).
    #[error("{issuer:?} has no metadata of its own: {why}")]
    Issuer {
        /// The authorization server.
        issuer: String,
        /// What was found instead.
        why: String,
    },
    /// The authorization server cannot do what is needed: PKCE with S256 above all (AUTH-C-06,
    /// fault 92).
    #[error("the authorization server {issuer} cannot be used: {why}")]
    Unsuitable {
        /// The authorization server.
        issuer: String,
        /// What it lacks.
        why: &'static str,
    },
    /// There is no way to become a client of this authorization server: it has to be told of this
    /// client by somebody (AUTH-C-04).
    #[error(
        "no client is registered with {0}, and it lets none register itself: register one there, \
         and configure its id"
    )]
    NoClient(String),
    /// The authorization server did not take this client.
    #[error("{issuer} refused to register this client: {answer}")]
    Registration {
        /// The authorization server.
        issuer: String,
        /// What it said.
        answer: OAuthError,
    },
    /// The redirect after a login is not the answer to it (AUTH-C-08, faults 91 and 92).
    #[error("the answer to the login was rejected: {0}")]
    Redirect(&'static str),
    /// The authorization server, or the user, said no.
    #[error("the login was refused: {0}")]
    Denied(OAuthError),
    /// The token endpoint refused.
    #[error("{issuer} gave no token: {answer}")]
    Token {
        /// The authorization server.
        issuer: String,
        /// What it said.
        answer: OAuthError,
    },
    /// The token endpoint gave something that is no usable token.
    #[error("{issuer} gave no usable token: {why}")]
    Unusable {
        /// The authorization server.
        issuer: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Too many scopes to ask for, in bytes.
    #[error("the server asks for more than {0} bytes of scopes")]
    Scopes(usize),
    /// The place where users are sent is none to send them to (AUTH-C-11, fault 90).
    #[error("the address of the login page is refused: {0}")]
    Page(&'static str),
    /// The user could not be asked, or what the user was asked with failed.
    #[error("the user could not log in: {0}")]
    User(BoxError),
    /// The user did not log in in time.
    #[error("nobody logged in within {0:?} (limit `login_timeout`)")]
    Late(std::time::Duration),
    /// What stands for this client or its user elsewhere could not be had.
    #[error("no assertion: {0}")]
    Assertion(BoxError),
    /// A key cannot be used.
    #[error("the key cannot be used: {0}")]
    Key(&'static str),
    /// The operating system has no random bytes to give, and what others can guess is no secret.
    #[error("{NoRandomness}")]
    Random,
}

impl From<NoRandomness> for AuthError {
    fn from(_: NoRandomness) -> Self {
        Self::Random
    }
}

/// The error answer of an authorization server (RFC 6749 §5.2), cut short and without control
/// characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OAuthError {
    /// The error code, such as `invalid_grant`.
    pub code: String,
    /// What it said of it, if anything.
    pub description: Option<String>,
}

/// Characters of a text of somebody else's that are shown.
const SHOWN: usize = 300;

impl OAuthError {
    /// An error with this code.
    pub(super) fn new(code: &str, description: Option<&str>) -> Self {
        let clean = |text: &str| {
            let text = text.chars().filter(|c| !c.is_control());
            text.take(SHOWN).collect::<String>()
        };
        Self {
            code: clean(code),
            description: description.map(clean),
        }
    }

    /// The error in the answer of an endpoint, or its status where it says none.
    pub(super) fn read(status: http::StatusCode, body: &[u8]) -> Self {
        #[derive(serde::Deserialize)]
        struct Said {
            error: String,
            error_description: Option<String>,
        }
        match serde_json::from_slice::<Said>(body) {
            Ok(said) => Self::new(&said.error, said.error_description.as_deref()),
            Err(_) => Self::new(&format!("status {status}"), None),
        }
    }
}

impl std::fmt::Display for OAuthError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.code)?;
        match &self.description {
            Some(description) => write!(f, " ({description})"),
            None => Ok(()),
        }
    }
}
