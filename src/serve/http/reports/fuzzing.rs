//! What a request for a report asks for, for `crate::fuzzing`.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::form::Form;
use super::order::Asked;
use crate::serve::Limits;
use crate::serve::http::fault::Fault;

/// What fields ask for, with a file or without.
pub(in crate::serve::http) fn asked(
    fields: &Map<String, Value>,
    file: Option<(String, Vec<u8>)>,
) -> Result<(), Fault> {
    Asked::of_fields(fields, file, &Limits::default()).map(drop)
}

/// Reads a form.
pub(in crate::serve::http) async fn read(body: Bytes, kind: &str) -> Result<Form, Fault> {
    Form::read(body, kind).await
}
