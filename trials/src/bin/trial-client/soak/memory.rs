//! Whether the memory of a process grows for as long as it is used.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use trials::process::{Samples, resident_bytes};

/// How much a process may have grown at the end, by the line through the samples, whatever the
/// length: in half an hour that is hardly a byte for each call.
const GROWTH: f64 = 4.0 * 1024.0 * 1024.0;

/// How many samples are taken.
const SAMPLES: u32 = 60;

/// One in so many is printed, so that a line that leads up shows whether it still does.
const SHOWN: u32 = 6;

/// Takes samples of some processes in the last three quarters of this time, prints how they grow,
/// and returns what grows too fast.
pub(super) async fn watch<const N: usize>(
    processes: [(&'static str, u32); N],
    length: Duration,
) -> Result<Vec<String>, String> {
    let start = Instant::now();
    let mut samples = vec![Samples::default(); N];
    for number in 0..SAMPLES {
        sleep_until(start + length / 4 + length * 3 / 4 * number / SAMPLES).await;
        for ((name, process), samples) in processes.iter().zip(&mut samples) {
            let (at, bytes) = (start.elapsed(), resident_bytes(*process)?);
            samples.add(at, bytes);
            if number.is_multiple_of(SHOWN) {
                println!(
                    "sample {name}_memory {bytes} after {:.0} s",
                    at.as_secs_f64()
                );
            }
        }
    }
    let mut broken = Vec::new();
    for ((name, process), samples) in processes.iter().zip(&samples) {
        let grown = samples.slope() * length.as_secs_f64() * 0.75;
        println!(
            "figure {name}_memory_slope_bytes_a_second {:.0}",
            samples.slope()
        );
        println!("figure {name}_memory_grown {grown:.0} (at most {GROWTH:.0})");
        println!(
            "count {name}_memory_at_the_end {}",
            resident_bytes(*process)?
        );
        if grown > GROWTH {
            broken.push(format!(
                "the memory of the {name} has grown by {grown:.0} bytes"
            ));
        }
    }
    Ok(broken)
}
