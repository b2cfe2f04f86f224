//! Stands in for the system's random numbers in every fuzz target, so that what is drawn is the same
//! each time: for the crate of this name, which ring asks for session ids, keys and nonces, and for the
//! function of the C library, which the standard library asks for the keys of its hash tables (and tokio
//! asks those which branch of a `select!` comes first).
//!
//! Nobody can foresee these numbers, and nobody has to: no target holds that.

use std::error;
use std::ffi::c_uint;
use std::fmt;
use std::slice;
use std::sync::atomic::{AtomicU64, Ordering};

/// What could be wrong with the real numbers, and never is with these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Error;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no random numbers")
    }
}

impl error::Error for Error {}

/// Fills `bytes`.
///
/// # Errors
///
/// None.
pub fn getrandom(bytes: &mut [u8]) -> Result<(), Error> {
    // Through the function below, so that a program that has the one has the other.
    // SAFETY: both come from one slice.
    unsafe { system(bytes.as_mut_ptr(), bytes.len(), 0) };
    Ok(())
}

/// The function of the C library: the linker prefers this one.
///
/// # Safety
///
/// `buffer` is valid for `length` bytes.
#[unsafe(export_name = "getrandom")]
unsafe extern "C" fn system(buffer: *mut u8, length: usize, _flags: c_uint) -> isize {
    static DRAWN: AtomicU64 = AtomicU64::new(0);
    if length > 0 {
        // SAFETY: the caller says so.
        let bytes = unsafe { slice::from_raw_parts_mut(buffer, length) };
        for chunk in bytes.chunks_mut(8) {
            let number = mixed(DRAWN.fetch_add(1, Ordering::Relaxed));
            chunk.copy_from_slice(&number.to_le_bytes()[..chunk.len()]);
        }
    }
    length.cast_signed()
}

/// A number that does not look like the next one (a step of SplitMix64).
const fn mixed(count: u64) -> u64 {
    let mut number = count.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
