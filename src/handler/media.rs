//! Content that is more than text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mcp_core::model::{ContentBlock, Resource};

/// An image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The file's bytes.
    pub data: Vec<u8>,
    /// Its media type, such as `image/png`.
    pub mime_type: String,
}

/// A recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audio {
    /// The file's bytes.
    pub data: Vec<u8>,
    /// Its media type, such as `audio/wav`.
    pub mime_type: String,
}

macro_rules! media {
    ($($name:ident $block:ident, $what:literal;)*) => {
        $(impl $name {
            #[doc = concat!("A ", $what, " of this media type.")]
            pub fn new(data: impl Into<Vec<u8>>, mime_type: impl Into<String>) -> Self {
                Self { data: data.into(), mime_type: mime_type.into() }
            }
        }

        impl From<$name> for ContentBlock {
            fn from(media: $name) -> Self {
                Self::$block(STANDARD.encode(media.data), media.mime_type)
            }
        })*
    };
}

media! {
    Image image, "picture";
    Audio audio, "recording";
}

impl Image {
    /// A PNG.
    pub fn png(data: impl Into<Vec<u8>>) -> Self {
        Self::new(data, "image/png")
    }

    /// A JPEG.
    pub fn jpeg(data: impl Into<Vec<u8>>) -> Self {
        Self::new(data, "image/jpeg")
    }
}

impl Audio {
    /// A WAV.
    pub fn wav(data: impl Into<Vec<u8>>) -> Self {
        Self::new(data, "audio/wav")
    }
}

/// A pointer to a resource that the client may read.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceLink(
    /// What it points to.
    pub Resource,
);

impl ResourceLink {
    /// A link to `uri`, called `name`.
    pub fn new(uri: impl Into<String>, name: impl Into<String>) -> Self {
        Self(Resource::new(uri, name))
    }

    /// The same link with a media type.
    #[must_use]
    pub fn with_mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.0.mime_type = Some(mime_type.into());
        self
    }
}

impl From<ResourceLink> for ContentBlock {
    fn from(link: ResourceLink) -> Self {
        Self::resource_link(link.0)
    }
}
