//! The service, as an account or the demo reaches it.

use anyhow::Context as _;
use koodrive::Client;
use koodrive_testing::AlbumServer;

use crate::{
    account::{Account, CredentialKind},
    config,
    demo::Demo,
    patience::Limits,
    report::AccountHint,
    state::SourceAccount,
};

pub(crate) struct Service {
    pub(crate) client: Client,
    /// What messages need to know.
    pub(crate) hint: AccountHint,
    /// `None` for the demo.
    pub(crate) account: Option<SourceAccount>,
    pub(crate) limits: Limits,
    /// The demo's server, which stops when dropped.
    _server: Option<AlbumServer>,
}

/// Whose albums the service has.
pub(crate) enum Owner {
    Demo(Demo),
    Account(Box<Account>),
}

impl Owner {
    /// The demo, if it is asked for; otherwise the account.
    pub(crate) fn load(demo: Option<Demo>) -> anyhow::Result<Self> {
        match demo {
            Some(demo) => Ok(Self::Demo(demo)),
            None => Account::load().map(Box::new).map(Self::Account),
        }
    }

    pub(crate) fn account(&self) -> Option<&Account> {
        match self {
            Self::Demo(_) => None,
            Self::Account(account) => Some(account),
        }
    }
}

impl Service {
    /// `album_id` is the id of the demo's first album.
    pub(crate) async fn open(owner: Owner, album_id: Option<&str>) -> anyhow::Result<Self> {
        match owner {
            Owner::Demo(demo) => Ok(Self::of_demo(demo.start(album_id).await)),
            Owner::Account(account) => Self::of_account(&account),
        }
    }

    fn of_demo(server: AlbumServer) -> Self {
        Self {
            client: server.client(),
            hint: AccountHint { credentials: CredentialKind::AccessToken, endpoint: server.uri() },
            account: None,
            limits: Limits::default(),
            _server: Some(server),
        }
    }

    fn of_account(account: &Account) -> anyhow::Result<Self> {
        let (user_id, endpoint) = (account.required_user_id()?, account.endpoint());
        let (limits, granted) = (account.limits()?, account.credentials()?);
        let builder = Client::builder().user_id(&user_id).credentials(granted.credentials);
        let builder = builder.retry(limits.retry_policy()).timeouts(limits.timeouts());
        let client = builder.endpoint(&endpoint).build().with_context(|| {
            let path = config::display_path();
            format!("the account is not valid; it is set in KOODRIVE_ variables, {path} or by `koodrive login`")
        })?;
        let hint = AccountHint { credentials: granted.kind, endpoint: endpoint.clone() };
        let account = Some(SourceAccount { user_id, endpoint });
        Ok(Self { client, hint, account, limits, _server: None })
    }
}
