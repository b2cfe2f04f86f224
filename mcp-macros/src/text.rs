//! Documentation comments as text.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// Whether `attribute` is a documentation comment.
pub(crate) fn is_doc(attribute: &Attribute) -> bool {
    attribute.path().is_ident("doc")
}

/// The documentation comments among `attributes`, joined and trimmed; `None` if they say nothing.
pub(crate) fn documentation(attributes: &[Attribute]) -> Option<String> {
    let lines: Vec<String> = attributes.iter().filter_map(doc_text).collect();
    let text = lines
        .iter()
        .flat_map(|block| block.lines())
        .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end())
        .collect::<Vec<_>>()
        .join("\n");
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn doc_text(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else {
        return None;
    };
    match &pair.value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) if is_doc(attribute) => Some(match text.value() {
            // An empty line of a comment is a paragraph's end, which `lines` would swallow.
            line if line.is_empty() => "\n".to_owned(),
            line => line,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::documentation;
    use syn::{Attribute, parse_quote};

    #[test]
    fn comment_lines_join_with_their_paragraphs_kept() {
        let attributes: Vec<Attribute> = vec![
            parse_quote!(#[doc = " First line"]),
            parse_quote!(#[doc = " goes on."]),
            parse_quote!(#[doc = ""]),
            parse_quote!(#[inline]),
            parse_quote!(#[doc = "   indented"]),
        ];
        assert_eq!(
            documentation(&attributes).as_deref(),
            Some("First line\ngoes on.\n\n  indented")
        );
        assert_eq!(documentation(&[parse_quote!(#[doc = " "])]), None);
    }
}
