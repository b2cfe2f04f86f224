//! What becomes content blocks.

use std::borrow::Cow;
use std::sync::Arc;

use mcp_core::model::{ContentBlock, ResourceContents};

use super::{Audio, Image, ResourceLink};

/// Something a tool says: text, numbers, media, or several of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be content",
    label = "no content block is made from this",
    note = "strings, numbers, `bool`, `ContentBlock`, `Image`, `Audio`, `ResourceLink`, and `Option`s, `Vec`s and tuples of them can; wrap data in `Json`"
)]
pub trait IntoContent {
    /// Appends its blocks.
    fn into_content(self, content: &mut Vec<ContentBlock>);
}

macro_rules! as_text {
    ($($ty:ty)*) => {
        $(impl IntoContent for $ty {
            fn into_content(self, content: &mut Vec<ContentBlock>) {
                content.push(ContentBlock::text(self.to_string()));
            }
        })*
    };
}

macro_rules! as_string {
    ($($ty:ty)*) => {
        $(impl IntoContent for $ty {
            fn into_content(self, content: &mut Vec<ContentBlock>) {
                content.push(ContentBlock::text(self));
            }
        })*
    };
}

macro_rules! as_block {
    ($($ty:ty)*) => {
        $(impl IntoContent for $ty {
            fn into_content(self, content: &mut Vec<ContentBlock>) {
                content.push(self.into());
            }
        })*
    };
}

as_text!(bool char i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64 Arc<str>);
as_string!(String &str Box<str> Cow<'_, str>);
as_block!(ContentBlock Image Audio ResourceLink);

impl IntoContent for ResourceContents {
    fn into_content(self, content: &mut Vec<ContentBlock>) {
        content.push(ContentBlock::resource(self));
    }
}

/// Nothing to say.
impl IntoContent for () {
    fn into_content(self, _: &mut Vec<ContentBlock>) {}
}

impl<T: IntoContent> IntoContent for Option<T> {
    fn into_content(self, content: &mut Vec<ContentBlock>) {
        if let Some(value) = self {
            value.into_content(content);
        }
    }
}

impl<T: IntoContent> IntoContent for Vec<T> {
    fn into_content(self, content: &mut Vec<ContentBlock>) {
        content.reserve(self.len());
        self.into_iter()
            .for_each(|value| value.into_content(content));
    }
}

impl<T: IntoContent, const N: usize> IntoContent for [T; N] {
    fn into_content(self, content: &mut Vec<ContentBlock>) {
        self.into_iter()
            .for_each(|value| value.into_content(content));
    }
}

macro_rules! tuples {
    ($(($($name:ident)+))*) => {
        $(impl<$($name: IntoContent),+> IntoContent for ($($name,)+) {
            #[allow(non_snake_case, reason = "the type's name serves as the value's")]
            fn into_content(self, content: &mut Vec<ContentBlock>) {
                let ($($name,)+) = self;
                $($name.into_content(content);)+
            }
        })*
    };
}

tuples! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) }
