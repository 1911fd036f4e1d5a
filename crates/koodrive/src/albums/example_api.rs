//! What the generator would write for the example operation.

use koodrive_api::{Client, Error};
use progenitor_client::{ClientHooks as _, ClientInfo as _, OperationInfo, ResponseValue};
use serde_json::Value;

use crate::wire::operation::Reply;

pub(super) async fn list_numbers(
    api: &Client,
    page: u64,
    date: &str,
    trace_id: &str,
    user_id: &str,
) -> Reply<Value> {
    let info = OperationInfo { operation_id: "list_numbers" };
    let mut request = api
        .client()
        .get(format!("{}/numbers", api.baseurl()))
        .query(&[("pageNum", page)])
        .header("x-date", date)
        .header("x-traceid", trace_id)
        .header("x-user-id", user_id)
        .build()?;
    api.pre::<()>(&mut request, &info).await?;
    match api.exec(request, &info).await? {
        response if response.status() == 200 => ResponseValue::from_response(response).await,
        response => Err(Error::UnexpectedResponse(response)),
    }
}
