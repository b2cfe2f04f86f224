//! Changes that keep JSON what it is: by bytes alone hardly any text of a schema's shape is found.

use serde_json::{Map, Value, json};

/// A stream of numbers that follow from a seed.
struct Dice(u32);

impl Dice {
    /// A number below `sides`, which is one at least.
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as usize % sides.max(1)
    }
}

/// Changes the last JSON value of `data`, from the first byte that could begin one on, in place, and
/// returns the new length. `None` where there is no value, or the new one is too long.
pub fn json(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> Option<usize> {
    let mut dice = Dice(seed | 1);
    let start = data[..size]
        .iter()
        .position(|byte| matches!(byte, b'{' | b'['))?;
    let mut values = serde_json::Deserializer::from_slice(&data[start..size]).into_iter();
    let mut value: Value = values.next()?.ok()?;
    let end = start + values.byte_offset();
    let other = value.clone();
    for _ in 0..=dice.roll(3) {
        change(&mut value, &other, &mut dice);
    }
    let new = value.to_string();
    let rest = data[end..size].to_vec();
    let length = start + new.len() + rest.len();
    if length > max_size.min(data.len()) {
        return None;
    }
    data[start..start + new.len()].copy_from_slice(new.as_bytes());
    data[start + new.len()..length].copy_from_slice(&rest);
    Some(length)
}

/// Changes a part of `value`, perhaps to a part of `other`.
fn change(value: &mut Value, other: &Value, dice: &mut Dice) {
    let deeper = dice.roll(4) > 0;
    match value {
        Value::Array(items) if deeper && !items.is_empty() => {
            let at = dice.roll(items.len());
            change(&mut items[at], other, dice);
        }
        Value::Object(members) if deeper && !members.is_empty() => {
            let at = dice.roll(members.len());
            if let Some(member) = members.values_mut().nth(at) {
                change(member, other, dice);
            }
        }
        Value::Array(items) if dice.roll(2) == 0 => match dice.roll(2) {
            0 => items.push(part(other, dice)),
            _ => drop(items.pop()),
        },
        Value::Object(members) if dice.roll(2) == 0 => change_members(members, other, dice),
        value => *value = part(other, dice),
    }
}

fn change_members(members: &mut Map<String, Value>, other: &Value, dice: &mut Dice) {
    let at = dice.roll(members.len());
    let name = members.keys().nth(at).cloned();
    match (dice.roll(3), name) {
        (0, Some(name)) => drop(members.remove(&name)),
        (1, Some(name)) => drop(members.insert(format!("x{name}"), part(other, dice))),
        _ => {
            if let Value::Object(more) = part(other, dice) {
                members.extend(more);
            }
        }
    }
}

/// A part of `other`, or a value that is worth a try.
fn part(other: &Value, dice: &mut Dice) -> Value {
    match (dice.roll(3), other) {
        (0, Value::Object(members)) if !members.is_empty() => {
            let at = dice.roll(members.len());
            members
                .values()
                .nth(at)
                .map_or(Value::Null, |member| part(member, dice))
        }
        (0, Value::Array(items)) if !items.is_empty() => {
            let at = dice.roll(items.len());
            part(&items[at], dice)
        }
        (1, other) => other.clone(),
        _ => {
            let worth_a_try = [
                json!(null),
                json!(true),
                json!({}),
                json!([]),
                json!(""),
                json!("a"),
                json!(0),
                json!(-1),
                json!(1.0),
                json!(-1e300),
                json!(1.5),
                json!(u64::MAX),
                json!(i64::MIN),
                json!(1e300),
                json!({ "x": 1 }),
                json!(["a"]),
                json!("2026-07-28"),
                json!("\u{0}\u{10ffff}"),
            ];
            worth_a_try[dice.roll(worth_a_try.len())].clone()
        }
    }
}

/// Makes the fuzzer change JSON as JSON in every other run.
#[macro_export]
macro_rules! mutate_json {
    () => {
        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            let changed = match seed % 2 {
                0 => $crate::mutate::json(data, size, max_size, seed / 2),
                _ => None,
            };
            changed.unwrap_or_else(|| libfuzzer_sys::fuzzer_mutate(data, size, max_size))
        });
    };
}
