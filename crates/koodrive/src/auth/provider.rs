//! The caller's own source of tokens.

use std::{error::Error as StdError, pin::Pin, sync::Arc};

use super::credentials::AccessToken;

type BoxError = Box<dyn StdError + Send + Sync>;
type Provided = Result<AccessToken, BoxError>;

/// A source of access tokens, asked when there is none yet, ahead of the expiry of the last, and when
/// the service refused it. One call at a time; clones of a client share what it returns.
///
/// ```
/// use std::error::Error;
///
/// use koodrive::{AccessToken, Client, Credentials, TokenProvider};
///
/// /// A file that another process renews.
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
    /// A token that holds now, with its [expiry](AccessToken::expires_at) if it is known. It is given
    /// 30 seconds.
    ///
    /// # Errors
    ///
    /// Becomes the [`source`](StdError::source) of an error of kind
    /// [`Credentials`](crate::ErrorKind::Credentials), for every request that waits for the token.
    /// Its texts should hold no secret.
    fn token(&self) -> impl Future<Output = Provided> + Send;
}

/// A provider whose type is forgotten.
#[derive(Clone)]
pub(crate) struct AnyProvider(Arc<dyn Erased>);

impl AnyProvider {
    pub(crate) fn new(provider: impl TokenProvider) -> Self {
        Self(Arc::new(provider))
    }

    pub(crate) fn token(&self) -> Pin<Box<dyn Future<Output = Provided> + Send + '_>> {
        self.0.token()
    }
}

trait Erased: Send + Sync {
    fn token(&self) -> Pin<Box<dyn Future<Output = Provided> + Send + '_>>;
}

impl<P: TokenProvider> Erased for P {
    fn token(&self) -> Pin<Box<dyn Future<Output = Provided> + Send + '_>> {
        Box::pin(TokenProvider::token(self))
    }
}
