//! Plain functions as tools, served over standard input and output.
//!
//! Add it to a host's configuration, for example in `claude_desktop_config.json` or `.mcp.json`:
//!
//! ```json
//! {
//!   "mcpServers": {
//!     "calculator": { "command": "/path/to/target/release/examples/calculator" }
//!   }
//! }
//! ```
//!
//! The functions stay functions: the tests at the end call them as such.

use toolwright::prelude::*;

/// Add two numbers.
#[tool(read_only)]
fn add(
    /// The first addend.
    a: i64,
    /// The second addend.
    b: i64,
) -> Result<i64, ToolError> {
    a.checked_add(b).ok_or_else(|| too_large("sum"))
}

/// Subtract one number from another.
#[tool(read_only)]
fn subtract(
    /// What is subtracted from.
    a: i64,
    /// What is subtracted.
    b: i64,
) -> Result<i64, ToolError> {
    a.checked_sub(b).ok_or_else(|| too_large("difference"))
}

/// Multiply two numbers.
#[tool(read_only)]
fn multiply(
    /// The first factor.
    a: i64,
    /// The second factor.
    b: i64,
) -> Result<i64, ToolError> {
    a.checked_mul(b).ok_or_else(|| too_large("product"))
}

/// Divide one number by another.
#[tool(read_only)]
fn divide(
    /// What is divided.
    dividend: f64,
    /// What it is divided by; anything but zero.
    divisor: f64,
) -> Result<f64, ToolError> {
    if divisor == 0.0 {
        return Err(ToolError::new("division by zero; choose another divisor"));
    }
    let quotient = dividend / divisor;
    if !quotient.is_finite() {
        return Err(ToolError::new("the quotient is too large for a number"));
    }
    Ok(quotient)
}

/// Raise a number to a power.
#[tool(read_only)]
fn power(
    /// What is multiplied by itself.
    base: i64,
    /// How often; square it unless said otherwise.
    #[arg(default = 2)]
    exponent: u32,
) -> Result<i64, ToolError> {
    base.checked_pow(exponent).ok_or_else(|| too_large("power"))
}

/// Overflow is nothing to crash over, and nothing to hide: the model reads what went wrong.
fn too_large(what: &str) -> ToolError {
    ToolError::new(format!("the {what} does not fit into 64 bits"))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> toolwright::Result<()> {
    Server::new("calculator", env!("CARGO_PKG_VERSION"))
        .instructions("Arithmetic, one operation a call.")
        .tool::<(add, subtract, multiply, divide, power)>()
        .serve_stdio()
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_calculates() -> Result<(), ToolError> {
        assert_eq!(add(40, 2)?, 42);
        assert_eq!(subtract(40, 42)?, -2);
        assert_eq!(multiply(6, 7)?, 42);
        assert_eq!(power(-2, 3)?, -8);
        assert!((divide(1.0, 4.0)? - 0.25).abs() < f64::EPSILON);
        Ok(())
    }

    #[test]
    fn what_does_not_fit_is_an_error_that_says_so() {
        let why = |result: Result<i64, ToolError>| result.unwrap_err().to_string();
        assert_eq!(why(add(i64::MAX, 1)), "the sum does not fit into 64 bits");
        assert_eq!(
            why(subtract(i64::MIN, 1)),
            "the difference does not fit into 64 bits"
        );
        assert_eq!(
            why(multiply(i64::MAX, 2)),
            "the product does not fit into 64 bits"
        );
        assert_eq!(why(power(2, 63)), "the power does not fit into 64 bits");
        let quotient = divide(f64::MAX, f64::MIN_POSITIVE).unwrap_err();
        assert_eq!(
            quotient.to_string(),
            "the quotient is too large for a number"
        );
    }

    #[test]
    fn division_by_zero_tells_what_to_do() {
        let error = divide(1.0, 0.0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "division by zero; choose another divisor"
        );
    }
}
