//! The path of the facade in generated code.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::Path;

/// The facade's path: `::toolwright`, or what `crate = path` says.
pub(crate) struct Facade(TokenStream);

impl Facade {
    /// The facade at `path`, or at its usual place.
    pub(crate) fn new(path: Option<&Path>) -> Self {
        Self(match path {
            Some(path) => path.to_token_stream(),
            None => quote!(::toolwright),
        })
    }

    /// The path as users write it, for derive helpers that take it as a string.
    pub(crate) fn text(&self) -> String {
        self.0.to_string().replace(' ', "")
    }

    /// The facade itself.
    pub(crate) fn path(&self) -> &TokenStream {
        &self.0
    }

    /// What generated code needs of the facade, for the part with this name (`tool`, `prompt`,
    /// `resource`), spelled at `span` so that errors point at the user's token.
    pub(crate) fn part(&self, part: &str, span: Span) -> TokenStream {
        let part = proc_macro2::Ident::new(part, span);
        let path = &self.0;
        respan(quote!(#path::__private::#part), span)
    }
}

/// `tokens`, every one of them at `span`.
pub(crate) fn respan(tokens: TokenStream, span: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Group(group) => {
                let mut group = Group::new(group.delimiter(), respan(group.stream(), span));
                group.set_span(span);
                TokenTree::Group(group)
            }
            mut other => {
                // Where a token is looked up stays; only where it is reported changes.
                other.set_span(other.span().located_at(span));
                other
            }
        })
        .collect()
}
