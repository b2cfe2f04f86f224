//! Three layers that let everything pass.

use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;

/// A service in a layer.
#[derive(Clone)]
pub struct Pass<S>(S);

impl<S: Service<R>, R> Service<R> for Pass<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        self.0.call(request)
    }
}

/// What puts three of them around a service.
pub struct Three;

impl<S> Layer<S> for Three {
    type Service = Pass<Pass<Pass<S>>>;

    fn layer(&self, inner: S) -> Self::Service {
        Pass(Pass(Pass(inner)))
    }
}
