//! Shell completions and manual pages, generated from the arguments.

use std::io;

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;

use crate::{
    args::Args,
    exit::Exit,
    pipe,
    report::{UsageError, usage},
};

pub(crate) fn completions(shell: Shell) -> anyhow::Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "koodrive", &mut text);
    print(&text)
}

/// Prints the page of a subcommand, or of the command itself.
pub(crate) fn man(subcommand: Option<&str>) -> anyhow::Result<Exit> {
    let mut command = Args::command();
    command.build();
    let page = match subcommand {
        None => command,
        Some(name) => page_of(&command, name)?,
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    print(with_lines_as_they_are(&String::from_utf8(text)?).as_bytes())
}

/// The text after the options has lines of up to 80 columns: it begins at the margin, and is not filled.
fn with_lines_as_they_are(page: &str) -> String {
    const HEADING: &str = "\n.SH EXTRA\n";
    let Some((before, rest)) = page.split_once(HEADING) else { return page.to_owned() };
    let (text, after) = rest.split_once("\n.SH ").unwrap_or((rest, ""));
    format!("{before}{HEADING}.nf\n.in 0\n{text}\n.fi\n.in\n.SH {after}")
}

fn page_of(command: &Command, name: &str) -> Result<Command, UsageError> {
    let page = command.find_subcommand(name).cloned();
    let page = page.ok_or_else(|| {
        let name = name.escape_debug();
        usage(format!("unrecognized subcommand `{name}`; `koodrive help` lists them"))
    })?;
    Ok(page.name(format!("koodrive-{name}")))
}

fn print(text: &[u8]) -> anyhow::Result<Exit> {
    pipe::print(text, io::stdout())?;
    Ok(Exit::Complete)
}
