//! `koodrive login` and `koodrive logout`: the beginning and the end of a stored session.

use std::{error::Error as _, sync::Arc};

use koodrive::{
    AccessToken, Client, Error, ErrorKind, Session, SessionTokens, endpoint::INTERNATIONAL,
};
use secrecy::ExposeSecret as _;

use crate::{
    account::{Account, CredentialKind},
    args::LoginArgs,
    exit::Exit,
    prompt,
    report::{self, AccountHint, UsageError, usage},
    session_file::{SessionFile, StoredSession},
    stop_signal::StopSignal,
};

pub(crate) async fn run(args: LoginArgs) -> anyhow::Result<Exit> {
    let mut stop = StopSignal::listen()?;
    let file = SessionFile::of_login()?;
    let named = match &args.endpoint {
        Some(endpoint) => Some(endpoint.clone()),
        None => Account::of_settings()?.named_endpoint().map(str::to_owned),
    };
    let signing_in = async {
        let endpoint = match named {
            Some(endpoint) => endpoint,
            None => prompt::line_or("Endpoint (a carrier has its own)", INTERNATIONAL).await?,
        };
        check(&endpoint)?;
        if args.token {
            with_tokens(args, endpoint).await
        } else {
            with_password(args, endpoint).await
        }
    };
    let session = stop.unless(signing_in).await??;
    let _lock = file.lock()?;
    file.write(&session)?;
    let StoredSession { endpoint, user_id, .. } = session;
    report::note(&format!(
        "signed in to {endpoint} as user {user_id}; the session is in {}",
        file.name()
    ));
    Ok(Exit::Complete)
}

/// A wrong endpoint is told before anything secret is asked.
fn check(endpoint: &str) -> Result<(), UsageError> {
    let nobody = Client::builder().user_id("0").credentials(AccessToken::new("0"));
    let client = nobody.endpoint(endpoint).build();
    client.map(drop).map_err(|error| usage(error.to_string()))
}

async fn with_password(args: LoginArgs, endpoint: String) -> anyhow::Result<StoredSession> {
    let agent = answer(args.agent, "Carrier (agent name)").await?;
    let account = answer(args.account, "Account name or mobile number").await?;
    let password = prompt::secret("Password").await?;
    let login = Session::login(&endpoint, &agent, &account, password).await.map_err(|error| {
        let credentials = CredentialKind::Password;
        let hint = AccountHint { credentials, endpoint: endpoint.clone() };
        report::failed("cannot sign in", error, &hint)
    })?;
    Ok(StoredSession { endpoint, user_id: login.user_id, tokens: login.tokens })
}

/// Tokens from elsewhere. The service is not asked about them.
async fn with_tokens(args: LoginArgs, endpoint: String) -> anyhow::Result<StoredSession> {
    let user_id = answer(args.user, "User id").await?;
    let access_token = prompt::secret("Access token").await?;
    let refresh_token = prompt::secret("Refresh token").await?;
    let (access_token, refresh_token) =
        (access_token.expose_secret().trim(), refresh_token.expose_secret().trim());
    let tokens = SessionTokens::new(access_token, refresh_token, None);
    // Whether such a client can be built.
    let session = Session::from(tokens.clone());
    Client::builder().endpoint(&endpoint).user_id(&user_id).credentials(session).build()?;
    Ok(StoredSession { endpoint, user_id, tokens })
}

async fn answer(given: Option<String>, question: &str) -> anyhow::Result<String> {
    match given {
        Some(given) => Ok(given),
        None => prompt::line(question).await,
    }
}

/// Ends the session at the service, and removes it here even if that fails.
pub(crate) async fn end() -> anyhow::Result<Exit> {
    let mut stop = StopSignal::listen()?;
    let file = SessionFile::of_login()?;
    // Until the file is removed, no other login can store a session in it.
    let Some((_lock, stored)) = file.locked()? else {
        report::note(&format!("not signed in: no session is stored in {}", file.name()));
        return Ok(Exit::Complete);
    };
    let StoredSession { endpoint, user_id, .. } = stored.clone();
    let ended = stop.unless(session(&file, stored).logout(&endpoint, &user_id)).await?;
    file.remove()?;
    Ok(match ended {
        Ok(()) => {
            report::note(&format!("signed out of {endpoint}"));
            Exit::Complete
        }
        Err(error) if is_over(&error) => {
            report::note(&format!("signed out of {endpoint}, where the session had ended before"));
            Exit::Complete
        }
        Err(error) => {
            let exit = report::error(&error.into());
            report::note(&format!(
                "the session is removed here, but {endpoint} was not told: its tokens stay valid until they expire"
            ));
            exit
        }
    })
}

/// A session whose file is locked. Should the logout be stopped, the next one needs the newest tokens.
fn session(file: &SessionFile, stored: StoredSession) -> Session {
    let file = file.clone();
    Session::from(stored.tokens.clone()).on_refresh(move |tokens| {
        let _ = file.write(&StoredSession { tokens: tokens.clone(), ..stored.clone() });
    })
}

/// Whether the service refused the tokens. A refresh that fails for another reason ends no session.
fn is_over(error: &Error) -> bool {
    let refresh = error.source().and_then(|cause| cause.downcast_ref::<Arc<Error>>());
    match refresh.map(|refresh| refresh.kind()) {
        Some(kind) => matches!(kind, ErrorKind::Api | ErrorKind::Unauthorized),
        None => error.kind() == ErrorKind::Unauthorized,
    }
}
