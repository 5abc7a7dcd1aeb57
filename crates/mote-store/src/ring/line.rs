//! One record as a line. A checksum says whether it is whole.

use mote_expr::Digest;

/// How many hexadecimal digits of the checksum are written.
pub(super) const CHECKSUM: usize = 16;

/// `label` as it can stand in a line.
pub(super) fn label(label: &str) -> String {
    label.chars().map(|char| if char.is_control() { '?' } else { char }).collect()
}

/// The line of `record`.
pub(super) fn write(label: &str, record: &[u8]) -> Vec<u8> {
    let body = [label.as_bytes(), b"\t", record].concat();
    [checksum(&body).as_bytes(), b" ", &body, b"\n"].concat()
}

/// The label and the record of a line. None if it is not whole.
pub(super) fn read(line: &[u8]) -> Option<(String, &[u8])> {
    let line = line.strip_suffix(b"\n")?;
    let (sum, rest) = line.split_at_checked(CHECKSUM)?;
    let body = rest.strip_prefix(b" ")?;
    if checksum(body).as_bytes() != sum {
        return None;
    }
    let at = body.iter().position(|byte| *byte == b'\t')?;
    let (label, record) = body.split_at_checked(at)?;
    Some((String::from_utf8(label.to_vec()).ok()?, record.get(1..)?))
}

fn checksum(body: &[u8]) -> String {
    let mut text = Digest::of(body).to_string();
    text.truncate(CHECKSUM);
    text
}
