//! What an annotation's entries mean: `#[tool(…)]`, `#[prompt(…)]`, `#[resource(…)]`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{LitStr, Path, Token};

use crate::attr::{self, Entries, Entry, Value, once, unknown_key};
use crate::errors::Errors;
use crate::function::Kind;

/// The options of one annotation. Keys that a kind does not have stay `None`.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) uri: Option<LitStr>,
    pub(crate) name: Option<LitStr>,
    pub(crate) title: Option<LitStr>,
    pub(crate) description: Option<LitStr>,
    pub(crate) mime: Option<LitStr>,
    pub(crate) size: Option<u64>,
    pub(crate) read_only: Option<bool>,
    pub(crate) destructive: Option<bool>,
    pub(crate) idempotent: Option<bool>,
    pub(crate) open_world: Option<bool>,
    pub(crate) blocking: Option<Ident>,
    pub(crate) scopes: Option<Vec<LitStr>>,
    pub(crate) icons: Vec<Icon>,
    pub(crate) meta: Vec<(String, TokenStream)>,
    pub(crate) handle: Option<Ident>,
    pub(crate) facade: Option<Path>,
}

/// One `icon("https://…", mime = "…", sizes = "…")`.
pub(crate) struct Icon {
    pub(crate) src: LitStr,
    pub(crate) mime: Option<LitStr>,
    pub(crate) sizes: Option<LitStr>,
}

const SHARED: [&str; 9] = [
    "name",
    "title",
    "description",
    "blocking",
    "scopes",
    "icon",
    "meta",
    "handle",
    "crate",
];
const TOOL: [&str; 4] = ["read_only", "destructive", "idempotent", "open_world"];
const RESOURCE: [&str; 2] = ["mime", "size"];

fn known_keys(kind: Kind) -> Vec<&'static str> {
    let own: &[&str] = match kind {
        Kind::Tool => &TOOL,
        Kind::Prompt => &[],
        Kind::Resource => &RESOURCE,
    };
    SHARED.iter().chain(own).copied().collect()
}

impl Options {
    /// Reads the tokens between the parentheses of an annotation of this kind.
    pub(crate) fn parse(kind: Kind, tokens: TokenStream, errors: &mut Errors) -> Self {
        let Entries { lead, list } = attr::parse(tokens, errors);
        let known = known_keys(kind);
        let mut options = Self::default();
        match (kind, lead) {
            (Kind::Resource, uri) => options.uri = uri,
            (_, Some(text)) => errors.on(
                &text,
                format!("expected a key; did you mean `name = {}`?", text.token()),
            ),
            (_, None) => {}
        }
        for entry in &list {
            if known.contains(&entry.key.to_string().as_str()) {
                options.set(entry, errors);
            } else {
                unknown_key(&entry.key, kind.attribute(), &known, errors);
            }
        }
        if let Some(name) = &options.name {
            check_name(kind, name, errors);
        }
        options
    }

    fn set(&mut self, entry: &Entry, errors: &mut Errors) {
        let key = &entry.key;
        match key.to_string().as_str() {
            "name" => once(&mut self.name, entry.text(errors), key, errors),
            "title" => once(&mut self.title, entry.text(errors), key, errors),
            "description" => once(&mut self.description, entry.text(errors), key, errors),
            "mime" => once(&mut self.mime, entry.text(errors), key, errors),
            "size" => once(&mut self.size, entry.number(errors), key, errors),
            "read_only" => once(&mut self.read_only, entry.switch(errors), key, errors),
            "destructive" => once(&mut self.destructive, entry.switch(errors), key, errors),
            "idempotent" => once(&mut self.idempotent, entry.switch(errors), key, errors),
            "open_world" => once(&mut self.open_world, entry.switch(errors), key, errors),
            "blocking" => {
                let on = entry.switch(errors).filter(|on| *on).map(|_| key.clone());
                once(&mut self.blocking, on, key, errors);
            }
            "scopes" => once(&mut self.scopes, parse_scopes(entry, errors), key, errors),
            "handle" => once(&mut self.handle, entry.name(errors), key, errors),
            "crate" => once(&mut self.facade, entry.path(errors), key, errors),
            "icon" => self.icons.extend(parse_icon(entry, errors)),
            _ => self.meta.extend(parse_meta(entry, errors)),
        }
    }
}

/// TOOL-A-02 for tools; prompts and resources only need a name.
fn check_name(kind: Kind, name: &LitStr, errors: &mut Errors) {
    let text = name.value();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if text.is_empty() {
        errors.on(name, "the name is empty");
    } else if kind == Kind::Tool && (text.len() > 128 || !text.chars().all(plain)) {
        errors.on(
            name,
            "a tool's name is 1 to 128 characters of A-Z, a-z, 0-9, `_`, `-` and `.`",
        );
    }
}

/// `scopes = ["orders:read", "orders:write"]`: each once, and each a scope (RFC 6749 §3.3).
fn parse_scopes(entry: &Entry, errors: &mut Errors) -> Option<Vec<LitStr>> {
    let scopes = entry.texts(errors)?;
    for (at, scope) in scopes.iter().enumerate() {
        let text = scope.value();
        let sound = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\';
        if text.is_empty() || !text.chars().all(sound) {
            errors.on(
                scope,
                "a scope is visible ASCII without spaces, `\"` and `\\`; several are a list: \
                 `scopes = [\"a\", \"b\"]`",
            );
        } else if scopes.iter().take(at).any(|other| other.value() == text) {
            errors.on(scope, format!("the scope `{text}` is given twice"));
        }
    }
    Some(scopes)
}

fn parse_icon(entry: &Entry, errors: &mut Errors) -> Option<Icon> {
    let entries = match &entry.value {
        Value::List(tokens) => attr::parse(tokens.clone(), errors),
        _ => Entries::default(),
    };
    let mut icon = match entries.lead {
        Some(src) => Icon {
            src,
            mime: None,
            sizes: None,
        },
        None => {
            errors.on(
                &entry.key,
                "expected `icon(\"https://…\", mime = \"image/png\", sizes = \"48x48\")`",
            );
            return None;
        }
    };
    for entry in &entries.list {
        match entry.key.to_string().as_str() {
            "mime" => once(&mut icon.mime, entry.text(errors), &entry.key, errors),
            "sizes" => once(&mut icon.sizes, entry.text(errors), &entry.key, errors),
            _ => unknown_key(&entry.key, "icon", &["mime", "sizes"], errors),
        }
    }
    Some(icon)
}

/// `meta(key = json, "dotted/key" = json)`: values are JSON as `serde_json::json!` reads it.
fn parse_meta(entry: &Entry, errors: &mut Errors) -> Vec<(String, TokenStream)> {
    let Value::List(tokens) = &entry.value else {
        errors.on(
            &entry.key,
            "expected `meta(key = value, \"example.com/key\" = value)`",
        );
        return Vec::new();
    };
    let parser = |input: ParseStream<'_>| {
        let mut pairs = Vec::new();
        while !input.is_empty() {
            let key = if input.peek(LitStr) {
                input.parse::<LitStr>()?.value()
            } else {
                Ident::parse_any(input)?.to_string()
            };
            input.parse::<Token![=]>()?;
            let mut value = TokenStream::new();
            while !input.is_empty() && !input.peek(Token![,]) {
                value.extend([input.parse::<TokenTree>()?]);
            }
            if value.is_empty() {
                return Err(input.error("expected a JSON value"));
            }
            pairs.push((key, value));
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(pairs)
    };
    parser.parse2(tokens.clone()).unwrap_or_else(|error| {
        errors.push(error);
        Vec::new()
    })
}
