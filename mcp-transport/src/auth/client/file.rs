//! Credentials in files that nobody else may read.

use std::io::ErrorKind;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::store::{CredentialKey, CredentialStore, Loading, Storing};
use crate::auth::Secret;
use crate::http_client::BoxError;
use crate::private_file;

/// Keeps credentials in a folder, one file each, which only this user may read (mode 0600 where
/// there are modes). A file that others may read is not used.
///
/// Several processes may share a folder: a file is replaced as a whole.
#[derive(Debug, Clone)]
pub struct FileStore {
    folder: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Entry<'a> {
    /// For people who look into the folder, and against names that clash.
    key: String,
    credential: std::borrow::Cow<'a, str>,
}

impl FileStore {
    /// A store in this folder, which is made when it is first needed.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    fn path(&self, key: &CredentialKey) -> PathBuf {
        let name = BASE64URL.encode(digest(&SHA256, key.to_string().as_bytes()));
        self.folder.join(format!("{name}.json"))
    }

    fn read(&self, key: &CredentialKey) -> Result<Option<Secret<String>>, BoxError> {
        let Some(text) = private_file::read(&self.path(key))? else {
            return Ok(None);
        };
        let entry: Entry<'_> = serde_json::from_str(&text)?;
        let found = (entry.key == key.to_string()).then(|| entry.credential.into_owned());
        Ok(found.map(Secret::new))
    }

    fn write(&self, key: &CredentialKey, credential: &Secret<String>) -> Result<(), BoxError> {
        let entry = Entry {
            key: key.to_string(),
            credential: credential.expose().as_str().into(),
        };
        private_file::write(&self.path(key), &serde_json::to_string(&entry)?)?;
        Ok(())
    }

    fn delete(&self, key: &CredentialKey) -> Result<(), BoxError> {
        match std::fs::remove_file(self.path(key)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// The files are small and local, so they are read and written where they are asked for.
impl CredentialStore for FileStore {
    fn load<'a>(&'a self, key: &'a CredentialKey) -> Loading<'a> {
        Box::pin(async { self.read(key) })
    }

    fn save<'a>(&'a self, key: &'a CredentialKey, credential: Secret<String>) -> Storing<'a> {
        Box::pin(async move { self.write(key, &credential) })
    }

    fn remove<'a>(&'a self, key: &'a CredentialKey) -> Storing<'a> {
        Box::pin(async { self.delete(key) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_kept_in_a_file_is_there_in_the_next_run() {
        let name = super::super::random::text().expect("a name");
        let folder = std::env::temp_dir().join(format!("toolwright-{name}"));
        let key = CredentialKey::new("https://as.example", None);
        let store = FileStore::new(&folder);
        assert!(store.load(&key).await.expect("told").is_none());
        for value in ["first", "second"] {
            store.save(&key, value.into()).await.expect("kept");
            let next = FileStore::new(&folder);
            let found = next.load(&key).await.expect("told").expect("kept");
            assert_eq!(found.expose(), value);
        }
        assert_eq!(std::fs::read_dir(&folder).expect("a folder").count(), 1);
        store.remove(&key).await.expect("forgotten");
        store.remove(&key).await.expect("forgotten already");
        assert!(store.load(&key).await.expect("told").is_none());
        std::fs::remove_dir_all(&folder).expect("a folder");
    }
}
