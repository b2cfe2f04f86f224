//! Authorization of clients: logging in to servers over HTTP, or being let in without a user
//! (AUTH-C).
//!
//! An [`OAuth`] goes to [`ClientBuilder::authorize`](super::ClientBuilder::authorize). It does
//! nothing until the server refuses a request, and then finds out by itself what is needed. What is
//! secret is given to it as a [`Secret`](crate::auth::Secret).
//!
//! ```no_run
//! use toolwright::client::auth::{FileStore, Loopback, OAuth};
//! use toolwright::client::{Client, ClientConfig};
//!
//! # async fn connect() -> Result<(), Box<dyn std::error::Error>> {
//! let login = OAuth::login(Loopback::browser())
//!     .name("Example")
//!     .store(FileStore::new("/home/ann/.config/example/credentials"))
//!     .build();
//! let client = Client::builder(ClientConfig::new("example", "1.0.0"))
//!     .authorize(login)
//!     .connect("https://mcp.example.com/mcp")
//!     .await?;
//! # let _ = client;
//! # Ok(())
//! # }
//! ```

#[doc(inline)]
pub use mcp_core::engine::Scopes;
pub use mcp_transport::auth::FetchError;
#[cfg(feature = "keyring")]
pub use mcp_transport::auth::client::KeyringStore;
pub use mcp_transport::auth::client::{
    Asserting, AssertionFile, Assertions, AuthError, CredentialKey, CredentialStore, FileStore,
    Headless, IdentityProvider, Loading, Login, LoginPage, Loopback, MemoryStore, OAuth,
    OAuthBuilder, OAuthError, Readying, Registration, SigningKey, Storing, UserAgent, Visiting,
};
pub use mcp_transport::http_client::Reach;
