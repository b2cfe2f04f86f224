//! `${VAR}` and its kin.

use std::collections::BTreeMap;

/// What stands behind the variables of a file of servers.
///
/// `${NAME}` and `${env:NAME}` are variables of the environment, `${NAME:-text}` has a default,
/// `${userHome}` is the home folder, and other names such as `${workspaceFolder}` are what
/// [`Variables::set`] says.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    set: BTreeMap<String, String>,
    from_process: bool,
}

impl Variables {
    /// None but those that are set.
    pub fn none() -> Self {
        Self::default()
    }

    /// Those of this process's environment.
    pub fn of_process() -> Self {
        Self {
            set: BTreeMap::new(),
            from_process: true,
        }
    }

    /// Sets one.
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.set.insert(name.into(), value.into());
        self
    }

    /// The text with every variable replaced, once: what a variable holds is not looked into.
    ///
    /// # Errors
    /// Which variable is not set.
    pub(super) fn expand(&self, text: &str) -> Result<String, String> {
        let mut expanded = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            expanded.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                expanded.push_str("${");
                rest = after;
                continue;
            };
            expanded.push_str(&self.value(name)?);
            rest = after;
        }
        expanded.push_str(rest);
        Ok(expanded)
    }

    fn value(&self, name: &str) -> Result<String, String> {
        let (name, default) = match name.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (name, None),
        };
        let name = name.strip_prefix("env:").unwrap_or(name);
        let found = match name {
            "userHome" => self.look_up(name).or_else(|| {
                let home = self.look_up("HOME");
                home.or_else(|| self.look_up("USERPROFILE"))
            }),
            "pathSeparator" | "/" => Some(std::path::MAIN_SEPARATOR.to_string()),
            name => self.look_up(name),
        };
        let found = found.or_else(|| default.map(Into::into));
        found.ok_or_else(|| format!("the variable `{name}` is not set"))
    }

    fn look_up(&self, name: &str) -> Option<String> {
        let set = self.set.get(name).cloned();
        set.or_else(|| {
            self.from_process
                .then(|| std::env::var(name).ok())
                .flatten()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Variables;

    #[test]
    fn every_spelling_of_a_variable_is_replaced_and_other_dollars_stay() {
        let variables = Variables::none().set("A", "1").set("HOME", "/home/ada");
        for (text, expanded) in [
            ("${A}-${env:A}", "1-1"),
            ("${B:-two}", "two"),
            ("${B:-}", ""),
            ("${env:B:-x}", "x"),
            ("${userHome}/x", "/home/ada/x"),
            ("$A ${A", "$A ${A"),
            ("${A}}", "1}"),
        ] {
            assert_eq!(variables.expand(text).as_deref(), Ok(expanded), "{text}");
        }
        let error = variables.expand("${input:token}").unwrap_err();
        assert_eq!(error, "the variable `input:token` is not set");
    }

    #[test]
    fn what_a_variable_holds_is_not_looked_into() {
        let variables = Variables::none().set("A", "${B}").set("B", "secret");
        assert_eq!(variables.expand("${A}").as_deref(), Ok("${B}"));
    }
}
