//! Binaries: ELF programs and scripts, with what starts them.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::{add_attributes, data::broken, declared, keeps_its_place, regular_file};
use crate::formats::elf::{Elf, ElfError, HeaderFault, MAGIC};
use crate::formats::manifest::Binary;
use crate::formats::shebang;
use crate::plan::closures::{Loadable, is_loaded};
use crate::plan::fault::FaultKind;
use crate::plan::nodes::fill;
use crate::plan::placer::named;
use crate::plan::planner::{Located, Planner};
use crate::plan::scripts::Script;
use crate::rules::loader::{Opening, Spot};
use crate::words::{InputError, Mode, Relation, Section, TreePath};

/// What a file named as a binary is.
pub(in crate::plan) enum Executable {
    Elf,
    Script(shebang::Shebang),
}

impl Planner<'_> {
    pub(super) fn place_binary(&mut self, binary: &Binary) {
        let placed = self.try_place_binary(binary);
        self.keep(binary.span, placed);
    }

    fn try_place_binary(&mut self, binary: &Binary) -> Result<(), FaultKind> {
        let located = self.locate(&binary.from)?;
        regular_file(&located)?;
        let executable = self.executable(&located)?;
        let mode = binary.mode.unwrap_or(Mode::EXECUTABLE);
        let mut meta = self.meta(mode, binary.owner.as_ref())?;
        add_attributes(&mut meta, &binary.xattrs, &binary.capabilities)?;
        if binary.mode.is_none() {
            let file = named(&located.input, &located.found.path);
            self.note_dropped_bits(binary.span, located.found.entry.mode, &file);
        }
        let path = self.landing(&binary.from, &binary.to, &located)?;
        let why = declared(Section::Binaries, binary.span, &binary.why);
        let node =
            self.file_node(&located.input, &located.found.path, &located.found.entry, meta, why);
        self.declare_node(path.clone(), node)?;
        self.declare_link(&binary.to, declared(Section::Binaries, binary.span, &binary.why));
        let is_secure = mode.bits() & 0o6000 != 0 || !binary.capabilities.is_empty();
        self.note_needs(binary, &located, executable, path, is_secure);
        Ok(())
    }

    /// Remembers that the needs of a binary are still to be looked at.
    fn note_needs(
        &mut self,
        binary: &Binary,
        located: &Located<'_>,
        executable: Executable,
        path: TreePath,
        is_secure: bool,
    ) {
        let opening =
            |name: &str| Opening { name: name.as_bytes().into(), relation: Relation::Opened };
        let openings = binary.libraries.iter().map(|name| opening(name)).collect();
        let span = binary.span;
        match executable {
            Executable::Elf => {
                let source = match keeps_its_place(&binary.from, &binary.to) {
                    true => located.found.path.as_bytes(),
                    false => &located.asked,
                };
                let spot = Spot::moved(path.as_bytes(), source);
                let home = match located.view.elf(&located.found.path).as_ref() {
                    Ok(elf) => self.home_of(&located.input, elf),
                    Err(_) => self.home(&located.input),
                };
                let section = Section::Binaries;
                self.programs.push(Loadable {
                    spot,
                    path,
                    home,
                    openings,
                    span,
                    section,
                    is_secure,
                });
            }
            Executable::Script(shebang) => {
                let home = self.home(&located.input);
                self.scripts.push(Script { path, shebang, home, span, openings });
            }
        }
    }

    /// What kind of executable a file is.
    pub(in crate::plan) fn executable(
        &self,
        located: &Located<'_>,
    ) -> Result<Executable, FaultKind> {
        let file = || named(&located.input, &located.found.path);
        let broken = |error: InputError| broken(&located.input, error);
        let start = start_of(located).map_err(broken)?;
        if !start.starts_with(&MAGIC) {
            let found = match &*start {
                [] => "it is empty",
                [b'#', b'!', ..] => "no interpreter follows its `#!`",
                _ => "it starts with neither ELF's magic number nor `#!`",
            };
            return match shebang::parse(&start) {
                Some(script) => Ok(Executable::Script(script)),
                None => Err(FaultKind::NotAProgram { file: file(), found: found.into() }),
            };
        }
        match located.view.elf(&located.found.path).as_ref() {
            Ok(elf) if !is_loaded(elf) => Err(FaultKind::NotAProgram {
                file: file(),
                found: "it is an object file or a core dump".into(),
            }),
            Ok(elf) => self.admit(elf, &file).map(|()| Executable::Elf),
            Err(ElfError::Input(error)) => Err(broken(error.clone())),
            Err(ElfError::Header(HeaderFault::TooShort)) => Err(FaultKind::Damaged {
                file: file(),
                reason: "the ELF file is cut off inside its header".into(),
            }),
            Err(error) => Err(FaultKind::Damaged { file: file(), reason: error.to_string() }),
        }
    }

    /// Refuses a file for another platform.
    fn admit(&self, elf: &Elf, file: &dyn Fn() -> alloc::string::String) -> Result<(), FaultKind> {
        let wanted = self.request.platform;
        let header = &elf.header;
        if wanted.admits_elf(header.machine, header.class, header.order) {
            return Ok(());
        }
        let found = match elf.platform() {
            Some(platform) => platform.to_string(),
            None => alloc::format!("a machine without a platform (e_machine {})", header.machine),
        };
        Err(FaultKind::WrongPlatform { file: file(), found, wanted })
    }
}

/// The first bytes of a file.
fn start_of(located: &Located<'_>) -> Result<Vec<u8>, InputError> {
    let file = located.view.input().open(&located.found.path)?;
    let mut start = alloc::vec![0; shebang::LONGEST.min(file.size()) as usize];
    let count = fill(&*file, 0, &mut start)?;
    start.truncate(count);
    Ok(start)
}
