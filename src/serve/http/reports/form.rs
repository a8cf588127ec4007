//! Forms with files: their parts become the fields that JSON has.

use axum::body::Body;
use axum::http::StatusCode;
use bytes::Bytes;
use multer::{Constraints, Multipart, SizeLimit};
use serde_json::{Map, Value};

use super::super::fault::Fault;

/// The part with the file.
pub(super) const FILE: &str = "file";
/// Parts of a form.
const MOST: usize = 32;
/// Bytes of a part that is a setting.
const LONGEST_FIELD: usize = 2_048;
/// Bytes of the name of a file.
const NAME: usize = 255;

/// What a form holds.
#[derive(Debug, Default)]
pub(in crate::serve::http) struct Form {
    /// Its parts that are texts.
    pub fields: Map<String, Value>,
    /// The file with its name.
    pub file: Option<(String, Vec<u8>)>,
}

impl Form {
    /// Reads a form that is there as a whole.
    pub(super) async fn read(body: Bytes, kind: &str) -> Result<Self, Fault> {
        let boundary = multer::parse_boundary(kind).map_err(|_| broken("it names no boundary"))?;
        let limit = SizeLimit::new().whole_stream(body.len() as u64);
        let constraints = Constraints::new().size_limit(limit);
        let stream = Body::from(body).into_data_stream();
        let mut parts = Multipart::with_constraints(stream, boundary, constraints);
        let mut form = Self::default();
        let mut count = 0;
        while let Some(part) = parts.next_field().await.map_err(|error| broken(&error.to_string()))? {
            count += 1;
            if count > MOST {
                return Err(broken("it has too many parts"));
            }
            let Some(name) = part.name().map(str::to_string) else {
                return Err(broken("a part has no name"));
            };
            let file = part.file_name().map(str::to_string);
            let bytes = part.bytes().await.map_err(|error| broken(&error.to_string()))?;
            if name == FILE {
                if form.file.is_some() {
                    return Err(Fault::wrong(FILE, "too_many_files", "A report is made of one file."));
                }
                form.file = Some((safe_name(&file.unwrap_or_default()), bytes.into()));
                continue;
            }
            if name != "input" && bytes.len() > LONGEST_FIELD {
                return Err(broken("a part that is neither input nor file is too long"));
            }
            let text = String::from_utf8(bytes.into()).map_err(|_| broken("a part is no text in UTF-8"))?;
            form.put(name, text);
        }
        Ok(form)
    }

    /// Parts have no types; what is no text in JSON becomes what it says.
    fn put(&mut self, name: String, text: String) {
        let value = match (&*name, text.trim()) {
            ("speed", number) => match number.parse::<f64>() {
                Ok(number) => Value::from(number),
                Err(_) => Value::from(text),
            },
            ("page", "true") => Value::from(true),
            ("page", "false") => Value::from(false),
            ("captions", list) => {
                let mut kinds = match self.fields.remove("captions") {
                    Some(Value::Array(kinds)) => kinds,
                    _ => Vec::new(),
                };
                kinds.extend(list.split(',').map(str::trim).filter(|kind| !kind.is_empty()).map(Value::from));
                Value::from(kinds)
            }
            _ => Value::from(text),
        };
        self.fields.insert(name, value);
    }
}

/// The last part of a name, which tells a format and names no place.
fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(NAME).collect()
}

fn broken(why: &str) -> Fault {
    let message = format!("The body is no whole form: {}.", super::super::fault::shown(why));
    Fault::new(StatusCode::BAD_REQUEST, message).named("invalid_form")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::table_test::each;

    const KIND: &str = "multipart/form-data; boundary=x";

    fn read(body: &[u8], kind: &str) -> Result<Form, Fault> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(Form::read(Bytes::copy_from_slice(body), kind))
    }

    fn body(parts: &[(&str, &str)]) -> Vec<u8> {
        let part = |(head, text): &(&str, &str)| {
            format!("--x\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n")
        };
        let all: String = parts.iter().map(part).collect();
        format!("{all}--x--\r\n").into_bytes()
    }

    #[test]
    fn parts_become_the_fields_of_json() {
        let form = read(
            &body(&[
                ("name=\"title\"", "Port"),
                ("name=\"speed\"", "1.1"),
                ("name=\"page\"", "false"),
                ("name=\"captions\"", "vtt, srt"),
                ("name=\"captions\"", "json"),
                ("name=\"file\"; filename=\"C:\\\\news\\\\../port.md\"", "# Port\r\n\r\n-- x is no end\r\n"),
            ]),
            KIND,
        )
        .unwrap();
        let fields =
            json!({ "title": "Port", "speed": 1.1, "page": false, "captions": ["vtt", "srt", "json"] });
        assert_eq!(Value::Object(form.fields), fields);
        assert_eq!(form.file, Some(("port.md".to_string(), b"# Port\r\n\r\n-- x is no end\r\n".to_vec())));
    }

    #[test]
    fn what_is_no_form_is_refused() {
        let whole = body(&[("name=\"file\"; filename=\"a\"", "One.")]);
        let twice =
            body(&[("name=\"file\"; filename=\"a\"", "One."), ("name=\"file\"; filename=\"b\"", "Two.")]);
        let many = body(&[("name=\"a\"", "b"); MOST + 1]);
        let rows: [(&[u8], &str); 8] = [
            (b"", KIND),
            (b"One.", KIND),
            (&whole, "multipart/form-data"),
            (&whole, "multipart/form-data; boundary=y"),
            (&whole[..whole.len() - 10], KIND),
            (&body(&[("filename=\"a\"", "One.")]), KIND),
            (&twice, KIND),
            (&many, KIND),
        ];
        each(rows, |(body, kind)| {
            assert!(read(body, kind).is_err(), "{kind}: {:?}", String::from_utf8_lossy(body));
        });
    }

    proptest! {
        #[test]
        fn no_body_is_too_odd(odd in proptest::collection::vec(any::<u8>(), 0..400), cut in 0usize..120) {
            let _ = read(&odd, KIND);
            let whole = body(&[("name=\"file\"; filename=\"a\"", "One."), ("name=\"title\"", "x")]);
            let _ = read(&[&whole[..cut.min(whole.len())], &odd].concat(), KIND);
        }
    }
}
