//! The members of a `.deb` file, which is an archive of ar: [deb(5)](https://manpages.debian.org/bookworm/dpkg-dev/deb.5.en.html).

use scant_core::words::Escaped;

use super::DebFault;
use crate::images::stored::Stored;

/// Before the first member.
const MAGIC: &[u8] = b"!<arch>\n";
/// Before each member.
const HEADER: u64 = 60;
/// More members than any package has; what comes after `data.tar` is not looked at.
const MOST_MEMBERS: usize = 64;

/// The members that count.
#[derive(Debug)]
pub(super) struct Members {
    pub(super) control: Stored,
    pub(super) data: Stored,
}

/// Finds `debian-binary`, `control.tar` and `data.tar`, in this order.
pub(super) fn members(stored: &Stored) -> Result<Members, DebFault> {
    let wrong = |why: String| Err(DebFault::NotAPackage(why));
    let mut magic = [0; MAGIC.len()];
    if stored.size() < MAGIC.len() as u64 || stored.read_exact_at(0, &mut magic).is_err() {
        return wrong("it is too short".into());
    }
    if magic != *MAGIC {
        return wrong("it does not begin as an archive of ar".into());
    }
    let (mut position, mut control) = (MAGIC.len() as u64, None);
    for number in 0..MOST_MEMBERS {
        let Some((name, content)) = member(stored, position)? else { break };
        position += HEADER + content.size() + content.size() % 2;
        match (number, &*name) {
            (0, "debian-binary") => version(&content)?,
            (0, other) => return wrong(format!("it begins with `{other}`, not `debian-binary`")),
            // Extensions that a reader may pass over.
            (_, name) if name.starts_with('_') => {}
            (_, name) if control.is_none() && is_tar(name, "control.tar") => {
                control = Some(content);
            }
            (_, name) if is_tar(name, "data.tar") => match control {
                Some(control) => return Ok(Members { control, data: content }),
                None => return wrong("`data.tar` comes before `control.tar`".into()),
            },
            (_, other) => return wrong(format!("it has a member `{other}` before its files")),
        }
    }
    let missing = if control.is_some() { "data.tar" } else { "control.tar" };
    wrong(format!("it has no `{missing}`"))
}

/// The member whose header is at `position`; none at the end.
fn member(stored: &Stored, position: u64) -> Result<Option<(String, Stored)>, DebFault> {
    let wrong = |why: String| Err(DebFault::NotAPackage(why));
    if position >= stored.size() {
        return Ok(None);
    }
    if position + HEADER > stored.size() {
        return wrong(format!("it ends in the header of a member at byte {position}"));
    }
    let mut header = [0; HEADER as usize];
    stored.read_exact_at(position, &mut header).map_err(DebFault::Read)?;
    let text = |range: std::ops::Range<usize>| {
        let field = std::str::from_utf8(&header[range]).ok()?.trim_end_matches(' ');
        field.bytes().all(|b| b.is_ascii_graphic()).then_some(field)
    };
    let name = text(0..16).map(|name| name.strip_suffix('/').unwrap_or(name));
    let size = text(48..58).and_then(|size| size.parse::<u64>().ok());
    let (Some(name), Some(size), b"`\n") = (name, size, &header[58..]) else {
        return wrong(format!("the header of a member at byte {position} makes no sense"));
    };
    if size > stored.size() - position - HEADER {
        return wrong(format!("it ends in `{name}`"));
    }
    Ok(Some((name.to_string(), stored.part(position + HEADER, size))))
}

/// The version of the form, of which the second number says nothing that must be known.
fn version(content: &Stored) -> Result<(), DebFault> {
    let mut bytes = [0; 8];
    let count = content.size().min(8) as usize;
    content.read_exact_at(0, &mut bytes[..count]).map_err(DebFault::Read)?;
    if bytes[..count].starts_with(b"2.") {
        return Ok(());
    }
    let version = Escaped(bytes[..count].trim_ascii_end());
    Err(DebFault::NotAPackage(format!("its form is of version `{version}`, not 2")))
}

fn is_tar(name: &str, stem: &str) -> bool {
    let ending = name.strip_prefix(stem);
    matches!(ending, Some("" | ".gz" | ".xz" | ".zst" | ".bz2"))
}
