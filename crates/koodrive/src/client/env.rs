//! A client from the environment: the `KOODRIVE_*` variables.

use std::env::{self, VarError};

use super::ClientBuilder;
use crate::{
    auth::{access_token::AccessToken, app::AppCredentials, credentials::Credentials},
    calls::context::Client,
    error::{Error, ErrorKind, Result},
};

impl Client {
    /// A client configured by environment variables:
    ///
    /// | variable | |
    /// |---|---|
    /// | `KOODRIVE_USER_ID` | the KooDrive user id; mandatory |
    /// | `KOODRIVE_ACCESS_TOKEN` | an access token; if it is not set: |
    /// | `KOODRIVE_APP_ID`, `KOODRIVE_APP_SECRET` | the id and the secret of an app |
    /// | `KOODRIVE_ENDPOINT` | the base URL; by default the international site |
    ///
    /// An empty variable counts as not set.
    ///
    /// # Errors
    ///
    /// As for [`ClientBuilder::build`]; the message names the variable.
    pub fn from_env() -> Result<Self> {
        builder(|name| env::var(name))?.build()
    }
}

fn builder(variable: impl Fn(&str) -> Result<String, VarError>) -> Result<ClientBuilder> {
    let read = |name: &str| match variable(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Error::invalid(format!("{name} is not UTF-8"))),
    };
    let message = "KOODRIVE_USER_ID is not set; set it to a KooDrive user id";
    let user_id = read("KOODRIVE_USER_ID")?.ok_or_else(|| Error::invalid(message))?;
    let token = read("KOODRIVE_ACCESS_TOKEN")?;
    let app = (read("KOODRIVE_APP_ID")?, read("KOODRIVE_APP_SECRET")?);
    let credentials: Credentials = match (token, app) {
        (Some(token), _) => AccessToken::new(token).into(),
        (None, (Some(id), Some(secret))) => AppCredentials::new(id, secret).into(),
        _ => {
            return Err(Error::new(
                ErrorKind::Credentials,
                "no credentials: set KOODRIVE_ACCESS_TOKEN to an access token of the user, \
                 or both KOODRIVE_APP_ID and KOODRIVE_APP_SECRET",
            ));
        }
    };
    let builder = Client::builder().user_id(user_id).credentials(credentials);
    let endpoint = read("KOODRIVE_ENDPOINT")?;
    Ok(ClientBuilder { endpoint, ..builder })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(variables: &[(&str, &str)]) -> Result<Client> {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name);
        builder(|name| find(name).map(|(_, v)| (*v).to_owned()).ok_or(VarError::NotPresent))?
            .build()
    }

    #[test]
    fn an_error_names_the_missing_variable() {
        let user = ("KOODRIVE_USER_ID", "1765263620687613825");
        let token = ("KOODRIVE_ACCESS_TOKEN", "013b");
        for (variables, kind, named) in [
            (&[token] as &[_], ErrorKind::InvalidInput, "KOODRIVE_USER_ID"),
            (&[user], ErrorKind::Credentials, "KOODRIVE_ACCESS_TOKEN"),
            (&[user, ("KOODRIVE_APP_ID", "a")], ErrorKind::Credentials, "KOODRIVE_APP_SECRET"),
            (
                &[user, ("KOODRIVE_ACCESS_TOKEN", "")],
                ErrorKind::Credentials,
                "KOODRIVE_ACCESS_TOKEN",
            ),
            (&[user, token, ("KOODRIVE_ENDPOINT", "x")], ErrorKind::InvalidInput, "endpoint"),
        ] {
            let error = outcome(variables).unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
            assert!(error.to_string().contains(named), "{error}");
        }
        assert!(outcome(&[user, token]).is_ok());
        let app = [user, ("KOODRIVE_APP_ID", "a"), ("KOODRIVE_APP_SECRET", "s")];
        assert!(outcome(&app).is_ok());
    }
}
