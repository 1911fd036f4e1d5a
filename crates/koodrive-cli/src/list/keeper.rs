//! What was written, and the place that was kept of it: the two always go together, first the one and then
//! the other.

use anyhow::Context as _;

use crate::{
    args::Format,
    choices::Choices,
    failure::Usage,
    formats,
    layout::Layout,
    sink::Sink,
    state::{State, StateFile},
    token::Token,
};

/// Where a listing stands before it begins: at its start, at a token, or where its state file says.
pub(super) fn state(
    file: Option<&StateFile>,
    token: Option<Token>,
    choices: Choices,
) -> anyhow::Result<State> {
    let (Some(file), Some(earlier)) = (file, file.map_or(Ok(None), StateFile::load)?) else {
        return Ok(State { token, ..State::new(choices) });
    };
    let choices = choices.going_on_from(earlier.choices.clone()).map_err(|option| {
        let (path, command) = (file.path().display(), earlier.choices.keeping(file.path()));
        Usage(format!(
            "{option} is not what the listing in {path} was begun with\n  \
             to go on with that one: {command}\n  \
             for another one, name another file after --state"
        ))
    })?;
    Ok(State { choices, ..earlier })
}

pub(super) struct Keeper {
    pub(super) state: State,
    file: Option<StateFile>,
    pub(super) sink: Sink,
}

impl Keeper {
    /// Opens what is written to, and keeps the place before anything is.
    pub(super) fn begin(file: Option<StateFile>, mut state: State) -> anyhow::Result<Self> {
        let mut sink = match &state.choices.output {
            None => Sink::stdout(),
            Some(path) if state.token.is_some() => Sink::append(path)?,
            Some(path) => Sink::create(path)?,
        };
        if let Some(place) = state.output {
            sink.go_on_at(place, state.is_orderly)?;
        }
        settle(&mut state, &sink, file.is_some());
        let mut keeper = Self { state, file, sink };
        keeper.save(false)?;
        Ok(keeper)
    }

    pub(super) fn layout(&self) -> Box<dyn Layout> {
        let Choices { format, columns, .. } = self.state.choices.clone();
        let format = format.unwrap_or(Format::Ndjson);
        formats::layout(format, columns, self.state.name_width, is_coloured(&self.sink))
    }

    /// Writes what leads up to `token`, then keeps the place.
    pub(super) fn commit(&mut self, text: &[u8], token: Token) -> anyhow::Result<()> {
        self.write(text)?;
        self.state.token = Some(token);
        self.save(false)
    }

    /// Writes what stands after the last file; there is nothing left to print, ever.
    pub(super) fn complete(&mut self, text: &[u8]) -> anyhow::Result<()> {
        self.write(text)?;
        self.state.is_complete = true;
        self.save(true)
    }

    /// Nothing more is written from here on.
    pub(super) fn close(&mut self) -> anyhow::Result<()> {
        self.save(true)
    }

    fn write(&mut self, text: &[u8]) -> anyhow::Result<()> {
        self.sink.write(text).context("cannot write what was listed")
    }

    fn save(&mut self, is_orderly: bool) -> anyhow::Result<()> {
        self.state.is_orderly = is_orderly;
        let Some(file) = &self.file else { return Ok(()) };
        self.state.output = self.sink.place()?;
        file.save(&self.state)
    }

    /// The command that goes on; `None` where that would be to begin.
    pub(super) fn way_on(&self) -> Option<String> {
        let choices = &self.state.choices;
        match (&self.file, &self.state.token) {
            (_, None) => None,
            (Some(file), _) => Some(choices.keeping(file.path())),
            (None, Some(token)) => {
                token.is_under_way().then(|| choices.resuming(&token.to_string()))
            }
        }
    }
}

/// Decides what nobody chose, once for all parts; a token alone keeps no width of an earlier part.
fn settle(state: &mut State, sink: &Sink, is_kept: bool) {
    let usual = if sink.is_terminal() { Format::Table } else { Format::Ndjson };
    let format = *state.choices.format.get_or_insert(usual);
    let is_decided = is_kept && state.printed() > 0;
    if format == Format::Table && sink.is_terminal() && !is_decided {
        state.name_width = Some(formats::name_width(state.choices.columns.as_deref()));
    }
}

fn is_coloured(sink: &Sink) -> bool {
    sink.is_terminal()
        && anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
}
