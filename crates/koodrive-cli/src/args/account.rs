//! The commands about the account, and the demo in its place.

use clap::builder::NonEmptyStringValueParser;

use super::shared::{AlbumArgs, number_of_files};

/// Sign in, and keep the session for the other commands
///
/// Asks for what is not given. If standard input is not a terminal, each answer is a line of it; the endpoint is
/// not asked for then. Secrets are never arguments. The session is refreshed as needed; only its owner can read the
/// file that holds it.
#[derive(clap::Args)]
#[command(after_long_help = include_str!("../help/login.txt"))]
pub(crate) struct LoginArgs {
    /// Base URL of the service [default: KOODRIVE_ENDPOINT, or the international site]
    #[arg(long, value_name = "URL", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) endpoint: Option<String>,

    /// Name of the carrier (the vendor's x-hw-agentName)
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) agent: Option<String>,

    /// Account name or mobile number
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) account: Option<String>,

    /// Take tokens in place of a password, for an account that is not a carrier's
    #[arg(long, conflicts_with_all = ["agent", "account"])]
    pub(crate) token: bool,

    /// KooDrive user id, with --token
    #[arg(long, value_name = "ID", requires = "token", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) user: Option<String>,
}

/// Check what a listing needs, and say what to do where something is wrong
///
/// Checks the account, the endpoint, the connection, the clock, and one listing: of the album, if one is named,
/// or of the albums. Nothing secret is printed.
#[derive(clap::Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) album: AlbumArgs,
}

/// Serve the built-in albums on this machine, to any client, until Ctrl-C
///
/// Prints the environment variables that point a client at it, and other ways to use it. The account is
/// fictitious; the links lead to pictures.
#[derive(clap::Args)]
#[command(
    after_long_help = "Example:\n  koodrive demo --port 8080 > demo.sh &\n  sleep 1; . ./demo.sh; koodrive list"
)]
pub(crate) struct DemoArgs {
    /// Number of files in the album
    #[arg(long, default_value_t = 1000, allow_negative_numbers = true, value_parser = number_of_files)]
    pub(crate) files: u64,

    /// Port to listen on, at 127.0.0.1; 0 picks a free one
    #[arg(short, long, default_value_t = 0, allow_negative_numbers = true, value_parser = port)]
    pub(crate) port: u16,
}

fn port(text: &str) -> Result<u16, &'static str> {
    text.parse().map_err(|_| "expected a port from 0 to 65535")
}
