//! The credentials that a caller gives, and the authorization that each attempt gets from them: a fixed
//! token, a signature, or the newest token of a session or provider.

pub(crate) mod access_token;
pub(crate) mod app;
pub(crate) mod credentials;
pub(crate) mod login;
pub(crate) mod provider;
mod refresh;
pub(crate) mod session;
mod session_calls;
pub(crate) mod session_store;
pub(crate) mod session_tokens;
mod shared_tokens;
mod token;
mod token_cache;
mod token_state;
