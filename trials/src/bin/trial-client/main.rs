//! The clients of the trials. The first word says which: `soak`, `nginx`, or one of the trials of
//! scale. What they count goes to standard output, a line each; what broke is the error.

mod nginx;
mod scale;
mod soak;

use trials::settings::Settings;

/// What a trial's end is: nothing to say, or what did not hold.
type Outcome = Result<(), Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Outcome {
    let settings = Settings::of_program();
    match settings.words()[..] {
        ["soak"] => soak::run(&settings).await,
        ["nginx"] => nginx::run(&settings).await,
        ["sessions"] => scale::sessions(&settings).await,
        ["streams"] => scale::streams(&settings).await,
        ["slow"] => scale::slow(&settings).await,
        ["cancels"] => scale::cancels(&settings).await,
        ["churn"] => scale::churn(&settings).await,
        ["schemas"] => scale::schemas(&settings).await,
        ["places"] => scale::places(&settings).await,
        _ => Err(
            "usage: trial-client soak|nginx|sessions|streams|slow|cancels|churn|schemas|places"
                .into(),
        ),
    }
}
