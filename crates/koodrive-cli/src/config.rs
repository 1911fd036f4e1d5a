//! The account's settings, from environment variables and the configuration file: its keys before the first
//! section, or those of a profile's section.
//!
//! Values may be secret, so no message repeats a value or a line of the file.

use std::{
    collections::HashMap,
    env, fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use anyhow::{Context as _, anyhow, bail};
use clap::ValueEnum;
use etcetera::BaseStrategy as _;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{choices::word, paths, patience::Limits, private_file};

/// The keys of the file. The variables are these in upper case, after `KOODRIVE_`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Key {
    Endpoint,
    UserId,
    AccessToken,
    RefreshToken,
    AppId,
    AppSecret,
    AlbumId,
    Timeout,
    MaxAttempts,
}

/// Those that are not about an account.
const LIMITS: [Key; 2] = [Key::Timeout, Key::MaxAttempts];
const SECRETS: [Key; 3] = [Key::AccessToken, Key::RefreshToken, Key::AppSecret];
/// The table of the sections.
const PROFILE: &str = "profile";
/// The profile whose keys are before the sections.
const DEFAULT: &str = "default";

impl Key {
    /// The name of the variable.
    pub(crate) fn variable(self) -> String {
        format!("KOODRIVE_{}", word(&self).to_ascii_uppercase())
    }
}

/// Options of every command: what they say in the place of variables holds for the whole process, like those.
#[derive(clap::Args, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Everywhere {
    /// Use this profile's account [default: KOODRIVE_PROFILE]
    #[arg(long, global = true, value_name = "NAME", value_parser = parse_profile)]
    pub(crate) profile: Option<String>,

    #[command(flatten)]
    pub(crate) limits: Limits,

    /// Print each request, retry, wait and token refresh on standard error, in place of progress
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,

    /// Append the same to this file, as lines of JSON; only its owner can read it
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
}

static CHOSEN: OnceLock<Everywhere> = OnceLock::new();

/// Sets what the arguments say, once, before anything is read.
pub(crate) fn choose(chosen: Everywhere) {
    // A second time does not happen.
    let _ = CHOSEN.set(chosen);
}

pub(crate) fn chosen() -> &'static Everywhere {
    CHOSEN.get_or_init(Everywhere::default)
}

/// The profile in use; `None` for the default one.
pub(crate) fn profile() -> anyhow::Result<Option<String>> {
    let variable = env::var("KOODRIVE_PROFILE").ok().filter(|name| !name.is_empty());
    let name = match (&chosen().profile, variable) {
        (Some(name), _) => name.clone(),
        (None, Some(name)) => parse_profile(&name)
            .map_err(|what| anyhow!("KOODRIVE_PROFILE is no profile: {what}"))?,
        (None, None) => return Ok(None),
    };
    Ok(Some(name).filter(|name| name != DEFAULT))
}

/// A name that is a key in TOML and a part of a file's name.
///
/// # Errors
///
/// What was expected.
pub(crate) fn parse_profile(name: &str) -> Result<String, &'static str> {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let is_name = is_plain && (1..=64).contains(&name.len());
    is_name.then(|| name.to_owned()).ok_or("expected letters, digits, - and _")
}

/// The command that signs in to the profile in use.
pub(crate) fn login_command() -> String {
    match profile() {
        Ok(Some(name)) => format!("`koodrive login --profile {name}`"),
        _ => "`koodrive login`".to_owned(),
    }
}

/// The settings of one source. None is empty.
#[derive(Default)]
pub(crate) struct Settings(HashMap<Key, SecretString>);

impl Settings {
    fn read(value: impl Fn(Key) -> anyhow::Result<Option<String>>) -> anyhow::Result<Self> {
        let mut settings = HashMap::new();
        for key in Key::value_variants() {
            let value = value(*key)?.filter(|value| !value.is_empty());
            settings.extend(value.map(|value| (*key, value.into())));
        }
        Ok(Self(settings))
    }

    pub(crate) fn get(&self, key: Key) -> Option<&str> {
        self.0.get(&key).map(SecretString::expose_secret)
    }

    pub(crate) fn have_credentials(&self) -> bool {
        self.0.contains_key(&Key::AppId) || SECRETS.iter().any(|key| self.0.contains_key(key))
    }

    /// Settings from environment variables. An argument for a profile overrides those about an account.
    pub(crate) fn from_variables() -> anyhow::Result<Self> {
        let is_overridden = chosen().profile.is_some();
        Self::read(|key| {
            if is_overridden && !LIMITS.contains(&key) {
                return Ok(None);
            }
            let name = key.variable();
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
            Err(error) if !must_exist && paths::is_missing(&error) => Ok(Self::default()),
            Err(error) => Err(error)
                .with_context(|| format!("cannot read the configuration file {}", path.display())),
        }
    }

    fn from_toml(path: &Path, text: &str) -> anyhow::Result<Self> {
        let mut tables = tables(path, text)?;
        tables.values().try_for_each(|table| check_keys(path, table))?;
        if SECRETS.iter().any(|key| tables.values().any(|table| table.contains_key(&word(key)))) {
            private_file::check_permissions(path)?;
        }
        let table = tables.remove(&profile()?.unwrap_or_else(|| DEFAULT.to_owned()));
        Self::read(|key| match table.as_ref().and_then(|table| table.get(&word(&key))) {
            None => Ok(None),
            Some(toml::Value::String(value)) => Ok(Some(value.clone())),
            Some(toml::Value::Integer(value)) if LIMITS.contains(&key) => {
                Ok(Some(value.to_string()))
            }
            Some(_) => {
                bail!("`{}` in {} is not a string; put it in quotes", word(&key), path.display())
            }
        })
    }
}

/// The keys by profile.
fn tables(path: &Path, text: &str) -> anyhow::Result<HashMap<String, toml::Table>> {
    let mut table = parse(path, text)?;
    let sections = table.remove(PROFILE).map(toml::Value::try_into::<HashMap<_, _>>);
    let mut tables = sections
        .transpose()
        .map_err(|_| {
            let path = path.display();
            anyhow!("`{PROFILE}` in {path} is not a section; expected lines like [profile.work]")
        })?
        .unwrap_or_default();
    if tables.insert(DEFAULT.to_owned(), table).is_some() {
        bail!(
            "{} has a section [{PROFILE}.{DEFAULT}]; put the keys of the default profile before the first section",
            path.display()
        );
    }
    Ok(tables)
}

fn check_keys(path: &Path, table: &toml::Table) -> anyhow::Result<()> {
    let known: Vec<String> = Key::value_variants().iter().map(word).collect();
    if let Some(unknown) = table.keys().find(|key| !known.contains(key)) {
        let (path, known) = (path.display(), known.join(", "));
        let section = if table.get(unknown).is_some_and(toml::Value::is_table) {
            "; a profile's section begins with [profile.NAME]"
        } else {
            ""
        };
        bail!(
            "unknown key `{}` in {path}; expected one of {known}{section}",
            unknown.escape_debug()
        );
    }
    Ok(())
}

/// The path of the file, and whether `KOODRIVE_CONFIG` named it.
fn path() -> Option<(PathBuf, bool)> {
    if let Some(path) = env::var_os("KOODRIVE_CONFIG").filter(|path| !path.is_empty()) {
        return Some((path.into(), true));
    }
    let directories = etcetera::choose_base_strategy().ok()?;
    Some((directories.config_dir().join("koodrive").join("config.toml"), false))
}

/// The path of the file, for messages, with the section.
pub(crate) fn display_path() -> String {
    let path = path().map_or_else(
        || "the file named by KOODRIVE_CONFIG".to_owned(),
        |(path, _)| path.display().to_string(),
    );
    match profile() {
        Ok(Some(name)) => format!("[profile.{name}] of {path}"),
        _ => path,
    }
}

fn parse(path: &Path, text: &str) -> anyhow::Result<toml::Table> {
    text.parse().map_err(|error: toml::de::Error| {
        // The parser's own message quotes the line, which may hold a secret.
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count().saturating_add(1);
        let path = path.display();
        anyhow!(
            "{path} is not valid TOML at line {line}; expected lines like user_id = \"1765...\""
        )
    })
}
