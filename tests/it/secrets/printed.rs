//! The secrets that the tests plant, and the search for them.

use std::error::Error as StdError;
use std::fmt::{Debug, Display};

use koodrive::Error;

use super::records;
use crate::support::chain;

pub(super) const TOKEN: &str = "tokenCanary5e1fa1b0c2d3";
pub(super) const USER: &str = "userCanary1765263620687613825";
/// Contains characters that a URL encodes.
pub(super) const CURSOR: &str = "cursorCanary+a/b=c d&e";
pub(super) const URL: &str = "https://obs.example.com/photoCanary?X-Amz-Signature=signatureCanary";
pub(super) const APP_ID: &str = "appIdCanarya378331eca14";
pub(super) const APP_SECRET: &str = "appSecretCanaryc3d2e1f00f1e";
pub(super) const REFRESH_TOKEN: &str = "refreshCanary+9f8e7d6c5b4a/3928==";
/// The token that a refresh returns.
pub(super) const NEW_TOKEN: &str = "AT newTokenCanary3b911d723003";
pub(super) const NEW_REFRESH_TOKEN: &str = "newRefreshCanary1706f5e4d3c2";
pub(super) const ACCOUNT: &str = "accountCanary 13800000000";
/// Contains characters that URLs, JSON and HTML escape.
pub(super) const PASSWORD: &str = "passwordCanary \"é<&='\\/+%passwordCanary";

/// The parts that identify the secrets above in every spelling. None may be found.
const CANARIES: [&str; 12] = [
    "tokenCanary",
    "userCanary",
    "cursorCanary",
    "photoCanary",
    "signatureCanary",
    "appIdCanary",
    "appSecretCanary",
    "refreshCanary",
    "newTokenCanary",
    "newRefreshCanary",
    "accountCanary",
    "passwordCanary",
];

/// The texts that a program may print.
pub(super) struct Printed {
    texts: Vec<String>,
    secrets: Vec<String>,
}

impl Printed {
    pub(super) fn new() -> Self {
        records::start();
        Self { texts: Vec::new(), secrets: CANARIES.map(str::to_owned).into() }
    }

    pub(super) fn text(&mut self, text: impl Into<String>) {
        self.texts.push(text.into());
    }

    pub(super) fn debug(&mut self, value: &impl Debug) {
        self.texts.extend([format!("{value:?}"), format!("{value:#?}")]);
    }

    pub(super) fn display(&mut self, value: &impl Display) {
        self.texts.extend([format!("{value}"), format!("{value:#}")]);
    }

    pub(super) fn error(&mut self, error: &Error) {
        self.texts.extend(error.code().map(str::to_owned));
        self.causes(error);
    }

    /// Any error and its causes.
    pub(super) fn causes(&mut self, error: &(impl StdError + 'static)) {
        for cause in chain(error) {
            self.debug(&cause);
            self.display(&cause);
        }
    }

    /// Adds a secret that is known only once it was sent.
    pub(super) fn must_not_show(&mut self, secret: impl Into<String>) {
        self.secrets.push(secret.into());
    }

    /// Each secret that a text shows, with the text.
    pub(super) fn found(&self) -> Vec<(&str, &str)> {
        found(&self.secrets, &self.texts)
    }

    /// Also searches the records of the whole process. What a test running beside this one logs is
    /// found by one of the two.
    pub(super) fn assert_clean(&self, what: &str) {
        assert!(!self.texts.is_empty(), "{what} printed nothing");
        assert_eq!(self.found(), [], "{what} shows a secret");
        let records = records::suspicious();
        assert_eq!(
            found(&self.secrets, &records),
            [],
            "{what}, or a test beside it, logs a secret"
        );
    }
}

fn found<'a>(secrets: &'a [String], texts: &'a [String]) -> Vec<(&'a str, &'a str)> {
    let pairs = texts.iter().flat_map(|text| secrets.iter().map(move |secret| (secret, text)));
    let found = pairs.filter(|(secret, text)| text.contains(secret.as_str()));
    found.map(|(secret, text)| (secret.as_str(), text.as_str())).collect()
}
