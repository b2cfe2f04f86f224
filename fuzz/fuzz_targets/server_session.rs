//! One whole session of a server over a stream: whatever is said, cut however it is, at most one
//! answer for each request, all of it JSON, and an end (faults 45, 46).
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolwright_fuzz::server::{hear, server};
use toolwright_fuzz::wire::Ids;
use toolwright_fuzz::{pieces, run, steering};

fuzz_target!(|data: &[u8]| {
    let ([seed], stream) = steering(data);
    let heard = run(hear(server(), pieces(seed, stream)));
    let (mut asked, mut answered) = (Ids::default(), Ids::default());
    for line in stream.split(|byte| *byte == b'\n') {
        asked.asked(line);
    }
    for line in heard.split(|byte| *byte == b'\n') {
        let json = line.is_empty() || serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok();
        assert!(json, "not JSON: {:?}", String::from_utf8_lossy(line));
        answered.answered(line);
    }
    asked.cover(&answered);
});
