//! The text language that file trees are written in, one entry a line.
//!
//! ```text
//! # a comment
//! /bin                         -> usr/bin
//! /usr/bin/app                 elf x86_64 interp=/lib64/ld.so needed=libz.so.1,libc.so.6
//! /lib64/ld-linux-x86-64.so.2  loader glibc x86_64 dirs=/lib/x86_64-linux-gnu/,/lib/
//! /usr/lib/libz.so.1           elf x86_64 soname=libz.so.1
//! /usr/lib/libz.so             hardlink /usr/lib/libz.so.1
//! /etc/motd                    "hello\n"
//! /usr/bin/script              mode=0755 "#!/bin/sh -e\n"
//! /tmp/                        mode=1777
//! /etc/ld.so.cache             cache new x86_64 libz.so.1=>/opt/lib/libz.so.1
//! /big                         zeros=1048576
//! ```
//!
//! The grammar, in which `*` means any number of times and words are separated by blanks:
//!
//! ```text
//! line     = PATH "/" [mode]                                directory
//!          | PATH "->" TARGET                               symbolic link
//!          | PATH "hardlink" PATH                           second name of an earlier file
//!          | PATH [mode] content                            file
//! content  = STRING | "zeros=" COUNT | "hex=" DIGITS
//!          | "elf" MACHINE elf*
//!          | "loader" ("glibc" | "musl" | "uclibc") MACHINE (loader | elf)*
//!          | "cache" ("new" | "old" | "compat") MACHINE cache*
//! mode     = "mode=" OCTAL
//! cache    = NAME ["@" LEVEL] "=>" PATH | "flags=" N (of the entries after it) | "cut=" SIZE
//! loader   = "dirs=" LIST | "debian" | "cache=" PATH | "lib=" NAME | "release=" N
//!          | "hwcaps=" LEVELS | "legacy-hwcaps"             (glibc only, before elf words)
//! elf      = "interp=" PATH | "needed=" LIST | "soname=" NAME | "rpath=" PATHS | "runpath=" PATHS
//!          | "auxiliary=" LIST | "filter=" LIST | "audit=" NAMES | "depaudit=" NAMES
//!          | "tag:" N "=" (N | STRING)                      any other dynamic entry
//!          | "static" | "static-pie" | "exec" | "nodynamic" | "nodeflib" | "pie" | "gnu-hash"
//!          | "imports=" LIST | "exports=" LIST              NAME or NAME@VERSION
//!          | "verneed=" FILE ":" LIST | "verneed-weak=" FILE ":" LIST | "verdef=" LIST
//!          | "dlopen=" JSON | "build-id=" HEX | "note=" OWNER ":" TYPE ":" TEXT
//!          | "separate-notes" | "level=" 1..4 | "string=" TEXT
//!          | "sections=" ("real" | "garbage") | "type=" N | "flags=" N | "osabi=" N
//!          | "abi-version=" N | "ident-padding=" N | "version=" N | "phentsize=" N
//!          | "dynamic-offset=" N | "unterminated-interp" | "cut=" SIZE
//! ```
//!
//! `N` is decimal or `0x` hexadecimal. A word, or the part of a word after `=`, may stand in
//! double quotes and then hold blanks and the escapes `\n`, `\t`, `\0`, `\\`, `\"` and `\xNN`; a
//! `LIST` is separated by commas. An ELF file is a program if it has `interp`, `static-pie` or
//! `pie`, and a library otherwise; its mode is 0755, that of other files 0644. Missing parents are
//! made with mode 0755. A line that cannot be read is a panic: this is for tests.

mod content;
mod disk;
mod elf_words;
mod words;

use std::collections::BTreeMap;

use words::Word;

/// One entry of a file tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Absolute, without a slash at the end; `/` for the root. It may be of any bytes.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: ItemKind,
}

/// What an entry is.
#[derive(Clone, PartialEq, Eq)]
pub enum ItemKind {
    /// A directory.
    Directory {
        /// Its permission bits.
        mode: u32,
    },
    /// A regular file.
    File {
        /// Its content.
        bytes: Vec<u8>,
        /// Its permission bits.
        mode: u32,
    },
    /// A symbolic link.
    Symlink {
        /// Where it points to, as written.
        target: Vec<u8>,
    },
    /// A second name of a file.
    HardLink {
        /// The absolute path of the first one.
        target: Vec<u8>,
    },
}

/// Reads and materialises listings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    items: BTreeMap<Vec<u8>, ItemKind>,
}

impl Listing {
    /// The entries that the text lists, and their parents, sorted by path.
    ///
    /// # Panics
    ///
    /// On a line that cannot be read, with that line.
    #[track_caller]
    pub fn parse(text: &str) -> Vec<Item> {
        Self::new(text).items()
    }

    /// Like [`Listing::parse`], with the methods of this type to go on.
    ///
    /// # Panics
    ///
    /// On a line that cannot be read, with that line.
    #[track_caller]
    pub fn new(text: &str) -> Self {
        let mut listing = Self::default();
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Err(problem) = listing.line(line) {
                panic!("{problem} in the line `{line}`");
            }
        }
        listing.add_parents();
        listing
    }

    /// All entries, sorted by path.
    pub fn items(&self) -> Vec<Item> {
        self.iter().map(|(path, kind)| Item { path: path.to_vec(), kind: kind.clone() }).collect()
    }

    /// All entries, sorted by path: a parent comes before its children.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &ItemKind)> {
        self.items.iter().map(|(path, kind)| (path.as_slice(), kind))
    }

    /// The entry at exactly that path; links are not followed.
    pub fn get(&self, path: &str) -> Option<&ItemKind> {
        self.items.get(path.as_bytes())
    }

    /// The content of the file at exactly that path, also by its second name.
    pub fn bytes(&self, path: &str) -> Option<&[u8]> {
        match self.get(path)? {
            ItemKind::File { bytes, .. } => Some(bytes),
            ItemKind::HardLink { target } => self.bytes(str::from_utf8(target).ok()?),
            ItemKind::Directory { .. } | ItemKind::Symlink { .. } => None,
        }
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        let words = words::split(line)?;
        let (path, rest) = words.split_first().expect("a line that is not blank has a word");
        let path = &path.text;
        if path.first() != Some(&b'/') {
            return Err("the path is not absolute".into());
        }
        let (path, is_directory) = match path.strip_suffix(b"/") {
            Some(shorter) => (if shorter.is_empty() { b"/" } else { shorter }, true),
            None => (path.as_slice(), false),
        };
        let kind = if is_directory { directory(rest)? } else { content::entry(rest)? };
        match self.items.insert(path.to_vec(), kind) {
            None => Ok(()),
            Some(_) => Err("the path is there a second time".into()),
        }
    }

    fn add_parents(&mut self) {
        let paths: Vec<Vec<u8>> = self.items.keys().cloned().collect();
        for path in paths {
            for (i, _) in path.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
                let parent = if i == 0 { b"/".to_vec() } else { path[..i].to_vec() };
                self.items.entry(parent).or_insert(ItemKind::Directory { mode: 0o755 });
            }
        }
    }
}

fn directory(words: &[Word]) -> Result<ItemKind, String> {
    match words {
        [] => Ok(ItemKind::Directory { mode: 0o755 }),
        [word] => match word.value("mode") {
            Some(mode) => Ok(ItemKind::Directory { mode: words::octal(mode)? }),
            None => Err(format!("`{word}` does not go with a directory")),
        },
        [_, word, ..] => Err(format!("`{word}` does not go with a directory")),
    }
}

impl std::fmt::Debug for ItemKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Directory { mode } => write!(f, "Directory({mode:04o})"),
            Self::File { bytes, mode } if bytes.len() > 64 => {
                write!(f, "File({} bytes, {mode:04o})", bytes.len())
            }
            Self::File { bytes, mode } => {
                write!(f, "File(\"{}\", {mode:04o})", bytes.escape_ascii())
            }
            Self::Symlink { target } => write!(f, "Symlink(\"{}\")", target.escape_ascii()),
            Self::HardLink { target } => write!(f, "HardLink(\"{}\")", target.escape_ascii()),
        }
    }
}

#[cfg(test)]
mod tests;
