//! Strings with names: sets of values a later revision or an extension may add to.

/// Defines a newtype over text with a documented constant for each value known today. Every other
/// text survives unchanged.
macro_rules! open_string {
    (
        $(#[$type_attribute:meta])*
        $name:ident {
            $( $(#[$attribute:meta])* $constant:ident = $text:literal; )+
        }
    ) => {
        $(#[$type_attribute])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(std::borrow::Cow<'static, str>);

        impl $name {
            $(
                $(#[$attribute])*
                pub const $constant: Self = Self(std::borrow::Cow::Borrowed($text));
            )+

            /// The value with this text, known or not.
            pub fn new(text: impl Into<std::borrow::Cow<'static, str>>) -> Self {
                Self(text.into())
            }

            /// The text as it stands on the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

pub(super) use open_string;
