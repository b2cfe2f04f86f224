//! What the fuzz targets share: how an input steers a run, virtual time, and the two ends that a
//! hostile peer talks to.

pub mod client;
pub mod http;
pub mod mutate;
pub mod oracle;
pub mod server;
pub mod wire;

use std::future::Future;

/// Splits off the bytes in front that steer the run, zeros where there are none.
pub fn steering<const N: usize>(data: &[u8]) -> ([u8; N], &[u8]) {
    let (steering, rest) = data.split_at(data.len().min(N));
    let mut bytes = [0; N];
    bytes[..steering.len()].copy_from_slice(steering);
    (bytes, rest)
}

/// The pieces that a stream arrives in, in sizes that follow from `seed`; in one piece for a seed
/// whose lower half is zero, as that of the digit `0` is.
pub fn pieces(seed: u8, mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut state = u32::from(seed);
    while !bytes.is_empty() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let size = match seed & 0x0f {
            0 => bytes.len(),
            most => 1 + (state >> 16) as usize % usize::from(most),
        };
        let (piece, rest) = bytes.split_at(size.min(bytes.len()));
        pieces.push(piece);
        bytes = rest;
    }
    pieces
}

/// Runs `future` in virtual time, with every task it starts. What is left of them ends with it.
pub fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime of one thread needs nothing of the system")
        .block_on(future)
}

/// The two halves of a text around its first line that is empty but for `---`; an empty second half
/// when there is none.
pub fn halves(data: &[u8]) -> (&[u8], &[u8]) {
    const MARK: &[u8] = b"\n---\n";
    let at = data.windows(MARK.len()).position(|window| window == MARK);
    match at {
        Some(at) => (&data[..at], &data[at + MARK.len()..]),
        None => (data, b""),
    }
}
