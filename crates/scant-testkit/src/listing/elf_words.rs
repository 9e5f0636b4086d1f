//! The words that describe an ELF file.

use super::words::{self, Word};
use crate::elf::{Elf, HashStyle, Sections};

/// The bytes of the file that the words make of `elf`.
pub(super) fn apply(mut elf: Elf, all: &[Word]) -> Result<Vec<u8>, String> {
    let mut cut = usize::MAX;
    for word in all {
        let (key, value) = word.key_and_value()?;
        if key == "cut" {
            cut = words::number(value)?;
        } else {
            elf = one(elf, key, value)?;
        }
    }
    let mut bytes = elf.build();
    bytes.truncate(cut);
    Ok(bytes)
}

fn one(elf: Elf, key: &str, value: &str) -> Result<Elf, String> {
    let each = |elf: Elf, add: fn(Elf, &str) -> Elf| value.split(',').fold(elf, add);
    Ok(match key {
        "static" | "static-pie" => elf,
        "exec" => elf.kind(2),
        "nodynamic" => elf.without_dynamic(),
        "nodeflib" => elf.flags_1(Elf::NODEFLIB),
        "pie" => elf.flags_1(Elf::PIE),
        "gnu-hash" => elf.hash(HashStyle::Gnu),
        "separate-notes" => elf.separate_notes(),
        "unterminated-interp" => elf.unterminated_interpreter(),
        "interp" => elf.interpreter(value),
        "needed" => each(elf, |elf, name| elf.needed(name)),
        "soname" => elf.soname(value),
        "rpath" => elf.rpath(value),
        "runpath" => elf.runpath(value),
        "auxiliary" => each(elf, |elf, name| elf.auxiliary(name)),
        "filter" => each(elf, |elf, name| elf.filter(name)),
        "audit" => elf.audit(value),
        "depaudit" => elf.depaudit(value),
        "imports" => each(elf, |elf, name| elf.imports(name)),
        "exports" => each(elf, |elf, name| elf.exports(name)),
        "verneed" | "verneed-weak" => {
            let (file, versions) = value.split_once(':').ok_or("a version is of a file")?;
            versions.split(',').fold(elf, |elf, version| match key {
                "verneed" => elf.needs_version(file, version),
                _ => elf.needs_version_weakly(file, version),
            })
        }
        "verdef" => each(elf, |elf, name| elf.defines_version(name)),
        "dlopen" => elf.dlopen_note(value),
        "build-id" => elf.build_id(&words::hexadecimal(value.as_bytes())?),
        "note" => {
            let mut fields = value.splitn(3, ':');
            let mut field = || fields.next().ok_or("a note has an owner, a type and a text");
            let (owner, kind, text) = (field()?, field()?, field()?);
            elf.note(owner, words::number(kind)?, text.as_bytes())
        }
        "level" => elf.x86_level(words::number(value)?),
        "string" => elf.string(value),
        "sections" => match value {
            "real" => elf.sections(Sections::Real),
            "garbage" => elf.sections(Sections::Garbage),
            _ => return Err(format!("sections are `real` or `garbage`, not `{value}`")),
        },
        "type" => elf.kind(words::number(value)?),
        "flags" => elf.flags(words::number(value)?),
        "osabi" => elf.osabi(words::number(value)?),
        "abi-version" => elf.abi_version(words::number(value)?),
        "ident-padding" => elf.ident_padding(words::number(value)?),
        "version" => elf.version(words::number(value)?),
        "phentsize" => elf.phentsize(words::number(value)?),
        "dynamic-offset" => elf.dynamic_offset(words::number(value)?),
        _ => match key.strip_prefix("tag:") {
            Some(tag) => match words::number(value) {
                Ok(number) => elf.number_entry(words::number(tag)?, number),
                Err(_) => elf.string_entry(words::number(tag)?, value),
            },
            None => return Err(format!("`{key}` says nothing about an ELF file")),
        },
    })
}
