//! What was kept for one who asks is not shown to another (CCH-M-03).

use std::sync::{Arc, Mutex};

use http::request::Parts;
use mcp_transport::http_client::{Authorize, Authorized, Challenged, Judged, Verdict};

use super::cache::Cache;
use super::lock;

/// Forgets every result when a connection goes on with other credentials: those of somebody else,
/// or of the same with more scopes, for whom lists may say more.
pub(super) struct Forgetting {
    authorize: Arc<dyn Authorize>,
    cache: Arc<Mutex<Cache>>,
}

impl Forgetting {
    pub(super) fn new(authorize: Arc<dyn Authorize>, cache: &Arc<Mutex<Cache>>) -> Self {
        Self {
            authorize,
            cache: Arc::clone(cache),
        }
    }
}

impl Authorize for Forgetting {
    fn authorize<'a>(&'a self, request: &'a Parts) -> Authorized<'a> {
        self.authorize.authorize(request)
    }

    fn challenged<'a>(&'a self, challenge: Challenged<'a>) -> Judged<'a> {
        Box::pin(async move {
            let verdict = self.authorize.challenged(challenge).await?;
            if verdict == Verdict::Retry {
                lock(&self.cache).forget();
            }
            Ok(verdict)
        })
    }
}
