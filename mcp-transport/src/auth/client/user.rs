//! The seam to the user, who logs in somewhere else and comes back with the answer.

use std::future::Future;
use std::pin::Pin;

use super::page::LoginPage;
use crate::http_client::BoxError;

/// Brings the user to a login page, and gets the answer that comes back.
///
/// [`Loopback`](super::Loopback) does it with a browser on this machine, and
/// [`Headless`](super::Headless) without anybody. A host with a window of its own implements this.
pub trait UserAgent: Send + Sync + 'static {
    /// Gets ready for one login, so that it is known where it will come back to.
    ///
    /// # Errors
    /// Why nobody can log in.
    fn ready(&self) -> Readying<'_>;
}

/// The future of [`UserAgent::ready`].
pub type Readying<'a> = Pin<Box<dyn Future<Output = Result<Box<dyn Login>, BoxError>> + Send + 'a>>;

/// One login that is about to begin. Dropped, it is given up.
pub trait Login: Send {
    /// Where the login page sends the user back to.
    fn redirect_uri(&self) -> &str;

    /// Brings the user to the page, and resolves with the URL that they were sent back to, or its
    /// path and query. [`LoginPage::is_answered_by`] tells the answer from other visitors.
    ///
    /// It may take as long as it needs, which is bounded by
    /// [`Limits::login_timeout`](mcp_core::Limits::login_timeout).
    ///
    /// # Errors
    /// Why there is no answer.
    fn visit(self: Box<Self>, page: LoginPage) -> Visiting;
}

/// The future of [`Login::visit`].
pub type Visiting = Pin<Box<dyn Future<Output = Result<String, BoxError>> + Send>>;
