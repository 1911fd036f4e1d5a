//! The account's settings, from environment variables and the configuration file.
//!
//! Values may be secret, so no message repeats a value or a line of the file.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use etcetera::BaseStrategy as _;
use secrecy::SecretString;

use crate::private_file;

/// The keys of the file. The variables are these in upper case, after `KOODRIVE_`.
const KEYS: [&str; 7] =
    ["endpoint", "user_id", "access_token", "refresh_token", "app_id", "app_secret", "album_id"];
const SECRETS: [&str; 3] = ["access_token", "refresh_token", "app_secret"];

/// The settings of one source.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) endpoint: Option<String>,
    pub(crate) user_id: Option<String>,
    pub(crate) access_token: Option<SecretString>,
    pub(crate) refresh_token: Option<SecretString>,
    pub(crate) app_id: Option<String>,
    pub(crate) app_secret: Option<SecretString>,
    pub(crate) album_id: Option<String>,
}

impl Settings {
    fn read(value: impl Fn(&str) -> anyhow::Result<Option<String>>) -> anyhow::Result<Self> {
        let value = |key| value(key).map(|value| value.filter(|value| !value.is_empty()));
        Ok(Self {
            endpoint: value("endpoint")?,
            user_id: value("user_id")?,
            access_token: value("access_token")?.map(SecretString::from),
            refresh_token: value("refresh_token")?.map(SecretString::from),
            app_id: value("app_id")?,
            app_secret: value("app_secret")?.map(SecretString::from),
            album_id: value("album_id")?,
        })
    }

    pub(crate) fn have_credentials(&self) -> bool {
        let secrets = [&self.access_token, &self.refresh_token, &self.app_secret];
        self.app_id.is_some() || secrets.iter().any(|secret| secret.is_some())
    }

    /// Settings from environment variables.
    pub(crate) fn from_variables() -> anyhow::Result<Self> {
        Self::read(|key| {
            let name = format!("KOODRIVE_{}", key.to_ascii_uppercase());
            match env::var(&name) {
                Ok(value) => Ok(Some(value)),
                Err(env::VarError::NotPresent) => Ok(None),
                Err(env::VarError::NotUnicode(_)) => bail!("{name} is not valid UTF-8"),
            }
        })
    }

    /// Settings from the configuration file. Empty if the file does not exist and was not named.
    pub(crate) fn from_file() -> anyhow::Result<Self> {
        let Some((path, must_exist)) = path() else {
            return Ok(Self::default());
        };
        match fs::read_to_string(&path) {
            Ok(text) => Self::from_toml(&path, &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !must_exist => {
                Ok(Self::default())
            }
            Err(error) => Err(error)
                .with_context(|| format!("cannot read the configuration file {}", path.display())),
        }
    }

    fn from_toml(path: &Path, text: &str) -> anyhow::Result<Self> {
        let table = parse(path, text)?;
        if let Some(unknown) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
            let (path, known) = (path.display(), KEYS.join(", "));
            bail!("unknown key `{}` in {path}; expected one of {known}", unknown.escape_debug());
        }
        if SECRETS.iter().any(|key| table.contains_key(*key)) {
            private_file::check_permissions(path)?;
        }
        Self::read(|key| match table.get(key) {
            None => Ok(None),
            Some(toml::Value::String(value)) => Ok(Some(value.clone())),
            Some(_) => bail!("`{key}` in {} is not a string; put it in quotes", path.display()),
        })
    }
}

/// The path of the file, and whether `KOODRIVE_CONFIG` named it.
fn path() -> Option<(PathBuf, bool)> {
    if let Some(path) = env::var_os("KOODRIVE_CONFIG").filter(|path| !path.is_empty()) {
        return Some((path.into(), true));
    }
    let directories = etcetera::choose_base_strategy().ok()?;
    Some((directories.config_dir().join("koodrive").join("config.toml"), false))
}

/// The path of the file, for messages.
pub(crate) fn display_path() -> String {
    path().map_or_else(
        || "the file named by KOODRIVE_CONFIG".to_owned(),
        |(path, _)| path.display().to_string(),
    )
}

fn parse(path: &Path, text: &str) -> anyhow::Result<toml::Table> {
    text.parse().map_err(|error: toml::de::Error| {
        // The parser's own message quotes the line, which may hold a secret.
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count().saturating_add(1);
        let path = path.display();
        anyhow::anyhow!(
            "{path} is not valid TOML at line {line}; expected lines like user_id = \"1765…\""
        )
    })
}
