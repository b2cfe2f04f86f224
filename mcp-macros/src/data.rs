//! `#[data]`: serde's and schemars' derives through the facade, so that a user's manifest names
//! neither.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Attribute, Item, LitStr};

use crate::attr::{self, unknown_key};
use crate::errors::Errors;
use crate::facade::Facade;

/// Expands `#[data]`.
pub(crate) fn expand(arguments: TokenStream, tokens: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let facade = read_facade("data", arguments, &mut errors);
    let attributes = match syn::parse2(tokens.clone()) {
        Ok(Item::Struct(item)) => item.attrs,
        Ok(Item::Enum(item)) => item.attrs,
        Ok(other) => {
            errors.on(other, "`#[data]` goes on a struct or an enum");
            let complaints = errors.into_tokens();
            return quote!(#tokens #complaints);
        }
        Err(error) => {
            errors.push(error);
            let complaints = errors.into_tokens();
            return quote!(#tokens #complaints);
        }
    };
    let derives = derives(&facade, &attributes);
    let complaints = errors.into_tokens();
    quote!(#derives #tokens #complaints)
}

/// Reads the one key of the annotation `name`: where the facade is.
pub(crate) fn read_facade(name: &str, arguments: TokenStream, errors: &mut Errors) -> Facade {
    let mut path = None;
    for entry in &attr::parse(arguments, errors).list {
        if entry.key == "crate" {
            path = entry.path(errors);
        } else {
            unknown_key(&entry.key, name, &["crate"], errors);
        }
    }
    Facade::new(path.as_ref())
}

/// The names of the traits that the item derives by itself.
fn derived(attributes: &[Attribute]) -> Vec<String> {
    let mut names = Vec::new();
    for attribute in attributes.iter().filter(|a| a.path().is_ident("derive")) {
        // A malformed `derive` is the compiler's to report.
        let _ = attribute.parse_nested_meta(|meta| {
            names.extend(meta.path.segments.last().map(|s| s.ident.to_string()));
            Ok(())
        });
    }
    names
}

/// The derives that the item with these attributes lacks.
pub(crate) fn derives(facade: &Facade, attributes: &[Attribute]) -> TokenStream {
    let derived = derived(attributes);
    let path = facade.path();
    let missing = |name: &str| !derived.iter().any(|other| other == name);
    let text = |part: &str| {
        LitStr::new(
            &format!("{}::__private::{part}", facade.text()),
            Span::call_site(),
        )
    };
    let mut tokens = TokenStream::new();
    let serialize = missing("Serialize");
    let deserialize = missing("Deserialize");
    if serialize {
        tokens.extend(quote!(#[derive(#path::__private::serde::Serialize)]));
    }
    if deserialize {
        tokens.extend(quote!(#[derive(#path::__private::serde::Deserialize)]));
    }
    // One that is derived by the item finds serde by itself, and would be misled by our path.
    if serialize && deserialize {
        let serde = text("serde");
        tokens.extend(quote!(#[serde(crate = #serde)]));
    }
    if missing("JsonSchema") {
        let schemars = text("schemars");
        tokens.extend(quote!(#[derive(#path::__private::schemars::JsonSchema)]));
        tokens.extend(quote!(#[schemars(crate = #schemars)]));
    }
    tokens
}
