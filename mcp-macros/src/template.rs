//! The URI of a `#[resource]`: a small check of RFC 6570 syntax, and that the template's variables
//! and the function's parameters are the same.
//!
//! The engine that expands and matches templates lives in `toolwright-core`, and a macro crate
//! depends on no sibling; what is accepted here and refused there would fail at start-up, so the
//! rules are the same.

use proc_macro2::Span;

use crate::errors::Errors;
use crate::function::Function;

/// Checks the URI of a resource and its variables.
pub(crate) fn check(function: &Function, errors: &mut Errors) {
    let Some(uri) = &function.options.uri else {
        errors.at(
            Span::call_site(),
            "expected the URI first: `#[resource(\"config://app\")]` \
             or a template such as `#[resource(\"users://{id}\")]`",
        );
        return;
    };
    let text = uri.value();
    if !has_scheme(&text) {
        errors.on(
            uri,
            "a URI starts with a scheme: `config://app`, `file:///{+path}`",
        );
    }
    let variables = match variables(&text) {
        Ok(variables) => variables,
        Err(message) => {
            errors.on(uri, message);
            return;
        }
    };
    for param in &function.params {
        let known = param
            .name
            .as_ref()
            .is_none_or(|(name, _)| variables.contains(name));
        if param.is_surely_argument() && !known {
            errors.at(
                param.span,
                format!("the template has no such variable{}", list(&variables)),
            );
        }
    }
    for variable in &variables {
        let named = |param: &crate::param::Param| {
            param
                .name
                .as_ref()
                .is_some_and(|(name, _)| name == variable)
        };
        if !function.params.iter().any(named) {
            errors.on(
                uri,
                format!("no parameter is called `{variable}`, which the template names"),
            );
        }
    }
    if !variables.is_empty()
        && let Some(_size) = function.options.size
    {
        errors.on(uri, "only a fixed resource has a size");
    }
}

/// Whether this parameter's name is a variable of the function's template.
pub(crate) fn is_variable(function: &Function, name: &str) -> bool {
    let uri = function.options.uri.as_ref().map(syn::LitStr::value);
    uri.and_then(|uri| variables(&uri).ok())
        .is_some_and(|variables| variables.iter().any(|variable| variable == name))
}

fn list(variables: &[String]) -> String {
    if variables.is_empty() {
        return String::new();
    }
    format!("; it has {}", variables.join(", "))
}

fn has_scheme(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else {
        return false;
    };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// The variables of a template in order, or what is wrong with it.
fn variables(text: &str) -> Result<Vec<String>, String> {
    if text.len() > 2048 {
        return Err("a template is at most 2048 bytes long".to_owned());
    }
    if let Some(odd) = text.find(|c: char| c <= ' ' || "\"<>\\^`|\u{7f}".contains(c)) {
        let (before, _) = text.split_at(odd);
        return Err(format!(
            "no URI has the character after `{before}`: percent-encode it"
        ));
    }
    let mut names: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find(['{', '}']) {
        let (_, from) = rest.split_at(open);
        let Some(inner) = from.strip_prefix('{') else {
            return Err("a `}` closes nothing".to_owned());
        };
        let Some((expression, tail)) = inner.split_once('}') else {
            return Err("a `{` is not closed".to_owned());
        };
        let list = expression
            .strip_prefix(['+', '#', '.', '/', ';', '?', '&'])
            .unwrap_or(expression);
        for name in list.split(',') {
            if name.ends_with('*') || name.contains(':') {
                return Err(format!(
                    "`{{{expression}}}`: `*` and `:n` (level 4) are not supported"
                ));
            }
            if !is_name(name) {
                return Err(format!(
                    "`{{{expression}}}`: `{name}` is not a variable's name"
                ));
            }
            if names.iter().any(|other| other == name) {
                return Err(format!("`{name}` occurs twice"));
            }
            names.push(name.to_owned());
        }
        let mut next = tail.chars();
        if next.next() == Some('{') && !next.next().is_some_and(|c| "/?#.;&".contains(c)) {
            return Err(format!(
                "nothing separates `{{{expression}}}` from the next variable"
            ));
        }
        rest = tail;
    }
    if names.len() > 32 {
        return Err("a template has at most 32 variables".to_owned());
    }
    Ok(names)
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
}

#[cfg(test)]
mod tests {
    use super::variables;

    #[test]
    fn a_templates_variables_are_found_in_order() {
        let found = variables("a://{id}/{+path}{?q,r}").expect("well formed");
        assert_eq!(found, ["id", "path", "q", "r"]);
        assert_eq!(variables("a://b"), Ok(Vec::new()));
    }

    #[test]
    fn what_cannot_be_matched_is_refused() {
        for template in [
            "a://{",
            "a://}",
            "a://{}",
            "a://{a b}",
            "a://{a*}",
            "a://{a:3}",
            "a://{a}{b}",
            "a://{a}{+b}",
            "a://{a}/{a}",
            "a://b c",
        ] {
            assert!(variables(template).is_err(), "{template}");
        }
        let many: String = (0..33).map(|n| format!("/{{v{n}}}")).collect();
        assert!(variables(&many).is_err());
        assert!(variables(&"a".repeat(2049)).is_err());
    }
}
