//! Routes with a list of their paths, since a router can't be asked for its own: the description of the server tells of these and no others.

use std::sync::Arc;

use axum::Router;
use axum::routing::MethodRouter;

use crate::serve::Server;

/// Routes, and their paths.
#[derive(Clone, Default)]
pub(super) struct Routes {
    pub(super) router: Router<Arc<Server>>,
    pub(super) paths: Vec<String>,
}

impl Routes {
    /// The same with another route.
    pub(super) fn route(mut self, path: &str, methods: MethodRouter<Arc<Server>>) -> Self {
        self.paths.push(path.to_owned());
        Self { router: self.router.route(path, methods), ..self }
    }

    /// The same with others beside them.
    pub(super) fn merge(mut self, others: Self) -> Self {
        self.paths.extend(others.paths);
        Self { router: self.router.merge(others.router), ..self }
    }

    /// The same with others, with and without a prefix. The list has those with it.
    pub(super) fn with_and_without(mut self, prefix: &str, others: Self) -> Self {
        self.paths.extend(others.paths.iter().map(|path| format!("{prefix}{path}")));
        Self { router: self.router.merge(others.router.clone()).nest(prefix, others.router), ..self }
    }
}
