//! The clients that the listings of a process share.

use std::time::{Duration, SystemTime};

use anyhow::Result;
use koodrive::{AccessToken, Client, Session};

use crate::hand_written::{TOKEN, USER, http};

pub struct Service {
    pub url: String,
    pub http: reqwest::Client,
    pub koodrive: Client,
}

impl Service {
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
