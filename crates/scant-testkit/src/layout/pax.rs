//! PAX extended headers: `LENGTH KEY=VALUE\n`, again and again.

use std::collections::BTreeMap;

/// The records of one extended header.
pub(super) type Records = BTreeMap<String, Vec<u8>>;

/// The records, or what is wrong with them.
pub(super) fn parse(mut bytes: &[u8]) -> Result<Records, String> {
    let mut records = Records::new();
    while !bytes.is_empty() {
        let (record, rest) = split(bytes).ok_or("has a PAX header that cannot be read")?;
        let equals = record.iter().position(|&b| b == b'=');
        let equals = equals.ok_or("has a PAX record without `=`")?;
        let key = String::from_utf8_lossy(&record[..equals]).into_owned();
        if records.insert(key.clone(), record[equals + 1..].to_vec()).is_some() {
            return Err(format!("has the PAX record `{key}` twice"));
        }
        bytes = rest;
    }
    Ok(records)
}

/// The first record, without its length and its line feed, and what follows it.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let blank = bytes.iter().position(|&b| b == b' ')?;
    let length: usize = str::from_utf8(&bytes[..blank]).ok()?.parse().ok()?;
    let (record, rest) = bytes.split_at_checked(length)?;
    Some((record.get(blank + 1..)?.strip_suffix(b"\n")?, rest))
}
