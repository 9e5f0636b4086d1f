//! What a loader was built to do, read from the strings in its file: its kind, its default
//! directories, its cache, its CPU levels. Distributions change these, so no table can tell.

use alloc::boxed::Box;
use alloc::vec::Vec;

use memchr::memmem;

use crate::formats::elf::{Header, strings_holding};
use crate::words::Class;

/// What is known of a loader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoaderFacts {
    /// Which loader it is.
    pub kind: Kind,
    /// The default directories, in the order they are searched, without a slash at the end.
    pub directories: Vec<Box<[u8]>>,
    /// Its configuration file: the cache of glibc and uClibc, musl's list of directories (there
    /// without the prefix that the place of the loader gives it).
    pub configuration: Box<[u8]>,
    /// What `$LIB` means (glibc).
    pub lib: Box<[u8]>,
    /// The names of its `glibc-hwcaps` levels, best first.
    pub hwcaps: Vec<Box<[u8]>>,
    /// Whether it also searches the subdirectories of before glibc 2.33 (`tls`, `haswell`, …).
    pub has_legacy_hwcaps: bool,
    /// Whether it passes over files for other machines whatever else is wrong with their headers:
    /// Debian and Ubuntu have patched it so.
    pub passes_over_foreign: bool,
    /// Whether the directories were read from the loader, not taken from a table.
    pub is_read: bool,
}

/// The loaders whose rules are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "their own names")]
pub enum Kind {
    Glibc,
    Musl,
    Uclibc,
}

impl LoaderFacts {
    /// Reads the facts from a loader's content. `header` is the loader's, or that of a program
    /// for it.
    pub fn read(content: &[u8], header: &Header) -> Self {
        // Every string of interest is a path or a list.
        let placed: Vec<_> = strings_holding(content, b'/', b':').collect();
        let strings: Vec<_> = placed.iter().map(|(_, string)| *string).collect();
        let contains = |part: &[u8]| find(content, part);
        let kind = if contains(b"/etc/ld-musl-") {
            Kind::Musl
        } else if contains(b"glibc-ld.so.cache") || !contains(b"ld-uClibc") {
            Kind::Glibc
        } else {
            Kind::Uclibc
        };
        let mut facts = Self::table(kind, header);
        let read = match kind {
            Kind::Glibc => system_directories(&placed),
            Kind::Musl => musl_directories(&strings),
            Kind::Uclibc => None,
        };
        if let Some(directories) = read {
            facts.lib = lib_token(&directories[0], &strings);
            facts.directories = directories;
            facts.is_read = true;
        }
        if let Some(path) = configuration(kind, &strings) {
            facts.configuration = path.into();
        }
        if kind == Kind::Glibc {
            facts.hwcaps = hwcaps(&strings);
            facts.passes_over_foreign = contains(b"Debian GLIBC") || contains(b"Ubuntu GLIBC");
            // The help text of 2.33 to 2.36 speaks of them; the loaders before had neither help
            // text nor release number.
            facts.has_legacy_hwcaps = contains(b"Legacy HWCAP")
                || (contains(b"glibc-ld.so.cache") && !contains(b"release version"));
        }
        facts
    }

    /// What the C library's own sources build, for a loader that cannot be read.
    pub fn table(kind: Kind, header: &Header) -> Self {
        let wide = header.class == Class::Elf64;
        let lib: &[u8] = match (kind, header.machine) {
            (Kind::Glibc, 62) if !wide => b"libx32",
            // x86-64, ppc64, s390x, sparc64, aarch64, mips n64
            (Kind::Glibc, 62 | 21 | 22 | 43 | 183 | 8) if wide => b"lib64",
            (Kind::Glibc, 243) if wide && header.flags & 6 == 4 => b"lib64/lp64d",
            (Kind::Glibc, 258) if wide => b"lib64",
            (Kind::Glibc, 8) if header.flags & 0x20 != 0 => b"lib32",
            _ => b"lib",
        };
        let below = |prefix: &[u8]| [prefix, lib].concat().into_boxed_slice();
        let directories = match kind {
            Kind::Musl => ["/lib", "/usr/local/lib", "/usr/lib"]
                .map(|directory| Box::from(directory.as_bytes()))
                .to_vec(),
            _ => alloc::vec![below(b"/"), below(b"/usr/")],
        };
        Self {
            kind,
            directories,
            configuration: match kind {
                Kind::Musl => Box::from(*b"/etc/ld-musl.path"),
                _ => Box::from(*b"/etc/ld.so.cache"),
            },
            lib: lib.into(),
            hwcaps: Vec::new(),
            has_legacy_hwcaps: false,
            passes_over_foreign: false,
            is_read: false,
        }
    }

    /// The kind that a loader's file name speaks of, for when its file is not there.
    pub fn kind_of_name(path: &[u8]) -> Kind {
        if find(path, b"ld-musl") {
            Kind::Musl
        } else if find(path, b"uClibc") {
            Kind::Uclibc
        } else {
            Kind::Glibc
        }
    }
}

/// `/etc/ld.so.cache` or wherever the distribution moved it; `/etc/ld-musl-ARCH.path`.
fn configuration<'a>(kind: Kind, strings: &[&'a [u8]]) -> Option<&'a [u8]> {
    let is_cache = |s: &&&[u8]| s.starts_with(b"/") && s.ends_with(b"/ld.so.cache");
    match kind {
        Kind::Musl => strings.iter().filter(|s| s.ends_with(b".path")).find_map(|s| {
            let at = s.windows(13).position(|part| part == b"/etc/ld-musl-")?;
            Some(&s[at..])
        }),
        _ => strings.iter().find(is_cache).copied(),
    }
}

pub(super) fn find(text: &[u8], part: &[u8]) -> bool {
    memmem::find(text, part).is_some()
}

/// glibc's `SYSTEM_DIRS`: two or more strings `/…/` right behind one another; a C library built
/// for one directory (as Nix's) has a single one, `…/lib…/`.
fn system_directories(strings: &[(usize, &[u8])]) -> Option<Vec<Box<[u8]>>> {
    let is_directory = |s: &[u8]| s.len() > 2 && s.starts_with(b"/") && s.ends_with(b"/");
    let mut run: Vec<Box<[u8]>> = Vec::new();
    let mut single = None;
    let mut end_of_last = 0;
    for &(at, string) in strings {
        if is_directory(string) {
            if at != end_of_last && run.len() > 1 {
                break;
            }
            if at != end_of_last {
                run.clear();
            }
            run.push(string[..string.len() - 1].into());
            end_of_last = at + string.len() + 1;
            if single.is_none() && find(string, b"/lib") {
                single = Some(alloc::vec![Box::from(&string[..string.len() - 1])]);
            }
        } else if run.len() > 1 {
            break;
        } else {
            run.clear();
        }
    }
    if run.len() > 1 { Some(run) } else { single }
}

/// musl's default path: one string with colons, `/lib:/usr/local/lib:/usr/lib` unless patched.
fn musl_directories(strings: &[&[u8]]) -> Option<Vec<Box<[u8]>>> {
    let is_list = |s: &&&[u8]| {
        s.contains(&b':') && s.split(|&b| b == b':').all(|part| part.len() > 1 && part[0] == b'/')
    };
    let list = strings.iter().find(is_list)?;
    Some(list.split(|&b| b == b':').map(Box::from).collect())
}

/// `$LIB`: the first default directory without its slash, if the loader has that very string;
/// else its last component.
fn lib_token(first: &[u8], strings: &[&[u8]]) -> Box<[u8]> {
    let whole = first.strip_prefix(b"/usr/").or(first.strip_prefix(b"/")).unwrap_or(first);
    if strings.contains(&whole) {
        return whole.into();
    }
    first.rsplit(|&b| b == b'/').next().unwrap_or(whole).into()
}

/// The list of `glibc-hwcaps` levels: names with colons between, all of one known family.
fn hwcaps(strings: &[&[u8]]) -> Vec<Box<[u8]>> {
    let families: [&[u8]; 3] = [b"x86-64-v", b"power", b"z1"];
    let is_level = |family: &[u8], name: &[u8]| {
        name.strip_prefix(family).is_some_and(|number| number.iter().all(u8::is_ascii_digit))
    };
    let is_list = |s: &&&[u8]| {
        s.contains(&b':')
            && families.iter().any(|family| s.split(|&b| b == b':').all(|n| is_level(family, n)))
    };
    let list = strings.iter().find(is_list);
    list.map_or_else(Vec::new, |list| list.split(|&b| b == b':').map(Box::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};

    fn header() -> Header {
        let mut bytes = [0; 64];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        bytes[18] = 62;
        Header::parse(&bytes).unwrap()
    }

    #[track_caller]
    fn check(content: &str, expected: &str) {
        let facts = LoaderFacts::read(content.as_bytes(), &header());
        let text = |list: &[Box<[u8]>]| {
            list.iter()
                .map(|d| String::from_utf8_lossy(d).into_owned())
                .collect::<Vec<_>>()
                .join(" ")
        };
        let shown = [
            alloc::format!("{:?}", facts.kind),
            text(&facts.directories),
            String::from_utf8_lossy(&facts.configuration).to_string(),
            String::from_utf8_lossy(&facts.lib).to_string(),
            text(&facts.hwcaps),
        ];
        assert_eq!(shown.join(" | "), expected);
    }

    #[test]
    fn directories_are_read_from_the_loader() {
        check(
            "\0glibc-ld.so.cache1.1\0/etc/ld.so.cache\0/var/tmp/\0x\0/lib/a-b/\0/usr/lib/a-b/\0\
             /lib/\0/usr/lib/\0lib/a-b\0x86-64-v4:x86-64-v3:x86-64-v2\0",
            "Glibc | /lib/a-b /usr/lib/a-b /lib /usr/lib | /etc/ld.so.cache | lib/a-b | \
             x86-64-v4 x86-64-v3 x86-64-v2",
        );
    }

    #[test]
    fn a_single_directory_is_read_too() {
        check(
            "\0glibc-ld.so.cache1.1\0/nix/store/abc-glibc/lib/\0/nix/etc/ld.so.cache\0",
            "Glibc | /nix/store/abc-glibc/lib | /nix/etc/ld.so.cache | lib | ",
        );
    }

    #[test]
    fn a_loader_without_strings_falls_back_to_the_table() {
        check(
            "\0glibc-ld.so.cache1.1\0",
            "Glibc | /lib64 /usr/lib64 | /etc/ld.so.cache | lib64 | ",
        );
        check("\0ld-uClibc.so.1\0", "Uclibc | /lib /usr/lib | /etc/ld.so.cache | lib | ");
    }

    #[test]
    fn musl_has_a_list_with_colons() {
        check(
            "\0%.*s/etc/ld-musl-x86_64.path\0/lib:/usr/local/lib:/usr/lib\0",
            "Musl | /lib /usr/local/lib /usr/lib | /etc/ld-musl-x86_64.path | lib | ",
        );
    }
}
