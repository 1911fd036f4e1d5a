//! An operation to copy: a list of numbers by page number, as the service's siblings have them. Retries, token
//! refresh, dates, redaction, polling past errors and checkpoints come from the layers below.

use bytes::Bytes;
use koodrive_api::Client as Api;
use serde_json::Value;

use super::example_api::list_numbers;
use crate::{
    cursor::Cursor,
    error::{Error, ErrorKind, Result},
    paging::{
        listing::{Listing, PageCall},
        page::Batch,
    },
    wire::operation::{Answer, Operation, Reply},
};

pub(super) struct ListNumbers;

impl Listing for ListNumbers {
    type Item = u64;
}

impl PageCall<'_, ListNumbers> {
    /// A page's number is its cursor.
    fn number(&self) -> u64 {
        let cursor = self.request.start.cursor.as_ref();
        cursor.and_then(|cursor| cursor.as_str().parse().ok()).unwrap_or(1)
    }
}

impl Operation for PageCall<'_, ListNumbers> {
    type Wire = Value;
    type Output = Batch<u64>;

    const IS_PAGE: bool = true;

    async fn send(&self, api: &Api, date: &str, trace_id: &str) -> Reply<Value> {
        list_numbers(api, self.number(), date, trace_id, &self.context.user_id).await
    }

    fn decode(&self, wire: Option<Value>, _: &Bytes) -> Result<Answer<Batch<u64>>> {
        let invalid = || Error::new(ErrorKind::Decode, "the response is not a list of numbers");
        let page = wire.ok_or_else(invalid)?;
        let text = |name: &str| page.get(name).and_then(Value::as_str).map(str::to_owned);
        Answer::new(text("code"), text("msg"), || {
            let numbers = page.get("numbers").and_then(Value::as_array).ok_or_else(invalid)?;
            let items: Vec<u64> = numbers.iter().filter_map(Value::as_u64).collect();
            // The list ends with an empty page.
            let next = (!items.is_empty()).then(|| self.number().saturating_add(1).to_string());
            let (unreadable, next) = ([].into(), Cursor::new(next));
            Ok(Batch { items, unreadable, next, total: None })
        })
    }

    fn secrets(&self) -> Vec<&str> {
        vec![&self.context.user_id]
    }
}
