//! What the calls that name files ask for. A table: name of the call, where its names stand.

use alloc::vec::Vec;

use super::argument::{Text, string};
use super::line::{Call, find};
use crate::words::{Action, LastLink};

/// A name that a call gives, by the places of its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) action: Action,
    /// The argument that is the directory of a relative name; none for the working directory.
    pub(super) directory: Option<usize>,
    /// The argument that is the name; none where the descriptor is all.
    pub(super) name: Option<usize>,
    pub(super) last: LastLink,
}

/// What a call asks for: nothing for calls that name no file.
pub(super) fn asked(call: &Call<'_>) -> Vec<Asked> {
    use Action::{Change, Connect, Enter, List, Look, Map, ReadLink};
    use LastLink::{Follow, Keep};
    let has = |at: usize, flag: &str| has(call, at, flag);
    let one =
        |action, name, last| Vec::from([Asked { action, directory: None, name: Some(name), last }]);
    let at = |action, directory: usize, last| {
        let (directory, name) = (Some(directory), Some(directory + 1));
        Vec::from([Asked { action, directory, name, last }])
    };
    let descriptor = |action, directory| {
        Vec::from([Asked { action, directory: Some(directory), name: None, last: Follow }])
    };
    let no_follow = |flags| if has(flags, "AT_SYMLINK_NOFOLLOW") { Keep } else { Follow };
    match call.name {
        b"open" => one(opened(call, 1), 0, last_of_open(call, 1)),
        b"creat" => one(Action::Write, 0, Follow),
        b"openat" | b"openat2" => at(opened(call, 2), 0, last_of_open(call, 2)),
        b"stat" | b"stat64" | b"oldstat" | b"access" | b"statfs" | b"statfs64" | b"getxattr"
        | b"listxattr" | b"inotify_add_watch" => {
            one(Look, usize::from(call.name == b"inotify_add_watch"), Follow)
        }
        b"lstat" | b"lstat64" | b"oldlstat" | b"lgetxattr" | b"llistxattr" => one(Look, 0, Keep),
        b"newfstatat" | b"fstatat64" | b"faccessat2" => at(Look, 0, no_follow(3)),
        b"statx" | b"name_to_handle_at" => at(Look, 0, no_follow(2)),
        b"faccessat" => at(Look, 0, Follow),
        b"readlink" => one(ReadLink, 0, Keep),
        b"readlinkat" => at(ReadLink, 0, Keep),
        b"execve" => one(execute(call, 1), 0, Follow),
        b"execveat" => at(execute(call, 2), 0, no_follow(4)),
        b"chdir" => one(Enter, 0, Follow),
        b"fchdir" => descriptor(Enter, 0),
        b"getdents" | b"getdents64" => descriptor(List, 0),
        b"mmap" | b"mmap2" | b"old_mmap" if has(2, "PROT_EXEC") && has_file(call, 4) => {
            descriptor(Map, 4)
        }
        b"connect" if has(1, "sun_path=\"") => one(Connect, 1, Follow),
        b"bind" if has(1, "sun_path=\"") => one(Change, 1, Keep),
        b"mkdir" | b"rmdir" | b"unlink" | b"mknod" | b"lchown" => one(Change, 0, Keep),
        b"chmod" | b"chown" | b"truncate" | b"truncate64" | b"utime" | b"utimes" | b"setxattr" => {
            one(Change, 0, Follow)
        }
        b"mkdirat" | b"unlinkat" | b"mknodat" => at(Change, 0, Keep),
        b"fchmodat" | b"fchownat" | b"utimensat" => at(Change, 0, Follow),
        b"symlink" => one(Change, 1, Keep),
        b"symlinkat" => at(Change, 1, Keep),
        b"rename" | b"link" => [one(Change, 0, Keep), one(Change, 1, Keep)].concat(),
        b"renameat" | b"renameat2" | b"linkat" => {
            [at(Change, 0, Keep), at(Change, 2, Keep)].concat()
        }
        _ => Vec::new(),
    }
}

/// The text of a name: of a socket's address, what stands in it.
pub(super) fn name(call: &Call<'_>, at: usize) -> Text {
    let Some(argument) = call.arguments.get(at) else { return Text::None };
    let start = b"sun_path=".as_slice();
    match find(argument, start).filter(|_| argument.starts_with(b"{")) {
        Some(place) => string(&argument[place + start.len()..]),
        None => string(argument),
    }
}

/// Whether an argument holds a flag, as a whole word.
pub(super) fn has(call: &Call<'_>, at: usize, flag: &str) -> bool {
    let Some(argument) = call.arguments.get(at) else { return false };
    if flag.ends_with('"') {
        return find(argument, flag.as_bytes()).is_some();
    }
    let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    argument.split(|b| !is_word(b)).any(|word| word == flag.as_bytes())
}

/// Whether an argument is a descriptor of a file, not -1.
fn has_file(call: &Call<'_>, at: usize) -> bool {
    call.arguments.get(at).is_some_and(|argument| argument.first().is_some_and(u8::is_ascii_digit))
}

fn opened(call: &Call<'_>, flags: usize) -> Action {
    let any = |names: &[&str]| names.iter().any(|flag| has(call, flags, flag));
    if any(&["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"]) {
        Action::Write
    } else if any(&["O_PATH"]) {
        Action::Look
    } else if any(&["O_DIRECTORY"]) {
        Action::List
    } else {
        Action::Open
    }
}

fn last_of_open(call: &Call<'_>, flags: usize) -> LastLink {
    match has(call, flags, "O_NOFOLLOW") || has(call, flags, "O_EXCL") {
        true => LastLink::Keep,
        false => LastLink::Follow,
    }
}

/// The arguments of a program, as far as strace tells them.
fn execute(call: &Call<'_>, at: usize) -> Action {
    let list = call.arguments.get(at).copied().unwrap_or_default();
    let inside = list.strip_prefix(b"[").and_then(|list| list.strip_suffix(b"]"));
    let mut arguments = Vec::new();
    let mut rest = inside.unwrap_or_default();
    while let Some(start) = rest.iter().position(|&b| b == b'"') {
        rest = &rest[start..];
        let mut end = 1;
        while end < rest.len() && rest[end] != b'"' {
            end += if rest[end] == b'\\' { 2 } else { 1 };
        }
        let end = (end + 1).min(rest.len());
        if let Text::Whole(argument) = string(&rest[..end]) {
            arguments.push(argument);
        }
        rest = &rest[end..];
    }
    Action::Execute { arguments }
}
