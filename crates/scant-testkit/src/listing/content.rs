//! What stands behind the path of a file or a link.

use super::words::{self, Word};
use super::{ItemKind, elf_words};
use crate::elf::{Elf, Glibc, Machine};
use crate::ld_cache::{CacheFormat, LdCache};

pub(super) fn entry(words: &[Word]) -> Result<ItemKind, String> {
    match words {
        [arrow, target] if arrow.is("->") => Ok(ItemKind::Symlink { target: target.text.clone() }),
        [word, target] if word.is("hardlink") => {
            Ok(ItemKind::HardLink { target: target.text.clone() })
        }
        [mode, rest @ ..] if mode.value("mode").is_some() => {
            let mode = words::octal(mode.value("mode").unwrap_or_default())?;
            let (bytes, _) = content(rest)?;
            Ok(ItemKind::File { bytes, mode })
        }
        _ => {
            let (bytes, mode) = content(words)?;
            Ok(ItemKind::File { bytes, mode })
        }
    }
}

/// The bytes of a file, and its mode if none is given.
fn content(words: &[Word]) -> Result<(Vec<u8>, u32), String> {
    let (first, rest) = words.split_first().ok_or("nothing says what is in the file")?;
    let single = |bytes| match rest {
        [] => Ok((bytes, 0o644)),
        [word, ..] => Err(format!("`{word}` follows the end of the entry")),
    };
    if first.is_string {
        return single(first.text.clone());
    }
    if let Some(count) = first.value("zeros") {
        return single(vec![0; words::number(words::text(count)?)?]);
    }
    if let Some(digits) = first.value("hex") {
        return single(words::hexadecimal(digits)?);
    }
    match first.as_str()? {
        "elf" => Ok((elf(rest)?, 0o755)),
        "loader" => Ok((loader(rest)?, 0o755)),
        "cache" => Ok((cache(rest)?, 0o644)),
        other => Err(format!("`{other}` is no kind of content")),
    }
}

fn machine(words: &[Word]) -> Result<(Machine, &[Word]), String> {
    let (first, rest) = words.split_first().ok_or("the machine is not said")?;
    let name = first.as_str()?;
    let machine = Machine::from_name(name).ok_or(format!("`{name}` is no machine"))?;
    Ok((machine, rest))
}

fn elf(words: &[Word]) -> Result<Vec<u8>, String> {
    let (machine, words) = machine(words)?;
    let has = |word| words.iter().any(|w| w.is(word));
    let is_program = words.iter().any(|w| w.value("interp").is_some());
    let elf = if has("static") {
        Elf::static_program(machine)
    } else if (is_program && !has("exec")) || has("static-pie") {
        Elf::program(machine)
    } else {
        Elf::library(machine)
    };
    elf_words::apply(elf, words)
}

fn loader(words: &[Word]) -> Result<Vec<u8>, String> {
    let (kind, rest) = words.split_first().ok_or("the kind of loader is not said")?;
    let (machine, mut words) = machine(rest)?;
    let elf = match kind.as_str()? {
        "glibc" => {
            let mut glibc = Glibc::new(machine);
            while let Some((word, rest)) = words.split_first() {
                let (key, value) = word.key_and_value()?;
                glibc = match key {
                    "debian" => Glibc::debian(machine),
                    "dirs" => glibc.directories(&value.split(',').collect::<Vec<_>>()),
                    "cache" => glibc.cache(value),
                    "lib" => glibc.lib(value),
                    "release" => glibc.release(value),
                    "hwcaps" => glibc.hwcaps(value),
                    "legacy-hwcaps" => glibc.legacy_hwcaps(),
                    _ => break,
                };
                words = rest;
            }
            glibc.elf()
        }
        "musl" => Elf::musl_loader(machine),
        "uclibc" => Elf::uclibc_loader(machine),
        other => return Err(format!("`{other}` is no kind of loader")),
    };
    elf_words::apply(elf, words)
}

fn cache(words: &[Word]) -> Result<Vec<u8>, String> {
    let (format, rest) = words.split_first().ok_or("the format of the cache is not said")?;
    let format = match format.as_str()? {
        "new" => CacheFormat::New,
        "old" => CacheFormat::Old,
        "compat" => CacheFormat::Compat,
        other => return Err(format!("`{other}` is no format of a cache")),
    };
    let (machine, words) = machine(rest)?;
    let mut flags = machine.cache_flags();
    let mut cache = LdCache::new(machine, format);
    let mut cut = None;
    for word in words {
        let text = word.as_str()?;
        if let Some((name, path)) = text.split_once("=>") {
            let (name, level) = match name.split_once('@') {
                Some((name, level)) => (name, Some(level)),
                None => (name, None),
            };
            cache = cache.entry_with(name, path, flags, level);
        } else if let Some(value) = text.strip_prefix("flags=") {
            flags = words::number(value)?;
        } else if let Some(value) = text.strip_prefix("cut=") {
            cut = Some(words::number(value)?);
        } else {
            return Err(format!("`{text}` is no entry of a cache"));
        }
    }
    let mut bytes = cache.build();
    bytes.truncate(cut.unwrap_or(usize::MAX));
    Ok(bytes)
}
