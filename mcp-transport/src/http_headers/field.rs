//! How often a header was sent.

use http::header::AsHeaderName;
use http::{HeaderMap, HeaderValue};

/// A header of which one value at most means something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Field<'h> {
    /// It was not sent.
    #[default]
    Absent,
    /// It was sent once, with this value.
    Once(&'h HeaderValue),
    /// It was sent more than once; this is the first value.
    Repeated(&'h HeaderValue),
}

impl<'h> Field<'h> {
    /// Looks a header up.
    pub fn of(headers: &'h HeaderMap, name: impl AsHeaderName) -> Self {
        let mut field = Self::Absent;
        for value in headers.get_all(name) {
            field.note(value);
        }
        field
    }

    /// Notes one more value.
    pub fn note(&mut self, value: &'h HeaderValue) {
        *self = match self {
            Self::Absent => Self::Once(value),
            Self::Once(first) | Self::Repeated(first) => Self::Repeated(first),
        };
    }

    /// The first value, if there is one.
    pub fn first(self) -> Option<&'h HeaderValue> {
        match self {
            Self::Absent => None,
            Self::Once(first) | Self::Repeated(first) => Some(first),
        }
    }
}
