//! Login and logout: the first and the last call of a session.

use std::time::Duration;

use koodrive_api::types::{LoginRequest, LogoutRequest};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::timeout;

use super::{
    refresh::session_cache, session::Session, session_calls::PasswordLogin,
    session_tokens::SessionTokens, token::Token, token_state::LIMIT,
};
use crate::{
    error::{Error, ErrorKind, Result, codes::Codes, text, transport::timed_out},
    input,
    wire::{
        authorization::Authorization,
        clock::Clock,
        endpoint::Endpoint,
        exchange::exchange,
        operation::Operation,
        trace_id,
        transport::{Transport, http_client},
    },
};

const CONNECT: Duration = Duration::from_secs(5);
const READ: Duration = Duration::from_secs(15);

/// What a [login](Session::login) returns.
#[non_exhaustive]
pub struct Login {
    /// The KooDrive id of the user, for [`ClientBuilder::user_id`](crate::ClientBuilder::user_id).
    pub user_id: String,
    /// The new session, for [`ClientBuilder::credentials`](crate::ClientBuilder::credentials).
    pub session: Session,
    /// The tokens of the session, to store them. They are secrets.
    pub tokens: SessionTokens,
}

redacted!(Login);

impl Session {
    /// Signs in with an account and a password (the vendor's "Login", which carriers offer).
    ///
    /// `endpoint` is the base URL of the carrier's service, and `agent` the name of the carrier
    /// (`x-hw-agentName`). `account` is the user's name or mobile number.
    ///
    /// The request goes through the proxy that the environment names, and trusts the system's root
    /// certificates. It is sent once, and takes up to 30 seconds.
    ///
    /// ```no_run
    /// use koodrive::{Client, SecretString, Session};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> koodrive::Result<()> {
    /// # fn ask(_: &str) -> String { String::new() }
    /// let endpoint = "https://drive.carrier.example.com";
    /// let password = SecretString::from(ask("Password: "));
    /// let login = Session::login(endpoint, "carrier", "13800000000", password).await?;
    /// let client = Client::builder()
    ///     .endpoint(endpoint)
    ///     .user_id(login.user_id)
    ///     .credentials(login.session)
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if an argument is blank, or if the endpoint is plain `http` on
    /// another machine, because the password would cross the network in the clear. How the service refuses a
    /// wrong password is not documented: the error is of kind [`Unauthorized`](ErrorKind::Unauthorized),
    /// [`Api`](ErrorKind::Api) or [`Status`](ErrorKind::Status), and its [source](std::error::Error::source)
    /// has the service's words. Otherwise as for any request.
    pub async fn login(
        endpoint: &str,
        agent: &str,
        account: &str,
        password: SecretString,
    ) -> Result<Login> {
        input::line("agent", agent)?;
        input::secret("account", account)?;
        input::secret("password", password.expose_secret())?;
        let request = LoginRequest {
            account: account.to_owned(),
            auth_type: "1".to_owned(),
            captcha_token: None,
            password: password.expose_secret().to_owned(),
        };
        let transport = transport_to(endpoint)?;
        let login = PasswordLogin { agent, request, clock: &transport.clock };
        let outcome = send(&transport, &login, Authorization::None).await;
        let (user_id, tokens) = outcome.map_err(|error| explained(error, &login))?;
        Ok(Login { user_id, session: tokens.clone().into(), tokens })
    }

    /// Ends the session (the vendor's "Logout"). The [`endpoint`](crate::ClientBuilder::endpoint) and the
    /// [`user_id`](crate::ClientBuilder::user_id) are those of its client.
    ///
    /// It ends with its newest tokens: those that a client obtained which was built with a clone of this
    /// session, or those in its [store](Self::stored). An expired access token is refreshed for that. Clients
    /// that still use the session fail from then on. What is stored of it remains there: delete it.
    ///
    /// # Errors
    ///
    /// As for any request. After an error of kind [`Unauthorized`](ErrorKind::Unauthorized), the session has
    /// probably ended before. One of kind [`Credentials`](ErrorKind::Credentials) says why a refresh failed, in its
    /// [source](std::error::Error::source): only if the service refused that, it has ended, too.
    pub async fn logout(&self, endpoint: &str, user_id: &str) -> Result<()> {
        input::word("user id", user_id)?;
        let transport = transport_to(endpoint)?;
        let cache = session_cache(self.clone(), transport.clone())?;
        let token = cache.token().await?;
        match log_out(&transport, &token, user_id).await {
            // It may have expired, or another program may have refreshed it.
            Err(error) if error.kind() == ErrorKind::Unauthorized => {
                cache.refused(token.generation);
                log_out(&transport, &*cache.token().await?, user_id).await
            }
            outcome => outcome,
        }
    }
}

async fn log_out(transport: &Transport, token: &Token, user_id: &str) -> Result<()> {
    let access_token = token.value.to_str().unwrap_or_default().to_owned();
    let request = LogoutRequest { access_token, user_id: user_id.to_owned() };
    send(transport, &request, Authorization::Token(token.value.clone())).await
}

/// Sends once. A request that was lost may have been carried out.
async fn send<O: Operation>(
    transport: &Transport,
    operation: &O,
    authorization: Authorization,
) -> Result<O::Output> {
    let trace_id = trace_id::random();
    let exchange = exchange(transport, operation, authorization, &trace_id);
    let outcome = timeout(LIMIT, exchange).await;
    outcome
        .unwrap_or_else(|_| Err(timed_out(&transport.endpoint.host)))
        .map_err(|error| error.with(|facts| (facts.trace_id, facts.attempts) = (Some(trace_id), 1)))
}

fn transport_to(endpoint: &str) -> Result<Transport> {
    input::inside_tokio()?;
    let endpoint = Endpoint::parse(endpoint, false)?;
    let http = http_client(&endpoint, CONNECT, READ)?;
    Ok(Transport::new(endpoint, http, Clock::default(), Codes::default()))
}

/// What a refusal means to somebody who signs in. The service's own words are the source, unless they still
/// show a secret: one that is too short to be redacted.
fn explained(error: Error, login: &PasswordLogin<'_>) -> Error {
    use ErrorKind::{Api, Status, Throttled, Unauthorized};
    if error.status().is_none() || !matches!(error.kind(), Api | Status | Throttled | Unauthorized)
    {
        return error;
    }
    let message = if error.is_retryable() {
        "the service cannot sign anybody in at the moment; try again later"
    } else {
        "the service refused the login; check the account, the password and the agent"
    };
    let words = error.to_string();
    let has_words = !login.secrets().iter().any(|secret| text::shows(&words, secret));
    Error::new(error.kind(), message).with(|facts| {
        facts.status = error.status();
        facts.code = error.code().filter(|_| has_words).map(str::to_owned);
        facts.trace_id = error.trace_id().map(str::to_owned);
        facts.attempts = error.attempts();
        facts.retry_after = error.retry_after();
        facts.recovery = Some(error.recovery());
        facts.source = has_words.then(|| error.into());
    })
}
