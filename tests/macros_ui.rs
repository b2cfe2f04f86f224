//! Mistakes in annotations: each is reported on the offending token, all of them at once.
//!
//! `TRYBUILD=overwrite` writes the expectations anew.

#[test]
fn a_mistake_in_an_annotation_is_reported_on_its_token() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
