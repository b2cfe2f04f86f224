//! What a client can connect to.

use super::{CallError, Client, ClientBuilder};
use crate::server::ServerHandle;

/// A server to connect to: its URL, which takes the feature `http-client`, or a
/// [`ServerHandle`] of this process.
#[diagnostic::on_unimplemented(
    message = "a client cannot connect to `{Self}`",
    note = "give it a URL (with the feature `http-client`) or a `&ServerHandle`; there are \
            `Client::spawn` for programs and `Client::over` for byte streams"
)]
pub trait Target: sealed::Sealed + Send {}

mod sealed {
    use super::{CallError, Client, ClientBuilder};

    pub trait Sealed {
        fn connect(
            self,
            builder: ClientBuilder,
        ) -> impl Future<Output = Result<Client, CallError>> + Send;
    }
}

impl Target for &ServerHandle {}

impl sealed::Sealed for &ServerHandle {
    async fn connect(self, builder: ClientBuilder) -> Result<Client, CallError> {
        let (reader, writer) = Client::serve_in_memory(self);
        builder.over(reader, writer).await
    }
}

#[cfg(feature = "http-client")]
mod url {
    use super::{CallError, Client, ClientBuilder, Target, sealed};

    impl Target for &str {}

    impl sealed::Sealed for &str {
        async fn connect(self, builder: ClientBuilder) -> Result<Client, CallError> {
            builder.dial(self).await
        }
    }

    impl Target for &String {}

    impl sealed::Sealed for &String {
        async fn connect(self, builder: ClientBuilder) -> Result<Client, CallError> {
            builder.dial(self).await
        }
    }

    impl Target for String {}

    impl sealed::Sealed for String {
        async fn connect(self, builder: ClientBuilder) -> Result<Client, CallError> {
            builder.dial(&self).await
        }
    }
}
