//! What the system says of a running program.

use std::fs;
use std::time::Duration;

/// The memory that a process has in use, in bytes.
///
/// # Errors
///
/// That the system does not tell.
pub fn resident_bytes(process: u32) -> Result<u64, String> {
    let path = format!("/proc/{process}/status");
    let status = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let told = status.lines().find_map(|line| {
        let kibibytes = line.strip_prefix("VmRSS:")?.strip_suffix("kB")?;
        Some(kibibytes.trim().parse::<u64>().ok()? * 1024)
    });
    told.ok_or_else(|| format!("{path} tells no resident size"))
}

/// How many files, pipes and sockets a process has open.
///
/// # Errors
///
/// That the system does not tell.
pub fn descriptors(process: u32) -> Result<usize, String> {
    let path = format!("/proc/{process}/fd");
    let open = fs::read_dir(&path).map_err(|error| format!("{path}: {error}"))?;
    Ok(open.count())
}

/// Memory at times, and how fast it grows.
#[derive(Debug, Clone, Default)]
pub struct Samples(Vec<(f64, f64)>);

impl Samples {
    /// Adds one: when, since any time that is the same for all of them, and how many bytes.
    #[expect(clippy::cast_precision_loss, reason = "a size is far below 2^52")]
    pub fn add(&mut self, at: Duration, bytes: u64) {
        self.0.push((at.as_secs_f64(), bytes as f64));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The growth in bytes a second that fits best, by least squares; zero of fewer than two.
    #[expect(clippy::cast_precision_loss, reason = "there are few samples")]
    pub fn slope(&self) -> f64 {
        let count = self.0.len() as f64;
        let sum = |of: fn(&(f64, f64)) -> f64| self.0.iter().map(of).sum::<f64>();
        let (times, sizes) = (sum(|(at, _)| *at), sum(|(_, size)| *size));
        let spread = count * sum(|(at, _)| at * at) - times * times;
        if spread == 0.0 {
            return 0.0;
        }
        (count * sum(|(at, size)| at * size) - times * sizes) / spread
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_is_that_of_the_line_through_the_samples() {
        let mut samples = Samples::default();
        assert_eq!(samples.slope(), 0.0);
        for second in 0..10 {
            let noise = [100, 0, 0, 100][second % 4];
            samples.add(
                Duration::from_secs(second as u64),
                5000 + noise + 300 * second as u64,
            );
        }
        assert!((samples.slope() - 300.0).abs() < 5.0, "{}", samples.slope());
    }

    #[test]
    fn this_process_has_memory_and_descriptors() {
        let own = std::process::id();
        assert!(resident_bytes(own).expect("it runs") > 100_000);
        assert!(descriptors(own).expect("it runs") > 2);
    }
}
