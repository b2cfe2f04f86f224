//! Which scopes are asked for (AUTH-C-09).

use mcp_core::engine::Scopes;

use super::error::AuthError;

/// The scope that brings a refresh token.
pub(super) const OFFLINE: &str = "offline_access";

/// The longest list that is asked for, in bytes: it has to fit into a URL.
const LONGEST: usize = 4 * 1024;

/// What there is to choose from.
pub(super) struct Choice<'a> {
    /// What was asked for before, and stays asked for.
    pub(super) before: &'a Scopes,
    /// What the user of this library wants in any case.
    pub(super) wanted: &'a Scopes,
    /// What the challenge says. It alone counts where it says something.
    pub(super) challenged: Option<&'a Scopes>,
    /// All scopes of the resource.
    pub(super) of_resource: &'a Scopes,
    /// All scopes of the authorization server, if it says.
    pub(super) of_issuer: Option<&'a [String]>,
}

impl Choice<'_> {
    /// The scopes to ask for.
    ///
    /// # Errors
    /// [`AuthError::Scopes`] when they are too many: a server that asks for more and more.
    pub(super) fn made(&self) -> Result<Scopes, AuthError> {
        let mut scopes = self.before.clone();
        scopes.extend(self.wanted.iter());
        match self.challenged {
            Some(challenged) => scopes.extend(challenged.iter()),
            None if self.before.is_empty() => scopes.extend(self.of_resource.iter()),
            None => {}
        }
        let offered = self.of_issuer.unwrap_or_default();
        let lasting = offered.iter().any(|scope| scope == OFFLINE);
        let others = scopes.iter().filter(|scope| *scope != OFFLINE);
        let scopes: Scopes = others.chain(lasting.then_some(OFFLINE)).collect();
        if scopes.to_string().len() > LONGEST {
            return Err(AuthError::Scopes(LONGEST));
        }
        Ok(scopes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(
        before: &str,
        wanted: &str,
        challenged: Option<&str>,
        issuer: Option<&str>,
    ) -> String {
        let challenged = challenged.map(Scopes::parse);
        let issuer: Option<Vec<String>> =
            issuer.map(|list| list.split(' ').map(str::to_owned).collect());
        let choice = Choice {
            before: &Scopes::parse(before),
            wanted: &Scopes::parse(wanted),
            challenged: challenged.as_ref(),
            of_resource: &Scopes::parse("all of it"),
            of_issuer: issuer.as_deref(),
        };
        choice.made().expect("few").to_string()
    }

    #[test]
    fn the_challenge_counts_before_what_there_is() {
        assert_eq!(chosen("", "", Some("a"), None), "a");
        assert_eq!(chosen("", "", None, None), "all it of");
        assert_eq!(chosen("", "x", Some("a"), None), "a x");
    }

    #[test]
    fn a_step_up_asks_for_what_was_asked_for_before_too() {
        assert_eq!(chosen("a", "", Some("b"), None), "a b");
        assert_eq!(chosen("a", "", None, None), "a");
    }

    #[test]
    fn a_lasting_login_is_asked_for_where_it_is_offered_and_nowhere_else() {
        assert_eq!(
            chosen("", "", Some("a"), Some("a offline_access")),
            "a offline_access"
        );
        assert_eq!(chosen("", "offline_access", Some("a"), Some("a")), "a");
        assert_eq!(chosen("", "", Some("a offline_access"), None), "a");
    }

    #[test]
    fn fault_95_a_server_cannot_have_ever_more_asked_for() {
        let many: Scopes = (0..1000).map(|number| format!("scope:{number}")).collect();
        let choice = Choice {
            before: &Scopes::NONE,
            wanted: &Scopes::NONE,
            challenged: Some(&many),
            of_resource: &Scopes::NONE,
            of_issuer: None,
        };
        assert!(matches!(choice.made(), Err(AuthError::Scopes(_))));
    }
}
