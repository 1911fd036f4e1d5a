//! Who asks, and the clients that the listings of a process share.

use std::time::{Duration, SystemTime};

use anyhow::Result;
use koodrive::{AccessToken, Client, Session};
use reqwest::redirect;

pub const USER: &str = "1765263620687613825";
pub const TOKEN: &str = "5e1fa1b0c2d34e5f60718293a4b5c6d7e8f9010203040506";

pub struct Account {
    pub url: String,
    pub http: reqwest::Client,
    pub koodrive: Client,
}

impl Account {
    /// With `session`, `koodrive` has a token that is about to expire.
    pub fn new(url: &str, session: bool) -> Result<Self> {
        let koodrive = Client::builder().endpoint(url).user_id(USER);
        let koodrive = if session {
            let expiry = SystemTime::now() + Duration::from_secs(1);
            koodrive.credentials(Session::new(TOKEN, TOKEN).expires_at(expiry))
        } else {
            koodrive.credentials(AccessToken::new(TOKEN))
        };
        Ok(Self { url: url.to_owned(), http: http()?, koodrive: koodrive.build()? })
    }
}

/// An HTTP client with the settings of `koodrive`, for all alternatives.
fn http() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(Duration::from_secs(15))
        .no_proxy()
        .build()
}
