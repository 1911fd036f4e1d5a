//! The life of a token.

use jiff::SignedDuration;

use super::*;

const FIRST: &str = "3b911d723003f70a";
const REFRESH: &str = "0e0e72d3c7e9e444";

fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2025-11-03T07:01:40Z".parse().unwrap();
    start.checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

fn tokens(rules: SessionRules) -> Tokens {
    Tokens::new(FIRST, REFRESH, rules, at(0))
}

fn short_lived() -> Tokens {
    tokens(SessionRules { life: Some(Duration::from_secs(60)), ..SessionRules::default() })
}

#[test]
fn only_the_documented_forms_of_a_token_are_accepted() {
    let (tokens, known, unknown) =
        (tokens(SessionRules::default()), TokenState::Valid, TokenState::Unknown);
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
        assert_eq!(tokens.state(&value, at(0)), standing, "{value}");
    }
}

#[test]
fn a_first_token_may_include_its_scheme() {
    let tokens = Tokens::new("AT 3b91", REFRESH, SessionRules::default(), at(0));
    for value in ["AT 3b91", "Bearer 3b91", "3b91"] {
        assert_eq!(tokens.state(value, at(0)), TokenState::Valid, "{value}");
    }
    assert_eq!(tokens.newest_access_token(), "AT 3b91");
}

#[test]
fn the_first_token_expires_only_if_a_life_is_set() {
    assert_eq!(tokens(SessionRules::default()).state(FIRST, Timestamp::MAX), TokenState::Valid);
    for (seconds, standing) in
        [(0, TokenState::Valid), (59, TokenState::Valid), (60, TokenState::Expired)]
    {
        assert_eq!(short_lived().state(FIRST, at(seconds)), standing, "{seconds}");
    }
}

#[test]
fn a_refresh_issues_a_token_and_does_not_change_the_others() {
    let mut tokens = short_lived();
    let session = tokens.refresh(REFRESH, at(40)).unwrap();
    assert_eq!((session.life, session.issued_at), (Duration::from_secs(60), at(40)));
    for (seconds, first, second) in [
        (40, TokenState::Valid, TokenState::Valid),
        (60, TokenState::Expired, TokenState::Valid),
        (100, TokenState::Expired, TokenState::Expired),
    ] {
        assert_eq!(tokens.state(FIRST, at(seconds)), first, "{seconds}");
        assert_eq!(tokens.state(&session.access_token, at(seconds)), second, "{seconds}");
    }
}

#[test]
fn a_refreshed_token_lives_for_half_an_hour_by_default() {
    let mut tokens = tokens(SessionRules::default());
    let token = tokens.refresh(REFRESH, at(0)).unwrap().access_token;
    assert_eq!(tokens.state(&token, at(1799)), TokenState::Valid);
    assert_eq!(tokens.state(&token, at(1800)), TokenState::Expired);
}

#[test]
fn a_life_beyond_the_calendar_is_accepted() {
    let mut tokens = tokens(SessionRules { life: Some(Duration::MAX), ..SessionRules::default() });
    let token = tokens.refresh(REFRESH, at(0)).unwrap().access_token;
    assert_eq!(tokens.state(&token, at(1_000_000_000)), TokenState::Valid);
}

#[test]
fn tokens_are_unique_and_have_the_vendors_form() {
    let rotating = SessionRules { rotating: true, ..SessionRules::default() };
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
fn a_refresh_token_changes_only_if_it_rotates() {
    for (rotating, reusable) in [(false, true), (true, false)] {
        let mut tokens = tokens(SessionRules { rotating, ..SessionRules::default() });
        let newest = tokens.refresh(REFRESH, at(0)).unwrap().refresh_token;
        assert_eq!(newest, tokens.refresh_token());
        assert_eq!(newest == REFRESH, reusable);
        assert_eq!(tokens.refresh(REFRESH, at(1)).is_some(), reusable);
        assert!(tokens.refresh(&newest, at(2)).is_some());
    }
}

#[test]
fn an_unknown_refresh_token_changes_nothing() {
    let mut tokens = tokens(SessionRules { rotating: true, ..SessionRules::default() });
    for unknown in ["", "0e0e", FIRST] {
        assert_eq!(tokens.refresh(unknown, at(0)), None, "{unknown}");
    }
    assert_eq!((tokens.refreshes(), tokens.newest_access_token()), (0, FIRST));
    assert_eq!(tokens.refresh_token(), REFRESH);
}

#[test]
fn revoking_a_token_does_not_affect_the_next_one() {
    let mut tokens = tokens(SessionRules::default());
    tokens.revoke(&format!("Bearer {FIRST}"));
    tokens.revoke("never issued");
    assert_eq!(tokens.state(FIRST, at(0)), TokenState::Revoked);

    let second = tokens.refresh(REFRESH, at(0)).unwrap().access_token;
    assert_eq!(tokens.state(&second, at(0)), TokenState::Valid);
    tokens.revoke_all();
    assert_eq!(tokens.state(&second, at(0)), TokenState::Revoked);
    let third = tokens.refresh(REFRESH, at(0)).unwrap().access_token;
    assert_eq!(tokens.state(&third, at(0)), TokenState::Valid);
    assert_eq!(tokens.state("never issued", at(0)), TokenState::Unknown);
}

#[test]
fn sessions_are_refreshed_and_end_independently() {
    let mut tokens = tokens(SessionRules { rotating: true, ..SessionRules::default() });
    let (one, other) = (tokens.log_in(at(0)), tokens.log_in(at(0)));
    let renewed = tokens.refresh(&one.refresh_token, at(1)).unwrap();
    assert_ne!(renewed.refresh_token, one.refresh_token);
    assert!(!tokens.log_out("never issued"));
    assert!(tokens.log_out(&one.access_token)); // it also ends what it was renewed to

    let state = |tokens: &Tokens, session: &Session| tokens.state(&session.access_token, at(2));
    for session in [&one, &renewed] {
        assert_eq!(state(&tokens, session), TokenState::Revoked);
        assert_eq!(tokens.refresh(&session.refresh_token, at(2)), None);
    }
    assert_eq!(state(&tokens, &other), TokenState::Valid);
    assert_eq!(tokens.state(FIRST, at(2)), TokenState::Valid);
    assert!(tokens.refresh(&other.refresh_token, at(2)).is_some());
    assert!(tokens.refresh(REFRESH, at(2)).is_some());
}
