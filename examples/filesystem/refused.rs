//! Why nothing was read or written.

use std::fmt;
use std::io;
use std::path::Path;

use toolwright::prelude::*;

/// Why a path is not served. No `Error`, so that it can say how it becomes a [`ToolError`].
#[derive(Debug)]
pub(crate) enum Refused {
    /// It leads out of the folders served; whether anything is there is not told.
    Outside(String),
    /// The system refused.
    System(String, io::Error),
    /// It is not what was asked for.
    Unfit(String),
}

impl Refused {
    pub(crate) fn system(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.display().to_string();
        move |error| Self::System(path, error)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outside(path) => write!(f, "{path} is outside the folders served"),
            Self::System(path, error) => write!(f, "{path}: {error}"),
            Self::Unfit(why) => f.write_str(why),
        }
    }
}

/// Every text here was written for the model.
impl From<Refused> for ToolError {
    fn from(refused: Refused) -> Self {
        Self::new(refused.to_string())
    }
}

/// What is not there and what must not be seen look the same.
impl From<Refused> for ResourceError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Outside(_) => Self::NotFound,
            Refused::System(_, error) if error.kind() == io::ErrorKind::NotFound => Self::NotFound,
            other => Self::Failed(toolwright::jsonrpc::ErrorObject::internal(
                other.to_string(),
            )),
        }
    }
}
