//! `#[form]`: a type that a user fills in, checked field by field against what forms carry.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Field, Fields, Ident, Item, ItemEnum, ItemStruct, Token, Type};

use crate::data;
use crate::errors::Errors;
use crate::facade::{Facade, respan};

/// Expands `#[form]`.
pub(crate) fn expand(arguments: TokenStream, tokens: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let facade = data::read_facade("form", arguments, &mut errors);
    let (attributes, marks) = match syn::parse2(tokens.clone()) {
        Ok(Item::Struct(item)) => (item.attrs.clone(), of_struct(&facade, &item, &mut errors)),
        Ok(Item::Enum(item)) => (item.attrs.clone(), of_enum(&facade, &item, &mut errors)),
        Ok(other) => {
            errors.on(other, "`#[form]` goes on a struct or an enum");
            return unchanged(tokens, errors);
        }
        Err(error) => {
            errors.push(error);
            return unchanged(tokens, errors);
        }
    };
    let derives = data::derives(&facade, &attributes);
    let complaints = errors.into_tokens();
    quote!(#derives #tokens #marks #complaints)
}

/// What cannot be a form, as it was.
fn unchanged(tokens: &TokenStream, errors: Errors) -> TokenStream {
    let complaints = errors.into_tokens();
    quote!(#tokens #complaints)
}

fn of_struct(facade: &Facade, item: &ItemStruct, errors: &mut Errors) -> TokenStream {
    if !item.generics.params.is_empty() {
        errors.on(&item.generics, "a form has no parameters of its own");
        return TokenStream::new();
    }
    match &item.fields {
        Fields::Named(fields) => {
            let checks = fields.named.iter().filter(|field| !is_skipped(field));
            let checks: Vec<_> = checks.map(|field| check(facade, &field.ty)).collect();
            mark(facade, &item.ident, &["Form"], &checks)
        }
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            let checks: Vec<_> = fields
                .unnamed
                .iter()
                .map(|f| check(facade, &f.ty))
                .collect();
            mark(facade, &item.ident, &["FormField"], &checks)
        }
        other => {
            let text = "a form has named fields, and a field of one holds one value";
            match other.is_empty() {
                true => errors.on(&item.ident, text),
                false => errors.on(other, text),
            }
            TokenStream::new()
        }
    }
}

fn of_enum(facade: &Facade, item: &ItemEnum, errors: &mut Errors) -> TokenStream {
    for variant in &item.variants {
        if !variant.fields.is_empty() {
            errors.on(
                &variant.fields,
                "a form selects from plain texts: a variant has no data",
            );
        }
    }
    mark(facade, &item.ident, &["FormField", "FormChoice"], &[])
}

/// Implements the traits for the type, beside the checks of its fields.
fn mark(facade: &Facade, name: &Ident, traits: &[&str], checks: &[TokenStream]) -> TokenStream {
    let path = facade.path();
    let traits = traits.iter().map(|text| Ident::new(text, name.span()));
    let checks = (!checks.is_empty()).then(|| {
        quote! {
            const _: fn() = || {
                #(#checks)*
            };
        }
    });
    quote! {
        #(impl #path::ask::#traits for #name {})*
        #checks
    }
}

/// Fails to compile at the type when no form has a field for it.
fn check(facade: &Facade, ty: &Type) -> TokenStream {
    let path = facade.path();
    let probe = respan(quote!(#path::__private::form_field), ty.span());
    quote_spanned!(ty.span()=> #probe::<#ty>();)
}

/// Whether serde never reads the field.
fn is_skipped(field: &Field) -> bool {
    let mut skipped = false;
    for attribute in field.attrs.iter().filter(|a| a.path().is_ident("serde")) {
        // A malformed attribute is serde's to report.
        let _ = attribute.parse_nested_meta(|meta| {
            skipped |= meta.path.is_ident("skip") || meta.path.is_ident("skip_deserializing");
            if meta.input.peek(Token![=]) {
                meta.value()?.parse::<Expr>()?;
            }
            Ok(())
        });
    }
    skipped
}
