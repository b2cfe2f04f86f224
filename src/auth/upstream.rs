//! A tool's own credentials for the services behind it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use mcp_core::engine::Principal;
use mcp_transport::auth::Secret;

/// Credentials of the server's own for a service behind it: one for everybody, one for each
/// principal, or both.
///
/// The token that a caller presents is for this server alone and must not be passed on; no handler
/// ever sees it. What a tool shows to another service is its own, kept here, and given to the
/// server as a state.
///
/// ```
/// use toolwright::auth::{Secret, UpstreamSecrets};
/// use toolwright::prelude::*;
///
/// /// Lists the caller's orders at the warehouse.
/// #[tool(scopes = ["orders:read"])]
/// fn orders(caller: Principal, keys: State<UpstreamSecrets<String>>) -> Result<String, ToolError> {
///     let key = keys.of(&caller);
///     let key = key.ok_or(ToolError::new("link your warehouse account first"))?;
///     Ok(ask_the_warehouse(key.expose()))
/// }
/// # fn ask_the_warehouse(key: &str) -> String { key.len().to_string() }
///
/// let keys = UpstreamSecrets::new();
/// keys.set(Principal::verified("ann"), Secret::from("anns-key"));
/// let server = Server::new("shop", "1.0.0").state(keys).tool::<orders>();
/// # server.build().unwrap();
/// ```
pub struct UpstreamSecrets<T> {
    for_all: Option<Arc<Secret<T>>>,
    own: RwLock<HashMap<Principal, Arc<Secret<T>>>>,
}

impl<T> UpstreamSecrets<T> {
    /// None yet.
    pub fn new() -> Self {
        Self {
            for_all: None,
            own: RwLock::default(),
        }
    }

    /// One for everybody who has none of their own.
    pub fn shared(secret: Secret<T>) -> Self {
        Self {
            for_all: Some(Arc::new(secret)),
            own: RwLock::default(),
        }
    }

    /// Keeps the secret of a principal, in place of the one before.
    pub fn set(&self, principal: Principal, secret: Secret<T>) {
        let mut own = self.own.write().unwrap_or_else(PoisonError::into_inner);
        own.insert(principal, Arc::new(secret));
    }

    /// Forgets the secret of a principal, and says whether there was one.
    pub fn remove(&self, principal: &Principal) -> bool {
        let mut own = self.own.write().unwrap_or_else(PoisonError::into_inner);
        own.remove(principal).is_some()
    }

    /// What to use for this principal: their own, else the one for everybody.
    pub fn of(&self, principal: &Principal) -> Option<Arc<Secret<T>>> {
        let own = self.own.read().unwrap_or_else(PoisonError::into_inner);
        own.get(principal).or(self.for_all.as_ref()).cloned()
    }
}

impl<T> Default for UpstreamSecrets<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for UpstreamSecrets<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UpstreamSecrets")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_95_everybody_gets_their_own_secret_and_nothing_shows_it() {
        let secrets = UpstreamSecrets::shared(Secret::new("for all"));
        let (ann, bob) = (Principal::verified("ann"), Principal::verified("bob"));
        secrets.set(ann.clone(), Secret::new("anns"));
        let of = |principal: &Principal| secrets.of(principal).map(|secret| *secret.expose());
        assert_eq!(of(&ann), Some("anns"));
        assert_eq!(of(&bob), Some("for all"));
        // The same name at another issuer is somebody else.
        assert_eq!(
            of(&ann.clone().with_issuer("https://as.example")),
            Some("for all")
        );
        assert!(!format!("{secrets:?}").contains("ann"));
        assert!(secrets.remove(&ann) && !secrets.remove(&ann));
        assert_eq!(of(&ann), Some("for all"));
        assert!(UpstreamSecrets::<String>::new().of(&bob).is_none());
    }
}
