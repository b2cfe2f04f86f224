//! The client's side of authorization (AUTH-C).
//!
//! [`OAuth`] is what a connection is given as its [`Authorize`](crate::http_client::Authorize). On
//! the first refusal it reads the challenge, finds the resource and its authorization server
//! (`discovery`), becomes a client of it (`registration`), has the user log in (`page`, [`UserAgent`]),
//! gets tokens (`token`) and keeps them ([`CredentialStore`]). `work` is that in order, and
//! `granted` what differs between the grants.

mod builder;
mod challenge;
mod discovery;
mod dpop;
#[cfg(test)]
mod draws;
mod error;
mod file;
mod grant;
mod granted;
mod headless;
mod identity;
#[cfg(feature = "keyring")]
mod keyring;
mod loopback;
mod oauth;
mod page;
mod patient;
mod query;
mod random;
mod registration;
mod scopes;
mod sign;
mod store;
mod stored;
mod token;
mod user;
mod work;

pub use builder::OAuthBuilder;
pub use error::{AuthError, OAuthError};
pub use file::FileStore;
pub use grant::{Asserting, AssertionFile, Assertions, IdentityProvider};
pub use headless::Headless;
#[cfg(feature = "keyring")]
pub use keyring::KeyringStore;
pub use loopback::Loopback;
pub use oauth::OAuth;
pub use page::LoginPage;
pub use registration::Registration;
pub use sign::SigningKey;
pub use store::{CredentialKey, CredentialStore, Loading, MemoryStore, Storing};
pub use user::{Login, Readying, UserAgent, Visiting};
