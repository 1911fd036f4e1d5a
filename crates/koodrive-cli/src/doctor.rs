//! `koodrive doctor`: checks what a listing needs, one thing after another. What depends on something that is
//! wrong is not checked.

mod page;
mod probe;

use std::time::SystemTime;

use futures::TryStreamExt as _;
use indicatif::HumanDuration;

use self::page::{Finding, Page};
use crate::{
    account::{Account, CredentialKind},
    album::{Album, Wanted},
    args::DoctorArgs,
    demo::Demo,
    exit::Exit,
    report,
    service::Service,
    stop_signal::StopSignal,
    text::{files, sanitized},
};

/// How many seconds the clock may be off: requests are dated that much back.
const CLOCK_MARGIN: u64 = 60;

pub(crate) async fn run(args: DoctorArgs) -> anyhow::Result<Exit> {
    let mut stop = StopSignal::listen()?;
    let mut page = Page::new();
    let examined = stop.unless(examine(args, &mut page)).await;
    Ok(examined.map_or_else(|reason| reason, |()| page.exit()))
}

async fn examine(args: DoctorArgs, page: &mut Page) {
    let demo = args.album.service.demo.map(Demo::live);
    let account = match demo {
        Some(_) => None,
        None => match load() {
            Ok((account, who)) => {
                page.add("account", Finding::Good(who));
                Some(account)
            }
            Err(error) => {
                return page.fail(
                    "account",
                    &error,
                    &["endpoint", "connection", "clock", "listing"],
                );
            }
        },
    };
    let default = account.as_ref().and_then(Account::album);
    let album = args.album.album.or(default).map(Wanted::Words);
    let service = match Service::open(demo, None, account).await {
        Ok(service) => service,
        Err(error) => return page.fail("endpoint", &error, &["connection", "clock", "listing"]),
    };
    let endpoint = &service.hint.endpoint;
    page.add("endpoint", resolve(endpoint).await);
    let is_connected = match probe::lead(endpoint).await {
        Ok(lead) => {
            page.add("connection", Finding::Good("the service answers".to_owned()));
            page.add("clock", clock(lead));
            true
        }
        Err(reason) => {
            page.add("connection", unreachable(endpoint, reason));
            page.skip(&["clock", "listing"]);
            false
        }
    };
    if is_connected {
        match list(service, album).await {
            Ok(what) => page.add("listing", Finding::Good(what)),
            Err(error) => page.fail("listing", &error, &[]),
        }
    }
}

/// The account, and what to say of it.
fn load() -> anyhow::Result<(Account, String)> {
    let account = Account::load()?;
    let (user_id, granted) = (account.required_user_id()?, account.credentials()?);
    let kind = match granted.kind {
        CredentialKind::AccessToken => "access token",
        CredentialKind::Session => "session",
        CredentialKind::App => "app id and secret",
    };
    let life = granted.expires_at.map(|at| match at.duration_since(SystemTime::now()) {
        Ok(left) => format!("; its access token expires in {}", HumanDuration(left)),
        Err(_) => "; its access token has expired, and is refreshed when it is needed".to_owned(),
    });
    let (origin, life) = (granted.origin, life.unwrap_or_default());
    Ok((account, format!("user {user_id}, {kind} from {origin}{life}")))
}

/// Behind a proxy, the name need not resolve on this machine; the connection shows whether it does there.
async fn resolve(endpoint: &str) -> Finding {
    match probe::addresses(endpoint).await {
        Ok(count) => Finding::Good(format!("{endpoint} ({count} addresses)")),
        Err(reason) => Finding::Bad {
            what: format!("{endpoint} does not resolve: {reason}"),
            tip: Some(
                "check KOODRIVE_ENDPOINT (or endpoint in the configuration file) and the network; \
                 behind a proxy, this may be as it should be"
                    .to_owned(),
            ),
        },
    }
}

fn unreachable(endpoint: &str, reason: String) -> Finding {
    let tip = format!(
        "check that {endpoint} is KooDrive's URL, and whether a proxy or firewall is in between (HTTPS_PROXY)"
    );
    Finding::Bad { what: reason, tip: Some(tip) }
}

fn clock(lead: Option<i64>) -> Finding {
    let Some(lead) = lead else {
        return Finding::Good("not compared: the service's response has no date".to_owned());
    };
    let (seconds, side) = (lead.unsigned_abs(), if lead < 0 { "behind" } else { "ahead of" });
    match seconds {
        0 => Finding::Good("the same as the service's".to_owned()),
        1..=CLOCK_MARGIN => Finding::Good(format!("{seconds} s {side} the service's")),
        _ => Finding::Bad {
            what: format!("{seconds} s {side} the service's"),
            tip: Some(
                "set this machine's clock; until then, requests are corrected by the service's"
                    .to_owned(),
            ),
        },
    }
}

/// Lists a page: of the album, or of the albums.
async fn list(service: Service, album: Option<Wanted>) -> anyhow::Result<String> {
    let Some(album) = album else {
        let hint = service.hint.clone();
        let listed = service.client.list_albums().stream().try_next().await;
        let first =
            listed.map_err(|error| report::failed("cannot list the albums", error, &hint))?;
        return Ok(match first {
            Some(_) => "the albums are listed".to_owned(),
            None => "the list of albums is empty".to_owned(),
        });
    };
    let album = Album::find(service, album).await?;
    let (client, hint) = (&album.service.client, &album.service.hint);
    let page = client.list_album_content(album.id()).page_size(1).send().await;
    let page = page.map_err(|error| report::failed("cannot list the album", error, hint))?;
    let total = page.total().map_or_else(|| "files".to_owned(), |total| files(total).to_string());
    Ok(format!("album {}: {total}", sanitized(album.id())))
}
