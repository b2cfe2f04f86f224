//! The pages of `docs/guide` and the README as documentation tests: what they show is compiled and
//! run.

#[doc = include_str!("../README.md")]
mod readme {}

#[doc = include_str!("../docs/guide/getting-started.md")]
mod getting_started {}

#[doc = include_str!("../docs/guide/tools.md")]
mod tools {}

#[doc = include_str!("../docs/guide/results.md")]
mod results {}

#[doc = include_str!("../docs/guide/arguments-and-schemas.md")]
mod arguments_and_schemas {}

#[doc = include_str!("../docs/guide/context.md")]
mod context {}

#[doc = include_str!("../docs/guide/asking.md")]
mod asking {}

#[doc = include_str!("../docs/guide/asking-by-turns.md")]
mod asking_by_turns {}

#[doc = include_str!("../docs/guide/prompts.md")]
mod prompts {}

#[doc = include_str!("../docs/guide/resources.md")]
mod resources {}

#[doc = include_str!("../docs/guide/server.md")]
mod server {}

#[doc = include_str!("../docs/guide/run-time-changes.md")]
mod run_time_changes {}

#[doc = include_str!("../docs/guide/middleware.md")]
mod middleware {}

#[doc = include_str!("../docs/guide/limits-and-errors.md")]
mod limits_and_errors {}

#[doc = include_str!("../docs/guide/versions.md")]
mod versions {}

#[doc = include_str!("../docs/guide/testing.md")]
mod testing {}

#[doc = include_str!("../docs/guide/stdio.md")]
mod stdio {}

#[doc = include_str!("../docs/guide/http.md")]
mod http {}

#[doc = include_str!("../docs/guide/deployment.md")]
mod deployment {}

#[doc = include_str!("../docs/guide/authorization.md")]
mod authorization {}

#[doc = include_str!("../docs/guide/client.md")]
mod client {}
