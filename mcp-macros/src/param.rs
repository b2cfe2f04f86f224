//! One parameter of an annotated function.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Ident, Pat, PatType, Type};

use crate::errors::Errors;
use crate::function::Kind;
use crate::param_attr::{ArgOptions, is_arg};
use crate::text::{documentation, is_doc};

/// A parameter: an argument or an extractor, which its type decides.
pub(crate) struct Param {
    /// The name on the wire; `None` for a pattern, which only an extractor can be.
    pub(crate) name: Option<(String, Span)>,
    /// What is made for the call: the parameter's type, or the owned form of a borrowed one.
    pub(crate) ty: TokenStream,
    /// Where errors about the type point.
    pub(crate) span: Span,
    /// Whether the function takes the value by reference.
    pub(crate) borrowed: bool,
    pub(crate) description: Option<String>,
    pub(crate) options: ArgOptions,
}

impl Param {
    /// Reads a parameter and takes the attributes off it that only the macro understands.
    pub(crate) fn take(kind: Kind, input: &mut PatType, errors: &mut Errors) -> Self {
        let options = ArgOptions::parse(kind, &input.attrs, errors);
        let documented = documentation(&input.attrs);
        input
            .attrs
            .retain(|attribute| !is_doc(attribute) && !is_arg(attribute));
        let span = input.ty.span();
        let (ty, borrowed) = owned_form(&input.ty, errors);
        Self {
            name: name(&input.pat, &options, errors),
            ty,
            span,
            borrowed,
            description: options
                .description
                .as_ref()
                .map(syn::LitStr::value)
                .or(documented),
            options,
        }
    }

    /// Whether an annotation says that this is an argument.
    pub(crate) fn is_surely_argument(&self) -> bool {
        self.options.span.is_some()
    }
}

fn name(pat: &Pat, options: &ArgOptions, errors: &mut Errors) -> Option<(String, Span)> {
    if let Some(name) = &options.name {
        return Some((name.value(), name.span()));
    }
    match pat {
        Pat::Ident(pat) => Some((pat.ident.unraw().to_string(), pat.ident.span())),
        other => {
            if options.span.is_some() {
                errors.on(
                    other,
                    "an argument needs a name: use a plain name as its pattern",
                );
            }
            None
        }
    }
}

/// The type to make for a parameter of this type, and whether the function borrows it.
fn owned_form(ty: &Type, errors: &mut Errors) -> (TokenStream, bool) {
    match ty {
        Type::Reference(reference) => {
            if let Some(mutability) = &reference.mutability {
                errors.on(
                    mutability,
                    "a parameter cannot be a mutable reference: take it by value",
                );
            }
            if let Some(nested) = find_reference(&reference.elem) {
                errors.at(nested, NESTED);
            }
            check_impl(&reference.elem, errors);
            let inner = &reference.elem;
            let span = inner.span();
            let owned = quote_spanned!(span=> <#inner as ::std::borrow::ToOwned>::Owned);
            (owned, true)
        }
        other => {
            if let Some(nested) = find_reference(other) {
                errors.at(nested, NESTED);
            }
            check_impl(other, errors);
            (quote_spanned!(other.span()=> #other), false)
        }
    }
}

const NESTED: &str = "a reference inside a type cannot be filled from a request: \
                      use an owned type (`Option<String>`, `Vec<String>`)";

fn check_impl(ty: &Type, errors: &mut Errors) {
    if let Type::ImplTrait(ty) = ty {
        errors.on(
            ty,
            "a parameter needs a named type: the schema is made from it",
        );
    }
}

/// The first reference within `ty` that is not `&'static`.
fn find_reference(ty: &Type) -> Option<Span> {
    use syn::{GenericArgument, PathArguments};
    match ty {
        Type::Reference(reference) => {
            let fixed = reference
                .lifetime
                .as_ref()
                .is_some_and(|l| l.ident == "static");
            (!fixed).then(|| reference.span())
        }
        Type::Array(array) => find_reference(&array.elem),
        Type::Slice(slice) => find_reference(&slice.elem),
        Type::Paren(paren) => find_reference(&paren.elem),
        Type::Group(group) => find_reference(&group.elem),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(find_reference),
        Type::Path(path) => path.path.segments.iter().find_map(|segment| {
            let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
                return None;
            };
            arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => find_reference(ty),
                _ => None,
            })
        }),
        _ => None,
    }
}

/// Complains about two parameters with one name on the wire.
pub(crate) fn check_distinct(params: &[Param], errors: &mut Errors) {
    for (index, param) in params.iter().enumerate() {
        let Some((name, span)) = &param.name else {
            continue;
        };
        let earlier = params.iter().take(index);
        if earlier
            .filter_map(|p| p.name.as_ref())
            .any(|(other, _)| other == name)
        {
            errors.at(
                *span,
                format!("another parameter is called `{name}` already"),
            );
        }
        let Some(header) = &param.options.header else {
            continue;
        };
        let earlier = params.iter().take(index);
        let same = |p: &Param| {
            let other = p.options.header.as_ref();
            other.is_some_and(|other| other.value().eq_ignore_ascii_case(&header.value()))
        };
        if earlier.into_iter().any(same) {
            errors.on(
                header,
                "another parameter has this header already (HTTP-M-21)",
            );
        }
    }
}

/// The local that holds the value of parameter `index`; user code cannot name it.
pub(crate) fn local(prefix: &str, index: usize) -> Ident {
    Ident::new(&format!("__{prefix}{index}"), Span::mixed_site())
}
