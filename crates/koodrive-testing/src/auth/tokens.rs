//! The tokens of the one account: which are good, and what a refresh makes of them.
//!
//! A state machine without clock, lock or socket: the time is always a parameter.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::hash::hash;

/// The life that the vendor's example gives a token.
const LIFE: Duration = Duration::from_secs(1800);
/// What the vendor's example has before a token that it hands out.
const SCHEME: &str = "AT ";

/// How sessions behave where the vendor leaves it open.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rules {
    /// The life of every token; if not set, the first one's has no end and the others' is [`LIFE`].
    pub(crate) life: Option<Duration>,
    /// Whether a refresh replaces the refresh token, too.
    pub(crate) rotating: bool,
}

/// What an access token is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Valid,
    Expired,
    Revoked,
    Unknown,
}

/// What a refresh gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) access_token: String,
    pub(crate) life: Duration,
    pub(crate) issued_at: Timestamp,
    pub(crate) refresh_token: String,
}

/// Every access token that was ever handed out, and the one refresh token.
pub(crate) struct Tokens {
    rules: Rules,
    /// By the token without its scheme.
    handed_out: BTreeMap<String, State>,
    newest_access_token: String,
    refresh_token: String,
    /// Names this account, so that two accounts are given different tokens.
    seed: String,
    refreshes: usize,
}

#[derive(Clone, Copy)]
struct State {
    /// The first moment at which it is no longer good; none if that never comes.
    end: Option<Timestamp>,
    revoked: bool,
}

impl Tokens {
    /// The account's first tokens, handed out at `start`; that matters only to a token with an end.
    pub(crate) fn new(
        access_token: &str,
        refresh_token: &str,
        rules: Rules,
        start: Timestamp,
    ) -> Self {
        let first = State { end: rules.life.map(|life| end(start, life)), revoked: false };
        Self {
            rules,
            handed_out: BTreeMap::from([(bare(access_token).to_owned(), first)]),
            newest_access_token: access_token.to_owned(),
            refresh_token: refresh_token.to_owned(),
            seed: format!("{access_token}\n{refresh_token}"),
            refreshes: 0,
        }
    }

    /// What the token in an `Authorization` header is worth, whichever scheme stands before it.
    pub(crate) fn standing(&self, authorization: &str, now: Timestamp) -> Standing {
        match self.handed_out.get(bare(authorization)) {
            None => Standing::Unknown,
            Some(State { revoked: true, .. }) => Standing::Revoked,
            Some(State { end: Some(end), .. }) if now >= *end => Standing::Expired,
            Some(_) => Standing::Valid,
        }
    }

    /// Hands out a new access token for `refresh_token`, or nothing if that is not the newest one.
    /// Access tokens from before stay what they are.
    pub(crate) fn refresh(&mut self, refresh_token: &str, now: Timestamp) -> Option<Session> {
        if refresh_token != self.refresh_token {
            return None;
        }
        self.refreshes = self.refreshes.saturating_add(1);
        let (access_token, life) = (self.token("access"), self.rules.life.unwrap_or(LIFE));
        let state = State { end: Some(end(now, life)), revoked: false };
        self.newest_access_token = format!("{SCHEME}{access_token}");
        self.handed_out.insert(access_token, state);
        if self.rules.rotating {
            self.refresh_token = self.token("refresh");
        }
        Some(Session {
            access_token: self.newest_access_token.clone(),
            life,
            issued_at: now,
            refresh_token: self.refresh_token.clone(),
        })
    }

    /// Makes an access token worthless; one that was never handed out already is.
    pub(crate) fn revoke(&mut self, token: &str) {
        if let Some(state) = self.handed_out.get_mut(bare(token)) {
            state.revoked = true;
        }
    }

    /// Makes every access token worthless that was handed out until now.
    pub(crate) fn revoke_all(&mut self) {
        self.handed_out.values_mut().for_each(|state| state.revoked = true);
    }

    /// As it was handed out: with its scheme, if it had one.
    pub(crate) fn newest_access_token(&self) -> &str {
        &self.newest_access_token
    }

    /// The one that the next refresh has to bring.
    pub(crate) fn refresh_token(&self) -> &str {
        &self.refresh_token
    }

    pub(crate) fn refreshes(&self) -> usize {
        self.refreshes
    }

    /// 48 hexadecimal digits, as the vendor shows, the same ones in every run of a test.
    fn token(&self, kind: &str) -> String {
        let name = format!("{kind}\n{}\n{}", self.refreshes, self.seed);
        hash(name.as_bytes()).chars().take(48).collect()
    }
}

fn end(start: Timestamp, life: Duration) -> Timestamp {
    start.checked_add(life).unwrap_or(Timestamp::MAX)
}

/// A token without its scheme: the vendor writes `Bearer+…`, `Bearer …`, `AT …` and nothing.
fn bare(value: &str) -> &str {
    let schemes = ["Bearer ", "Bearer+", SCHEME];
    schemes.iter().find_map(|scheme| value.strip_prefix(scheme)).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    const FIRST: &str = "3b911d723003f70a";
    const REFRESH: &str = "0e0e72d3c7e9e444";

    fn at(seconds: i64) -> Timestamp {
        let start: Timestamp = "2025-11-03T07:01:40Z".parse().unwrap();
        start.checked_add(SignedDuration::from_secs(seconds)).unwrap()
    }

    fn tokens(rules: Rules) -> Tokens {
        Tokens::new(FIRST, REFRESH, rules, at(0))
    }

    fn short_lived() -> Tokens {
        tokens(Rules { life: Some(Duration::from_secs(60)), ..Rules::default() })
    }

    #[test]
    fn every_written_form_of_a_token_is_accepted_and_no_other() {
        let (tokens, known, unknown) =
            (tokens(Rules::default()), Standing::Valid, Standing::Unknown);
        for (value, standing) in [
            (FIRST.to_owned(), known),
            (format!("Bearer {FIRST}"), known),
            (format!("Bearer+{FIRST}"), known),
            (format!("AT {FIRST}"), known),
            (format!("bearer {FIRST}"), unknown),
            (format!("Bearer Bearer {FIRST}"), unknown),
            (format!("Bearer AT {FIRST}"), unknown),
            (format!("Bearer  {FIRST}"), unknown),
            (format!("Basic {FIRST}"), unknown),
            (format!("Bearer {FIRST}0"), unknown),
            ("Bearer other".to_owned(), unknown),
            (REFRESH.to_owned(), unknown),
            (String::new(), unknown),
        ] {
            assert_eq!(tokens.standing(&value, at(0)), standing, "{value}");
        }
    }

    #[test]
    fn a_token_that_holds_its_scheme_is_accepted_as_it_was_handed_out() {
        let tokens = Tokens::new("AT 3b91", REFRESH, Rules::default(), at(0));
        for value in ["AT 3b91", "Bearer 3b91", "3b91"] {
            assert_eq!(tokens.standing(value, at(0)), Standing::Valid, "{value}");
        }
        assert_eq!(tokens.newest_access_token(), "AT 3b91");
    }

    #[test]
    fn the_first_token_ends_only_if_a_life_was_set() {
        assert_eq!(tokens(Rules::default()).standing(FIRST, Timestamp::MAX), Standing::Valid);
        for (seconds, standing) in
            [(0, Standing::Valid), (59, Standing::Valid), (60, Standing::Expired)]
        {
            assert_eq!(short_lived().standing(FIRST, at(seconds)), standing, "{seconds}");
        }
    }

    #[test]
    fn a_refresh_hands_out_a_token_and_leaves_the_others_alone() {
        let mut tokens = short_lived();
        let session = tokens.refresh(REFRESH, at(40)).unwrap();
        assert_eq!((session.life, session.issued_at), (Duration::from_secs(60), at(40)));
        for (seconds, first, second) in [
            (40, Standing::Valid, Standing::Valid),
            (60, Standing::Expired, Standing::Valid),
            (100, Standing::Expired, Standing::Expired),
        ] {
            assert_eq!(tokens.standing(FIRST, at(seconds)), first, "{seconds}");
            assert_eq!(tokens.standing(&session.access_token, at(seconds)), second, "{seconds}");
        }
    }

    #[test]
    fn without_a_set_life_a_refreshed_token_lives_for_half_an_hour() {
        let mut tokens = tokens(Rules::default());
        let token = tokens.refresh(REFRESH, at(0)).unwrap().access_token;
        assert_eq!(tokens.standing(&token, at(1799)), Standing::Valid);
        assert_eq!(tokens.standing(&token, at(1800)), Standing::Expired);
    }

    #[test]
    fn a_life_without_measure_ends_with_the_calendar() {
        let mut tokens = tokens(Rules { life: Some(Duration::MAX), ..Rules::default() });
        let token = tokens.refresh(REFRESH, at(0)).unwrap().access_token;
        assert_eq!(tokens.standing(&token, at(1_000_000_000)), Standing::Valid);
    }

    #[test]
    fn every_token_looks_like_the_vendors_and_is_like_no_other() {
        let rotating = Rules { rotating: true, ..Rules::default() };
        let mut seen = std::collections::HashSet::new();
        for mut tokens in [tokens(rotating), Tokens::new("other", REFRESH, rotating, at(0))] {
            for _ in 0..50 {
                let newest = tokens.refresh_token().to_owned();
                let session = tokens.refresh(&newest, at(0)).unwrap();
                let access_token = session.access_token.strip_prefix("AT ").unwrap().to_owned();
                for token in [access_token, session.refresh_token] {
                    assert_eq!(token.len(), 48, "{token}");
                    assert!(token.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
                    assert!(seen.insert(token));
                }
            }
        }
    }

    #[test]
    fn a_refresh_token_stays_unless_it_rotates() {
        for (rotating, reusable) in [(false, true), (true, false)] {
            let mut tokens = tokens(Rules { rotating, ..Rules::default() });
            let newest = tokens.refresh(REFRESH, at(0)).unwrap().refresh_token;
            assert_eq!(newest, tokens.refresh_token());
            assert_eq!(newest == REFRESH, reusable);
            assert_eq!(tokens.refresh(REFRESH, at(1)).is_some(), reusable);
            assert!(tokens.refresh(&newest, at(2)).is_some());
        }
    }

    #[test]
    fn an_unknown_refresh_token_changes_nothing() {
        let mut tokens = tokens(Rules { rotating: true, ..Rules::default() });
        for unknown in ["", "0e0e", FIRST] {
            assert_eq!(tokens.refresh(unknown, at(0)), None, "{unknown}");
        }
        assert_eq!((tokens.refreshes(), tokens.newest_access_token()), (0, FIRST));
        assert_eq!(tokens.refresh_token(), REFRESH);
    }

    #[test]
    fn a_revoked_token_is_worthless_but_the_next_one_is_not() {
        let mut tokens = tokens(Rules::default());
        tokens.revoke(&format!("Bearer {FIRST}"));
        tokens.revoke("never handed out");
        assert_eq!(tokens.standing(FIRST, at(0)), Standing::Revoked);

        let second = tokens.refresh(REFRESH, at(0)).unwrap().access_token;
        assert_eq!(tokens.standing(&second, at(0)), Standing::Valid);
        tokens.revoke_all();
        assert_eq!(tokens.standing(&second, at(0)), Standing::Revoked);
        let third = tokens.refresh(REFRESH, at(0)).unwrap().access_token;
        assert_eq!(tokens.standing(&third, at(0)), Standing::Valid);
        assert_eq!(tokens.standing("never handed out", at(0)), Standing::Unknown);
    }
}
