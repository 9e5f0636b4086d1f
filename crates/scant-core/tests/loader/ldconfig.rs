//! Caches as `ldconfig` reads and writes them, where the machine has one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use scant_core::formats::ld_so_cache::{Cache, Entry, encode, parse};
use scant_core::words::{ByteOrder, Escaped};
use scant_testkit::Machine;
use scant_testkit::ld_cache::{CacheFormat, LdCache};

/// The words of `ldconfig -p` for the flags of this machine's libraries.
const TYPES: [(u32, &str); 4] =
    [(0x303, "libc6,x86-64"), (0x803, "libc6,x32"), (0xa03, "libc6,AArch64"), (3, "libc6")];

/// The libraries of a cache, each as `name (type, hwcaps) => path`.
type Lines = BTreeSet<String>;

fn lines(cache: &Cache) -> Lines {
    let line = |entry: &Entry| {
        let kind = TYPES.iter().find(|(flags, _)| *flags == entry.flags);
        let kind = kind.map_or_else(|| format!("{:#x}", entry.flags), |(_, name)| name.to_string());
        let hwcaps = entry.hwcaps.as_ref();
        let hwcaps = hwcaps.map_or(String::new(), |name| format!(", hwcap: \"{}\"", Escaped(name)));
        format!("{} ({kind}{hwcaps}) => {}", Escaped(&entry.name), Escaped(&entry.path))
    };
    cache.entries().iter().map(line).collect()
}

/// What `ldconfig -p` prints of a cache, without the versions of systems, which no entry of today
/// has; none where there is no `ldconfig` that can.
fn printed(cache: &Path) -> Option<Lines> {
    let tool = Path::new("/sbin/ldconfig");
    if !tool.exists() {
        eprintln!("skipped: there is no /sbin/ldconfig");
        return None;
    }
    let output = Command::new(tool).arg("-p").arg("-C").arg(cache).output();
    let output = output.expect("ldconfig can be started");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !text.contains("libs found in cache") {
        eprintln!("skipped: this ldconfig prints no caches");
        return None;
    }
    Some(text.lines().filter(|line| line.starts_with('\t')).map(|l| l.trim().into()).collect())
}

fn native() -> ByteOrder {
    if cfg!(target_endian = "big") { ByteOrder::Big } else { ByteOrder::Little }
}

struct Temporary(PathBuf);

impl Temporary {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let name = format!("scant-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, bytes).expect("the temporary directory can be written to");
        Self(path)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

const LIBRARIES: [(&str, Option<&str>, &str); 5] = [
    ("liba.so.1", None, "/opt/liba.so.1"),
    ("liba.so.1", Some("x86-64-v3"), "/opt/glibc-hwcaps/x86-64-v3/liba.so.1"),
    ("liba.so.1", Some("x86-64-v2"), "/opt/glibc-hwcaps/x86-64-v2/liba.so.1"),
    ("liba.so.10", None, "/opt/liba.so.10"),
    ("libb.so.9", None, "/usr/lib/libb.so.9"),
];

fn ours() -> Cache {
    let bytes = |text: &str| Box::from(text.as_bytes());
    let entry = |(name, hwcaps, path): &(&str, Option<&str>, &str)| Entry {
        name: bytes(name),
        flags: 0x303,
        hwcaps: hwcaps.map(bytes),
        path: bytes(path),
    };
    Cache::new(LIBRARIES.iter().map(entry).collect())
}

#[test]
fn what_is_encoded_means_what_ldconfig_would_have_written() {
    for (machine, order) in [(Machine::X86_64, ByteOrder::Little), (Machine::S390x, ByteOrder::Big)]
    {
        let cache = LdCache::new(machine, CacheFormat::New);
        let cache = LIBRARIES.iter().fold(cache, |cache, (name, hwcaps, path)| {
            cache.entry_with(name, path, 0x303, *hwcaps)
        });
        let theirs = parse(&cache.build(), order).expect("a good cache");
        let again = parse(&encode(&ours(), order), order).expect("a good cache");
        assert_eq!(theirs, again, "{machine:?}");
    }
}

#[test]
fn ldconfig_prints_what_is_encoded() {
    let file = Temporary::new("encoded", &encode(&ours(), native()));
    if let Some(printed) = printed(&file.0) {
        assert_eq!(printed, lines(&ours()));
    }
}

#[test]
fn the_machine_s_own_cache_is_read_as_ldconfig_prints_it() {
    let path = Path::new("/etc/ld.so.cache");
    let Ok(bytes) = std::fs::read(path) else {
        eprintln!("skipped: there is no /etc/ld.so.cache");
        return;
    };
    if let Some(printed) = printed(path) {
        let cache = parse(&bytes, native()).expect("the loader reads it too");
        eprintln!("{} libraries", printed.len());
        assert_eq!(lines(&cache), printed);
    }
}
