//! `#[arg(…)]` on a parameter.

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::{Attribute, Expr, LitStr, Meta, Path};

use crate::attr::{self, Value, once, unknown_key};
use crate::errors::Errors;
use crate::function::Kind;

/// What `#[arg(…)]` says about a parameter.
#[derive(Default)]
pub(crate) struct ArgOptions {
    /// Where the annotation stands; `None` without one.
    pub(crate) span: Option<Span>,
    pub(crate) name: Option<LitStr>,
    pub(crate) description: Option<LitStr>,
    pub(crate) default: Option<DefaultValue>,
    pub(crate) header: Option<LitStr>,
    pub(crate) complete: Option<Path>,
}

/// `default` or `default = expression`.
pub(crate) enum DefaultValue {
    OfType,
    Is(Box<Expr>),
}

/// Whether `attribute` is an `#[arg(…)]`.
pub(crate) fn is_arg(attribute: &Attribute) -> bool {
    attribute.path().is_ident("arg")
}

impl ArgOptions {
    /// Reads every `#[arg(…)]` among a parameter's attributes.
    pub(crate) fn parse(kind: Kind, attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut options = Self::default();
        for attribute in attributes.iter().filter(|attribute| is_arg(attribute)) {
            options.span = Some(attribute.path().span());
            match &attribute.meta {
                Meta::List(list) => options.read(kind, list.tokens.clone(), errors),
                other => errors.on(other, "expected `#[arg(…)]`"),
            }
        }
        options.check(kind, errors);
        options
    }

    fn read(&mut self, kind: Kind, tokens: proc_macro2::TokenStream, errors: &mut Errors) {
        let entries = attr::parse(tokens, errors);
        if let Some(text) = &entries.lead {
            errors.on(text, "expected a key; did you mean `description = \"…\"`?");
        }
        for entry in &entries.list {
            let key = &entry.key;
            match key.to_string().as_str() {
                "name" => once(&mut self.name, entry.text(errors), key, errors),
                "description" => once(&mut self.description, entry.text(errors), key, errors),
                "header" if kind == Kind::Tool => {
                    once(&mut self.header, entry.text(errors), key, errors);
                }
                "complete" if kind != Kind::Tool => {
                    once(&mut self.complete, entry.path(errors), key, errors);
                }
                "default" => {
                    let value = match &entry.value {
                        Value::Is(expr) => Some(DefaultValue::Is(expr.clone())),
                        Value::Flag => Some(DefaultValue::OfType),
                        Value::List(_) => {
                            errors.on(key, "expected `default` or `default = value`");
                            None
                        }
                    };
                    once(&mut self.default, value, key, errors);
                }
                "header" => errors.on(key, "only a tool's parameters travel as headers"),
                "complete" => errors.on(
                    key,
                    "only parameters of prompts and resource templates complete",
                ),
                _ => {
                    let known = ["name", "description", "default", "header", "complete"];
                    unknown_key(key, "arg", &known, errors);
                }
            }
        }
    }

    fn check(&self, kind: Kind, errors: &mut Errors) {
        if let Some(name) = &self.name
            && name.value().is_empty()
        {
            errors.on(name, "the name is empty");
        }
        if let Some(header) = &self.header {
            let text = header.value();
            if text.is_empty() || !text.bytes().all(is_token_byte) {
                errors.on(
                    header,
                    "a header's name is letters, digits and any of !#$%&'*+-.^_`|~ (HTTP-M-21)",
                );
            }
        }
        if let (Kind::Resource, Some(span), Some(_)) = (kind, self.span, &self.default) {
            errors.at(
                span,
                "a template's variable has no default: it is part of the URI",
            );
        }
    }
}

/// A `tchar` of RFC 9110.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
