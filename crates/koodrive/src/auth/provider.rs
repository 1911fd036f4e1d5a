//! The caller's own source of tokens.

use std::{error::Error as StdError, sync::Arc, time::Duration};

use super::{
    access_token::AccessToken,
    token::{FreshToken, Token, TokenFuture, TokenSource},
};
use crate::{
    error::{Error, ErrorKind, Result},
    wire::clock::Clock,
};

type Provided = Result<AccessToken, Box<dyn StdError + Send + Sync>>;

/// A source of access tokens. It is asked for the first token, for the next one before that expires, and
/// when the service refuses one. It is called once at a time, and clones of a client share what it
/// returns.
///
/// ```
/// use std::error::Error;
///
/// use koodrive::{AccessToken, Client, Credentials, TokenProvider};
///
/// /// A file that another process keeps up to date.
/// struct TokenFile(std::path::PathBuf);
///
/// impl TokenProvider for TokenFile {
///     async fn token(&self) -> Result<AccessToken, Box<dyn Error + Send + Sync>> {
///         let text = std::fs::read_to_string(&self.0)?;
///         Ok(AccessToken::new(text.trim_end()))
///     }
/// }
///
/// # fn main() -> koodrive::Result<()> {
/// let client = Client::builder()
///     .user_id("1765263620687613825")
///     .credentials(Credentials::provider(TokenFile("token".into())))
///     .build()?;
/// # Ok(())
/// # }
/// ```
pub trait TokenProvider: Send + Sync + 'static {
    /// A token that is valid now, with its [expiry](AccessToken::expires_at) if that is known. The call
    /// may take up to 30 seconds.
    ///
    /// # Errors
    ///
    /// The error becomes the [`source`](StdError::source) of one of kind
    /// [`Credentials`](crate::ErrorKind::Credentials), for every request that waits for the token.
    /// Its text should hold no secret.
    fn token(&self) -> impl Future<Output = Provided> + Send;
}

impl<P: TokenProvider> TokenSource for P {
    fn next<'a>(&'a self, _: Option<Arc<Token>>, clock: &'a Clock) -> TokenFuture<'a> {
        Box::pin(async move { fresh(self.token().await, clock) })
    }
}

fn fresh(provided: Provided, clock: &Clock) -> Result<FreshToken> {
    let token = provided.map_err(|error| {
        let failure = Error::new(ErrorKind::Credentials, "the token provider failed");
        failure.with(|facts| facts.source = Some(error))
    })?;
    let FreshToken { value, life } = FreshToken::new(&token, clock)?;
    let has_expired = life == Some(Duration::ZERO);
    if has_expired && clock.is_told() {
        let message = "the new access token is unusable: it has already expired";
        return Err(Error::new(ErrorKind::Decode, message));
    }
    // This machine's clock may be fast, and without a token no response tells the time.
    Ok(FreshToken { value, life: life.filter(|_| !has_expired) })
}
