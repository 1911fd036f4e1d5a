//! The album to list, and the client for it: of an account, or of the demo.

use anyhow::bail;
use koodrive::{AccessToken, AppCredentials, Client, Credentials};
use koodrive_testing::AlbumServer;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    config::{self, Settings},
    demo,
};

/// An album to list, and the client to list it with.
pub(crate) struct Album {
    pub(crate) client: Client,
    pub(crate) id: String,
    /// The demo's server, which stops when dropped.
    _server: Option<AlbumServer>,
}

impl Album {
    /// Opens the album `id` of the demo or of the account. Without an id, opens the demo's own album or the
    /// one in the settings.
    pub(crate) async fn open(demo: Option<u64>, id: Option<&str>) -> anyhow::Result<Self> {
        match demo {
            Some(files) => Ok(Self::of_demo(files, id).await),
            None => Self::of_account(id),
        }
    }

    async fn of_demo(files: u64, id: Option<&str>) -> Self {
        let server = demo::server(files, id).await;
        let (client, id) = (server.client(), server.album_id().to_owned());
        Self { client, id, _server: Some(server) }
    }

    fn of_account(id: Option<&str>) -> anyhow::Result<Self> {
        let (variables, file) = (Settings::from_variables()?, Settings::from_file()?);
        let id = id.map(str::to_owned);
        let Some(id) = id.or(variables.album_id.clone()).or(file.album_id.clone()) else {
            bail!(crate::report::UsageError(
                "no album: pass an album id, set KOODRIVE_ALBUM_ID, or try --demo".to_owned()
            ));
        };
        let client = client(variables, file)?;
        Ok(Self { client, id, _server: None })
    }
}

fn client(variables: Settings, file: Settings) -> anyhow::Result<Client> {
    let Some(user_id) = variables.user_id.clone().or(file.user_id.clone()) else {
        let path = config::display_path();
        bail!("no user: set KOODRIVE_USER_ID to a KooDrive user id, or user_id in {path}");
    };
    let endpoint = variables.endpoint.clone().or(file.endpoint.clone());
    let mut builder = Client::builder().user_id(user_id).credentials(credentials(variables, file)?);
    if let Some(endpoint) = endpoint {
        builder = builder.endpoint(&endpoint);
    }
    Ok(builder.build()?)
}

/// Credentials in variables take precedence over those in the file. An app's id and secret may come from
/// different sources.
fn credentials(variables: Settings, file: Settings) -> anyhow::Result<Credentials> {
    if let Some(token) = variables.access_token {
        return Ok(access_token(&token));
    }
    let is_app = variables.app_id.is_some() || variables.app_secret.is_some();
    if let Some(token) = file.access_token.filter(|_| !is_app) {
        return Ok(access_token(&token));
    }
    let app = (variables.app_id.or(file.app_id), variables.app_secret.or(file.app_secret));
    match app {
        (Some(id), Some(secret)) => Ok(AppCredentials::new(id, secret.expose_secret()).into()),
        (Some(_), None) => bail!("app id without app secret: also set KOODRIVE_APP_SECRET"),
        (None, Some(_)) => bail!("app secret without app id: also set KOODRIVE_APP_ID"),
        (None, None) => bail!(
            "no credentials: set KOODRIVE_ACCESS_TOKEN to an access token of the user, or both \
             KOODRIVE_APP_ID and KOODRIVE_APP_SECRET; or set the same keys in {}",
            config::display_path()
        ),
    }
}

fn access_token(token: &SecretString) -> Credentials {
    AccessToken::new(token.expose_secret()).into()
}
