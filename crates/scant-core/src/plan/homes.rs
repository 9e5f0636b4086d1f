//! Which inputs the needs of a file are taken from, and which loader loads what names none.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cell::RefCell;

use super::planner::Planner;
use crate::formats::elf::Elf;
use crate::rules::View;
use crate::rules::loader::{self, Spot};
use crate::words::{ByteOrder, Class, InputName};

/// The inputs that the needs of a file are taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Home {
    /// The input of the file itself: what lies beside it is looked for there.
    pub(super) own: InputName,
    /// The inputs whose roots stand for the image's, in order.
    pub(super) libraries: Vec<InputName>,
}

/// Files that can be loaded together.
type Abi = (Class, ByteOrder, u16);

type LoaderPath = Box<[u8]>;

/// The loaders that are known by now.
#[derive(Default)]
pub(super) struct Loaders {
    /// Those that programs of the image name; the first one of each kind.
    of_image: BTreeMap<Abi, LoaderPath>,
    /// Those that inputs have.
    of_inputs: RefCell<BTreeMap<(InputName, Abi), Option<LoaderPath>>>,
}

impl Planner<'_> {
    /// Where the needs of a file of `input` are taken from: that input alone; for a file beside the
    /// manifest, which has no root of its own, the declared inputs in their order.
    pub(super) fn home(&self, input: &InputName) -> Home {
        let libraries = match *input == InputName::manifest() {
            false => Vec::from([input.clone()]),
            true => self.request.manifest.inputs.iter().map(|input| input.name.clone()).collect(),
        };
        Home { own: input.clone(), libraries }
    }

    /// The home of an ELF file. C libraries do not mix, so of several inputs the first that has its
    /// loader comes first.
    pub(super) fn home_of(&self, input: &InputName, elf: &Elf) -> Home {
        let mut home = self.home(input);
        let has_loader = |name: &InputName| match &elf.interpreter {
            Some(path) => self.request.inputs.get(name).is_some_and(|view| {
                let found = view.resolve(&self.absolute(path));
                found.is_ok_and(|found| found.entry.file_size().is_some())
            }),
            None => self.loader_of_input(name, elf).is_some(),
        };
        if home.libraries.len() > 1
            && let Some(first) = home.libraries.iter().position(has_loader)
        {
            home.libraries[..=first].rotate_right(1);
        }
        home
    }

    /// The loader for a file that names none: that of a program of the image which fits, else the
    /// one its input has.
    pub(super) fn loader_for(&self, elf: &Elf, home: &Home) -> Option<Spot> {
        if let Some(path) = self.loaders.of_image.get(&abi(elf)) {
            return Some(Spot::new(path.clone()));
        }
        home.libraries.iter().find_map(|name| self.loader_of_input(name, elf)).map(Spot::new)
    }

    /// Learns the loader that a program of the image names.
    pub(super) fn learn_loader(&mut self, elf: &Elf) {
        if let Some(path) = &elf.interpreter {
            let path = self.absolute(path);
            self.loaders.of_image.entry(abi(elf)).or_insert_with(|| path.into());
        }
    }

    fn loader_of_input(&self, name: &InputName, elf: &Elf) -> Option<LoaderPath> {
        let mut known = self.loaders.of_inputs.borrow_mut();
        let search = || {
            let view: &View<'_> = self.request.inputs.get(name)?;
            loader::of_root(view, &elf.header).map(|path| path.as_bytes().into())
        };
        known.entry((name.clone(), abi(elf))).or_insert_with(search).clone()
    }
}

fn abi(elf: &Elf) -> Abi {
    let (class, order) = elf.layout();
    (class, order, elf.header.machine)
}
