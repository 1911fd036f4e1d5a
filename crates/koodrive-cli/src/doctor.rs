//! `koodrive doctor`: checks what a listing needs, one thing after another. What depends on something that is
//! wrong is not checked.

mod page;
mod probe;

use std::time::SystemTime;

use futures::TryStreamExt as _;
use indicatif::HumanDuration;

use self::page::Page;
use crate::{
    account::{Account, CredentialKind},
    album::{Album, Wanted},
    args::{AlbumArgs, DoctorArgs},
    demo::Demo,
    exit::Exit,
    report,
    service::{Owner, Service},
    stop_signal::StopSignal,
    text::{files, sanitized},
};

/// How many seconds the clock may be off: requests are dated that much back.
const CLOCK_MARGIN: u64 = 60;

const RESOLVE: &str = "check KOODRIVE_ENDPOINT (or endpoint in the configuration file) and the network; behind a \
     proxy, this may be as it should be";
const CONNECT: &str = "check KOODRIVE_ENDPOINT (or endpoint in the configuration file), and whether a proxy or a \
     firewall is in between";
const CLOCK: &str =
    "set this machine's clock; until then, the client corrects the dates of its requests";

pub(crate) async fn run(args: DoctorArgs) -> anyhow::Result<Exit> {
    let mut stop = StopSignal::listen()?;
    let mut page = Page::default();
    stop.unless(examine(args.album, &mut page)).await?;
    Ok(page.exit())
}

async fn examine(args: AlbumArgs, page: &mut Page) {
    let (service, album) = match open(args, page).await {
        Ok(opened) => opened,
        Err(error) => {
            page.fail("account", &error);
            return page.skip(&["endpoint", "connection", "clock", "listing"]);
        }
    };
    let endpoint = &service.hint.endpoint;
    match probe::resolve(endpoint).await {
        Ok(()) => page.good("endpoint", endpoint),
        Err(reason) => page.bad("endpoint", &format!("{endpoint}: {reason}"), Some(RESOLVE)),
    }
    match probe::lead(endpoint).await {
        Ok(lead) => {
            page.good("connection", "the service answers");
            compare_clocks(lead, page);
        }
        Err(reason) => {
            page.bad("connection", &reason, Some(CONNECT));
            return page.skip(&["clock", "listing"]);
        }
    }
    match list(service, album).await {
        Ok(listed) => page.good("listing", &listed),
        Err(error) => page.fail("listing", &error),
    }
}

/// The service, and the album to list. Says whose account it is.
async fn open(args: AlbumArgs, page: &mut Page) -> anyhow::Result<(Service, Option<Wanted>)> {
    let owner = Owner::load(args.service.demo.map(Demo::Live))?;
    let album = args.album.or_else(|| owner.account()?.album());
    let who = owner.account().map_or_else(|| Ok("the demo's".to_owned()), describe)?;
    let service = Service::open(owner, None).await?;
    page.good("account", &who);
    Ok((service, album.map(Wanted::Words)))
}

fn describe(account: &Account) -> anyhow::Result<String> {
    let (user_id, granted) = (account.required_user_id()?, account.credentials()?);
    let kind = match granted.kind {
        CredentialKind::Session => "session",
        CredentialKind::App => "app id and secret",
        CredentialKind::AccessToken | CredentialKind::Password => "access token",
    };
    let life = granted.expires_at.map(|at| match at.duration_since(SystemTime::now()) {
        Ok(left) => format!("; its access token expires in {}", HumanDuration(left)),
        Err(_) => "; its access token has expired, and will be refreshed".to_owned(),
    });
    Ok(format!("user {user_id}, {kind} from {}{}", granted.origin, life.unwrap_or_default()))
}

fn compare_clocks(lead: Option<i64>, page: &mut Page) {
    let Some(lead) = lead else {
        return page.good("clock", "not compared: the service's response has no date");
    };
    let (seconds, side) = (lead.unsigned_abs(), if lead < 0 { "behind" } else { "ahead of" });
    let what = format!("{seconds} s {side} the service's");
    match seconds {
        0 => page.good("clock", "the same as the service's"),
        1..=CLOCK_MARGIN => page.good("clock", &what),
        _ => page.bad("clock", &what, Some(CLOCK)),
    }
}

/// Lists the album, or the albums.
async fn list(service: Service, album: Option<Wanted>) -> anyhow::Result<String> {
    let Some(album) = album else {
        let listed = service.client.list_albums().stream().try_next().await;
        let listed =
            listed.map_err(|it| report::failed("cannot list the albums", it, &service.hint))?;
        return Ok(
            if listed.is_some() { "albums are listed" } else { "there are no albums" }.to_owned()
        );
    };
    let album = Album::find(service, album).await?;
    let (client, hint) = (&album.service.client, &album.service.hint);
    let page = client.list_album_content(album.id()).page_size(1).send().await;
    let page = page.map_err(|error| report::failed("cannot list the album", error, hint))?;
    let total = page.total().map_or_else(|| "files".to_owned(), |total| files(total).to_string());
    Ok(format!("album {}: {total}", sanitized(album.id())))
}
