//! Where users are sent to log in, and the answer that comes back (AUTH-C-08, AUTH-C-11).

use std::fmt;

use http::Uri;

use super::error::{AuthError, OAuthError};
use super::query::{Query, extend};
use crate::auth::metadata::AuthorizationServer;
use crate::http_client::is_this_machine;

/// The URL of a login page. It is one that may be opened in a browser: `https`, or `http` on this
/// machine, and without anything that a shell or a program could read as more than a URL (fault
/// 90).
#[derive(Clone, PartialEq, Eq)]
pub struct LoginPage {
    url: String,
    state: String,
    redirect_uri: String,
}

impl LoginPage {
    /// The page of an authorization server for a login with these members.
    ///
    /// # Errors
    /// [`AuthError::Page`].
    pub(super) fn new(
        endpoint: &str,
        redirect_uri: &str,
        state: String,
        members: &[(&str, &str)],
    ) -> Result<Self, AuthError> {
        let refused = |why| Err(AuthError::Page(why));
        let Ok(uri) = endpoint.parse::<Uri>() else {
            return refused("it is no URL");
        };
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if is_this_machine(&uri) => {}
            _ => return refused("it must begin with https://"),
        }
        if uri
            .authority()
            .is_none_or(|host| host.as_str().contains('@'))
        {
            return refused("it must name its host and nothing else there");
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?=&%+,@[]".contains(&byte);
        if !endpoint.bytes().all(plain) {
            return refused("it holds characters that mean something to shells");
        }
        let mut url = extend(endpoint, members);
        url = extend(&url, &[("redirect_uri", redirect_uri), ("state", &state)]);
        Ok(Self {
            url,
            state,
            redirect_uri: redirect_uri.to_owned(),
        })
    }

    /// The URL, to be opened or shown as it is, never through a shell. Whoever has it can watch
    /// this one login; it holds no secret that outlives it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where the user comes back to.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Whether `redirected`, a URL or its path and query, is an answer to this login and not to
    /// another one, or somebody's attempt (fault 92). What it says is looked at later.
    pub fn is_answered_by(&self, redirected: &str) -> bool {
        let query = Query::of_url(redirected);
        query.is_some_and(|query| query.get("state") == Some(&self.state))
    }

    /// Reads the answer: the code to get tokens with. Checked in this order: that it answers this
    /// login, who it is from, what it says.
    ///
    /// # Errors
    /// [`AuthError::Redirect`] when it is no such answer, [`AuthError::Denied`] when it is a
    /// refusal.
    pub(super) fn code(
        &self,
        redirected: &str,
        issuer: &AuthorizationServer,
    ) -> Result<String, AuthError> {
        let query = Query::of_url(redirected).ok_or(AuthError::Redirect("it cannot be read"))?;
        if query.get("state") != Some(&self.state) {
            return Err(AuthError::Redirect("its `state` is of another login"));
        }
        match query.get("iss") {
            Some(iss) if iss != issuer.issuer => {
                return Err(AuthError::Redirect("its `iss` is another issuer"));
            }
            None if issuer.authorization_response_iss_parameter_supported => {
                return Err(AuthError::Redirect("its `iss` is missing"));
            }
            _ => {}
        }
        if let Some(error) = query.get("error") {
            let description = query.get("error_description");
            return Err(AuthError::Denied(OAuthError::new(error, description)));
        }
        let code = query.get("code").filter(|code| !code.is_empty());
        code.map(str::to_owned)
            .ok_or(AuthError::Redirect("it has no `code`"))
    }
}

/// Without the query, which is about one person's login.
impl fmt::Debug for LoginPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("LoginPage")
            .field("endpoint", &endpoint)
            .field("redirect_uri", &self.redirect_uri)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> LoginPage {
        let endpoint = "https://as.example/authorize?tenant=1";
        LoginPage::new(
            endpoint,
            "http://127.0.0.1:7/cb",
            "s1".to_owned(),
            &[("scope", "a b")],
        )
        .expect("a page")
    }

    fn issuer(says_iss: bool) -> AuthorizationServer {
        AuthorizationServer {
            authorization_response_iss_parameter_supported: says_iss,
            ..AuthorizationServer::named("https://as.example".to_owned())
        }
    }

    #[test]
    fn what_the_endpoint_says_already_stays_in_the_url() {
        assert_eq!(
            page().url(),
            "https://as.example/authorize?tenant=1&scope=a%20b\
             &redirect_uri=http%3A%2F%2F127.0.0.1%3A7%2Fcb&state=s1"
        );
    }

    #[test]
    fn fault_90_what_could_run_something_is_no_login_page() {
        for bad in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:text/html,x",
            "ms-settings:x",
            "http://as.example/authorize",
            "https://as.example/$(id)",
            "https://as.example/`id`",
            "https://as.example/a;calc",
            "https://as.example/a|calc",
            "https://as.example/a'b",
            "https://as.example/a\"b",
            "https://as.example/a b",
            "https://as.example/a\nb",
            "https://as.example/%a^b",
            "https://user@as.example/",
            "-a https://as.example/",
            "/authorize",
            "",
        ] {
            let page = LoginPage::new(bad, "http://127.0.0.1:7/cb", String::new(), &[]);
            assert!(matches!(page, Err(AuthError::Page(_))), "{bad}");
        }
        let here = LoginPage::new("http://localhost:7/a", "x", String::new(), &[]);
        assert!(here.is_ok());
    }

    #[test]
    fn fault_91_an_answer_of_somebody_else_is_rejected_whatever_it_says() {
        let page = page();
        for (answer, says_iss, expected) in [
            ("?state=s1&code=c", false, Ok("c")),
            (
                "?state=s1&code=c&iss=https%3A%2F%2Fas.example",
                false,
                Ok("c"),
            ),
            (
                "?state=s1&code=c&iss=https%3A%2F%2Fas.example",
                true,
                Ok("c"),
            ),
            ("?state=s1&code=c", true, Err("missing")),
            (
                "?state=s1&code=c&iss=https%3A%2F%2Fas.example%2F",
                false,
                Err("another issuer"),
            ),
            (
                "?state=s1&code=c&iss=https%3A%2F%2FAS.example",
                true,
                Err("another issuer"),
            ),
            (
                "?state=s1&error=access_denied&iss=https%3A%2F%2Fevil",
                false,
                Err("another issuer"),
            ),
            ("?state=s1&error=access_denied", true, Err("missing")),
            (
                "?state=s1&error=access_denied",
                false,
                Err("refused: access_denied"),
            ),
            ("?state=s2&code=c", false, Err("another login")),
            ("?code=c", false, Err("another login")),
            ("?state=s1&state=s1&code=c", false, Err("cannot be read")),
            ("?state=s1", false, Err("no `code`")),
        ] {
            let read = page.code(&format!("http://127.0.0.1:7/cb{answer}"), &issuer(says_iss));
            match (read, expected) {
                (Ok(code), Ok(expected)) => assert_eq!(code, expected, "{answer}"),
                (Err(error), Err(expected)) => {
                    assert!(error.to_string().contains(expected), "{answer}: {error}");
                }
                (read, _) => panic!("{answer}: {read:?}"),
            }
        }
    }

    #[test]
    fn fault_95_debug_shows_nothing_of_the_login() {
        let shown = format!("{:?}", page());
        assert!(!shown.contains("s1") && !shown.contains("scope"), "{shown}");
    }
}
