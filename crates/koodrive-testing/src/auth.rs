//! Access control: tokens, signatures and the checks of a request.

pub(crate) mod access;
pub(crate) mod canonical;
pub(crate) mod signature;
pub(crate) mod tokens;
