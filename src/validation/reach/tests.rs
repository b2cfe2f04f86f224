use serde_json::json;

use super::*;

fn ways(schema: &Value) -> (usize, usize, bool) {
    let reach = reach(schema, 1000).expect("it is small");
    (reach.entries, reach.ways, reach.returns)
}

#[test]
fn members_lead_back_apart_and_alternatives_together() {
    let again = json!({ "$ref": "#" });
    let tree = json!({ "properties": { "left": again, "right": again } });
    assert_eq!(ways(&tree), (1, 1, true));
    let choice = json!({ "anyOf": [tree, tree] });
    assert_eq!(ways(&choice), (2, 2, true));
    let kinds = json!({ "items": again, "additionalProperties": again });
    assert_eq!(
        ways(&kinds),
        (1, 1, true),
        "nothing is an array and an object"
    );
    let both = json!({ "items": again, "contains": again });
    assert_eq!(ways(&both), (2, 2, true));
    assert_eq!(ways(&json!({ "items": {} })), (0, 0, false));
    assert_eq!(ways(&json!({ "const": { "$refs": "#" } })), (0, 0, false));
}

#[test]
fn what_leads_to_a_ring_is_no_part_of_it() {
    let to = |name: &str| json!({ "$ref": format!("#/$defs/{name}") });
    let schema = json!({
        "anyOf": [{ "items": to("a") }, { "items": to("a") }, { "items": to("alone") }],
        "$defs": {
            "a": { "items": to("b") },
            "b": { "items": to("a") },
            "alone": { "type": "string" },
        },
    });
    assert_eq!(ways(&schema), (2, 1, true));
}

#[test]
fn every_schema_of_a_ring_is_counted_by_itself() {
    let ring = |second: Value| {
        let schema = json!({
            "$ref": "#/$defs/a",
            "$defs": { "a": { "items": { "$ref": "#/$defs/b" } }, "b": second },
        });
        reach(&schema, 1000).expect("it is small").visits
    };
    let open = ring(json!({ "items": { "type": "null" } }));
    let closed = ring(json!({ "items": { "$ref": "#/$defs/a" } }));
    // Six from the whole; and again five from either, the last of them looking at a scalar.
    assert_eq!((open, closed), (6, 6 + 5 + 5));
}

#[test]
fn what_is_too_large_too_deep_or_elsewhere_is_unknown() {
    let many = json!({ "enum": vec![0; 1000] });
    assert_eq!(reach(&many, 1000), Err(Unknown::Large));
    let deep = (0..200).fold(json!({}), |inner, _| json!({ "not": inner, "allOf": [] }));
    assert_eq!(reach(&deep, 1000).map(|reach| reach.nested), Ok(201));
    let deep = (0..300).fold(json!({}), |inner, _| json!({ "not": inner }));
    assert_eq!(reach(&deep, 1000), Err(Unknown::Deep));
    for elsewhere in [
        "other.json",
        "#name",
        "#/$defs/%61",
        &format!("#/{}", "a".repeat(300)),
    ] {
        let schema = json!({ "$ref": elsewhere, "$defs": { "a": {} } });
        assert_eq!(reach(&schema, 1000), Err(Unknown::Elsewhere), "{elsewhere}");
    }
}
