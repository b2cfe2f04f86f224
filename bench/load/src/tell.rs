//! What is printed.

use std::fmt::Display;

/// Prints a figure by its name.
pub fn figure(name: &str, value: f64) {
    println!("{name} {value:.3}");
}

/// For `map_err`: the error, with what was tried.
pub fn failed<E: Display>(what: &str) -> impl Fn(E) -> String {
    let what = what.to_owned();
    move |error| format!("{what}: {error}")
}
