//! A login without anybody: for tests, and for authorization servers that know who asks.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http::header::LOCATION;

use super::page::LoginPage;
use super::user::{Login, Readying, UserAgent, Visiting};
use crate::http_client::{BoxError, HttpClient};

/// Asks for the login page itself, and takes the redirect that answers it. Works with
/// authorization servers that ask the user nothing, and with no other.
#[derive(Clone)]
pub struct Headless {
    client: Arc<dyn HttpClient>,
    redirect_uri: String,
}

impl Headless {
    /// A login over `client`, which pretends that it would come back to `redirect_uri`, where
    /// nobody has to listen.
    pub fn new(client: impl HttpClient, redirect_uri: impl Into<String>) -> Self {
        Self {
            client: Arc::new(client),
            redirect_uri: redirect_uri.into(),
        }
    }
}

impl fmt::Debug for Headless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Headless")
            .field("redirect_uri", &self.redirect_uri)
            .finish_non_exhaustive()
    }
}

impl UserAgent for Headless {
    fn ready(&self) -> Readying<'_> {
        let login: Box<dyn Login> = Box::new(self.clone());
        Box::pin(async { Ok(login) })
    }
}

impl Login for Headless {
    fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    fn visit(self: Box<Self>, page: LoginPage) -> Visiting {
        Box::pin(async move {
            let request = Request::get(page.url()).body(Bytes::new())?;
            let answer = self.client.exchange(request).await?;
            let location = answer.headers().get(LOCATION);
            let location = location.and_then(|to| to.to_str().ok());
            let redirected = location.filter(|to| to.starts_with(&self.redirect_uri));
            redirected.map(str::to_owned).ok_or_else(|| -> BoxError {
                let status = answer.status();
                format!("the login page wants somebody to see it ({status})").into()
            })
        })
    }
}
