//! What a program was told: words such as `sessions=100`.

use std::str::FromStr;

/// The arguments of a program that have the form `key=value`, and those before them.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    words: Vec<String>,
    pairs: Vec<(String, String)>,
}

impl Settings {
    /// What this program was started with.
    pub fn of_program() -> Self {
        Self::of(std::env::args().skip(1))
    }

    /// These arguments.
    pub fn of(arguments: impl Iterator<Item = String>) -> Self {
        let mut settings = Self::default();
        for argument in arguments {
            match argument.split_once('=') {
                Some((key, value)) => settings.pairs.push((key.to_owned(), value.to_owned())),
                None => settings.words.push(argument),
            }
        }
        settings
    }

    /// The words that are no pairs.
    pub fn words(&self) -> Vec<&str> {
        self.words.iter().map(String::as_str).collect()
    }

    /// The value of a key, if it was given.
    ///
    /// # Errors
    ///
    /// That the value is none of that type.
    pub fn get<T: FromStr>(&self, key: &str) -> Result<Option<T>, String> {
        let Some((_, value)) = self.pairs.iter().find(|(name, _)| name == key) else {
            return Ok(None);
        };
        let parsed = value.parse();
        Ok(Some(
            parsed.map_err(|_| format!("{key} cannot be {value:?}"))?,
        ))
    }

    /// The value of a key that has to be given.
    ///
    /// # Errors
    ///
    /// That it was not given, or is none of that type.
    pub fn need<T: FromStr>(&self, key: &str) -> Result<T, String> {
        self.get(key)?.ok_or_else(|| format!("{key}=… is missing"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_found_by_their_keys_and_words_keep_their_order() {
        let told = ["http", "127.0.0.1:1", "sessions=5"].map(str::to_owned);
        let settings = Settings::of(told.into_iter());
        assert_eq!(settings.words(), ["http", "127.0.0.1:1"]);
        assert_eq!(settings.get::<u64>("sessions"), Ok(Some(5)));
        assert_eq!(settings.get::<u64>("idle"), Ok(None));
        assert!(settings.need::<u64>("idle").is_err());
        assert!(settings.get::<std::net::SocketAddr>("sessions").is_err());
    }
}
