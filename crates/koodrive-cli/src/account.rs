//! The album to list, and the client for it: of an account, or of the demo.

use anyhow::bail;
use koodrive::{AccessToken, AppCredentials, Client, Credentials, endpoint};
use koodrive_testing::AlbumServer;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    config::{self, Settings},
    demo, patience,
    report::AccountHint,
    state::{Source, SourceAccount},
};

/// An album to list, and the client to list it with.
pub(crate) struct Album {
    pub(crate) client: Client,
    pub(crate) id: String,
    pub(crate) source: Source,
    /// Whether an app's id and secret sign the requests.
    pub(crate) is_app: bool,
    /// The demo's server, which stops when dropped.
    _server: Option<AlbumServer>,
}

impl Album {
    /// What messages need to know.
    pub(crate) fn hint(&self) -> AccountHint {
        let account = self.source.account.as_ref();
        let endpoint = account.map(|account| account.endpoint.clone()).unwrap_or_default();
        AccountHint { is_app: self.is_app, endpoint }
    }

    /// Opens the album `id` of the demo or of the account. Without an id, opens the demo's own album or the
    /// one in the settings. The account is loaded unless it was before.
    pub(crate) async fn open(
        demo: Option<u64>,
        id: Option<&str>,
        account: Option<Account>,
    ) -> anyhow::Result<Self> {
        match demo {
            Some(files) => Ok(Self::of_demo(files, id).await),
            None => Self::of_account(id, account.map_or_else(Account::load, Ok)?),
        }
    }

    async fn of_demo(files: u64, id: Option<&str>) -> Self {
        let server = demo::server(files, id).await;
        let (client, id) = (server.client(), server.album_id().to_owned());
        let source = Source { album: id.clone(), account: None };
        Self { client, id, source, is_app: false, _server: Some(server) }
    }

    fn of_account(id: Option<&str>, account: Account) -> anyhow::Result<Self> {
        let Some(id) = id.map(str::to_owned).or(account.album_id()) else {
            bail!(crate::report::UsageError(
                "no album: pass an album id, set KOODRIVE_ALBUM_ID, or try --demo".to_owned()
            ));
        };
        let Some(user_id) = account.user_id() else {
            let path = config::display_path();
            bail!("no user: set KOODRIVE_USER_ID to a KooDrive user id, or user_id in {path}");
        };
        let endpoint = account.endpoint();
        let (credentials, is_app) = credentials(account.variables, account.file)?;
        let builder = Client::builder().user_id(&user_id).credentials(credentials);
        let client = builder.endpoint(&endpoint).retry(patience::retry_policy()).build()?;
        let source =
            Source { album: id.clone(), account: Some(SourceAccount { user_id, endpoint }) };
        Ok(Self { client, id, source, is_app, _server: None })
    }
}

/// The account's settings. Variables take precedence over the file.
pub(crate) struct Account {
    variables: Settings,
    file: Settings,
}

impl Account {
    pub(crate) fn load() -> anyhow::Result<Self> {
        Ok(Self { variables: Settings::from_variables()?, file: Settings::from_file()? })
    }

    pub(crate) fn album_id(&self) -> Option<String> {
        self.variables.album_id.clone().or_else(|| self.file.album_id.clone())
    }

    pub(crate) fn user_id(&self) -> Option<String> {
        self.variables.user_id.clone().or_else(|| self.file.user_id.clone())
    }

    pub(crate) fn endpoint(&self) -> String {
        let named = self.variables.endpoint.as_ref().or(self.file.endpoint.as_ref());
        named.map_or_else(|| endpoint::INTERNATIONAL.to_owned(), Clone::clone)
    }
}

/// Credentials in variables take precedence over those in the file. An app's id and secret may come from
/// different sources. Also returns whether they are an app's.
fn credentials(variables: Settings, file: Settings) -> anyhow::Result<(Credentials, bool)> {
    if let Some(token) = variables.access_token {
        return Ok((access_token(&token), false));
    }
    let is_app = variables.app_id.is_some() || variables.app_secret.is_some();
    if let Some(token) = file.access_token.filter(|_| !is_app) {
        return Ok((access_token(&token), false));
    }
    let app = (variables.app_id.or(file.app_id), variables.app_secret.or(file.app_secret));
    match app {
        (Some(id), Some(secret)) => {
            Ok((AppCredentials::new(id, secret.expose_secret()).into(), true))
        }
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
