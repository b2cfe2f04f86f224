//! The entries between an annotation's parentheses: `key`, `key = value`, `key(…)`, `"text"`.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, ExprLit, Ident, Lit, LitStr, Token, token};

use crate::errors::Errors;
use crate::nearest::nearest;

/// One entry of an annotation.
pub(crate) struct Entry {
    pub(crate) key: Ident,
    pub(crate) value: Value,
}

/// What follows an entry's key.
pub(crate) enum Value {
    /// Nothing: `read_only`.
    Flag,
    /// `key = expression`.
    Is(Box<Expr>),
    /// `key(…)`.
    List(TokenStream),
}

/// An annotation's entries: an optional leading string and the rest.
#[derive(Default)]
pub(crate) struct Entries {
    pub(crate) lead: Option<LitStr>,
    pub(crate) list: Vec<Entry>,
}

/// Reads all entries; a malformed one is reported and skipped.
pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Entries {
    let parsed = (|input: ParseStream<'_>| {
        let mut entries = Entries::default();
        while !input.is_empty() {
            if entries.lead.is_none() && entries.list.is_empty() && input.peek(LitStr) {
                entries.lead = Some(input.parse()?);
            } else {
                match parse_entry(input) {
                    Ok(entry) => entries.list.push(entry),
                    Err(error) => {
                        errors.push(error);
                        skip_to_comma(input)?;
                    }
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(entries)
    })
    .parse2(tokens);
    parsed.unwrap_or_else(|error| {
        errors.push(error);
        Entries::default()
    })
}

fn parse_entry(input: ParseStream<'_>) -> syn::Result<Entry> {
    let key = Ident::parse_any(input)
        .map_err(|error| syn::Error::new(error.span(), "expected a key such as `name = \"…\"`"))?;
    let value = if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        Value::Is(input.parse()?)
    } else if input.peek(token::Paren) {
        let content;
        syn::parenthesized!(content in input);
        Value::List(content.parse()?)
    } else {
        Value::Flag
    };
    Ok(Entry { key, value })
}

fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

impl Entry {
    /// The value as a string literal.
    pub(crate) fn text(&self, errors: &mut Errors) -> Option<LitStr> {
        match self.literal() {
            Some(Lit::Str(text)) => Some(text.clone()),
            _ => {
                let key = &self.key;
                errors.on(key, format!("expected a string: `{key} = \"…\"`"));
                None
            }
        }
    }

    /// The value as a list of string literals that is not empty.
    pub(crate) fn texts(&self, errors: &mut Errors) -> Option<Vec<LitStr>> {
        let key = &self.key;
        let expected = format!("expected a list of strings: `{key} = [\"…\"]`");
        let list = match &self.value {
            Value::Is(expr) => match &**expr {
                Expr::Array(list) if !list.elems.is_empty() => list,
                other => {
                    errors.on(other, expected);
                    return None;
                }
            },
            _ => {
                errors.on(key, expected);
                return None;
            }
        };
        let mut texts = Vec::new();
        for element in &list.elems {
            match element {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(text),
                    ..
                }) => texts.push(text.clone()),
                other => errors.on(other, "expected a string"),
            }
        }
        Some(texts)
    }

    /// The value as a switch: `key` alone is true, `key = false` is false.
    pub(crate) fn switch(&self, errors: &mut Errors) -> Option<bool> {
        match (&self.value, self.literal()) {
            (Value::Flag, _) => Some(true),
            (_, Some(Lit::Bool(value))) => Some(value.value),
            _ => {
                let key = &self.key;
                errors.on(key, format!("expected `{key}` alone, or `{key} = false`"));
                None
            }
        }
    }

    /// The value as a path, such as `handle = Name`.
    pub(crate) fn path(&self, errors: &mut Errors) -> Option<syn::Path> {
        if let Value::Is(expr) = &self.value
            && let Expr::Path(path) = &**expr
            && path.qself.is_none()
        {
            return Some(path.path.clone());
        }
        let key = &self.key;
        errors.on(key, format!("expected a path: `{key} = some::path`"));
        None
    }

    /// The value as a single name.
    pub(crate) fn name(&self, errors: &mut Errors) -> Option<Ident> {
        let path = self.path(errors)?;
        let name = path.get_ident().cloned();
        if name.is_none() {
            errors.on(&path, format!("expected one name: `{} = Name`", self.key));
        }
        name
    }

    /// The value as an unsigned number.
    pub(crate) fn number(&self, errors: &mut Errors) -> Option<u64> {
        let number = match self.literal() {
            Some(Lit::Int(number)) => number.base10_parse().ok(),
            _ => None,
        };
        if number.is_none() {
            let key = &self.key;
            errors.on(key, format!("expected a whole number: `{key} = 42`"));
        }
        number
    }

    fn literal(&self) -> Option<&Lit> {
        match &self.value {
            Value::Is(expr) => match &**expr {
                Expr::Lit(ExprLit { lit, .. }) => Some(lit),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Reports a key that no annotation of this kind has, with the nearest that it has.
pub(crate) fn unknown_key(key: &Ident, place: &str, known: &[&str], errors: &mut Errors) {
    let hint = match nearest(&key.to_string(), known) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => format!("; known keys: {}", known.join(", ")),
    };
    errors.on(key, format!("`{place}` has no key `{key}`{hint}"));
}

/// Puts `value` in `slot`, or complains that the key was given before.
pub(crate) fn once<T>(slot: &mut Option<T>, value: Option<T>, key: &Ident, errors: &mut Errors) {
    let Some(value) = value else { return };
    if slot.is_some() {
        errors.on(key, format!("`{key}` is given twice"));
    }
    *slot = Some(value);
}
