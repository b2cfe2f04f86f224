//! Whether an answer is right.

use memchr::memmem;

use crate::Outcome;
use crate::call::{Call, Request};

/// One answer in so many is looked at; the first ones are, all of them.
const EVERY: u64 = 61;

/// How many of the first answers are looked at.
const FIRST: u64 = 8;

/// Whether the answer of this number is one to look at.
pub fn is_due(number: u64) -> bool {
    number < FIRST || number.is_multiple_of(EVERY)
}

/// Looks at the answer to a request.
pub fn check(request: &Request, answer: &[u8]) -> Outcome {
    let has = |what: &str| memmem::find(answer, what.as_bytes()).is_some();
    let count = |what: &str| memmem::find_iter(answer, what.as_bytes()).count();
    let right = has(&format!("\"id\":{}", request.id()))
        && !has("\"isError\":true")
        && match request.call {
            Call::Add => has(&format!("\"text\":\"{}\"", request.sum())),
            Call::Echo(bytes) | Call::Lines(bytes) => {
                has(&format!("\"text\":\"{}\"", request.call.text(bytes)))
            }
            Call::List(tools) => count("\"inputSchema\":") == tools,
            Call::Progress(steps) => {
                count("\"notifications/progress\"") == steps && has("\"text\":\"done\"")
            }
            Call::Hold(_) => has("\"text\":\"done\""),
            Call::Listen => true,
        };
    if right {
        return Ok(());
    }
    if let Call::Progress(steps) = request.call {
        let came = count("\"notifications/progress\"");
        return Err(format!(
            "{came} of {steps} notifications came before the answer"
        ));
    }
    let shown = String::from_utf8_lossy(&answer[..answer.len().min(600)]).into_owned();
    Err(format!("{:?} was answered with {shown}", request.call))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Era;

    #[test]
    fn a_sum_is_right_with_its_id_only() {
        let mut request = Request::line(Call::Add, Era::Modern);
        request.renumber(3);
        let right = br#"{"id":1000003,"result":{"content":[{"text":"46"}]}}"#;
        assert_eq!(check(&request, right), Ok(()));
        request.renumber(4);
        assert!(check(&request, right).is_err());
    }
}
