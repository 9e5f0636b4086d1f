//! What a call asks for: its arguments and the memory they point to, read while the task waits.

use scant_core::words::{Action, LastLink};

use super::calls::{Abi, Call, Last, Named, Purpose};
use super::filter::CLONE_UNTRACED;
use super::kernel;
use super::memory::{self, LONGEST_NAME, Text};
use super::places::Processes;

/// One name that a call asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) action: Action,
    pub(super) name: Vec<u8>,
    pub(super) directory: Vec<u8>,
    pub(super) last: LastLink,
}

/// A task that waits in a call.
pub(super) struct Caller<'a> {
    pub(super) task: i32,
    pub(super) abi: &'static Abi,
    pub(super) arguments: [u64; 6],
    pub(super) processes: &'a Processes,
    /// Its root as the tracer sees it; empty if it is the same.
    pub(super) root: &'a [u8],
}

const AT_WORKING_DIRECTORY: i32 = -100;
const AT_KEEP_LINK: u64 = 0x100;
const AT_FOLLOW_LINK: u64 = 0x400;
const AT_EMPTY_NAME: u64 = 0x1000;

const OPEN_WRITES: u64 = 0o3;
const OPEN_CREATES: u64 = 0o100;
const OPEN_NEW: u64 = 0o200;
const OPEN_EMPTIES: u64 = 0o1000;
const OPEN_PATH_ONLY: u64 = 0o10_000_000;
/// `RESOLVE_IN_ROOT` of `openat2`.
const RESOLVE_IN_ROOT: u64 = 0x10;

const SOCKETS_OF_FILES: [u8; 2] = 1u16.to_ne_bytes();
/// `SYS_BIND` and `SYS_CONNECT` of socketcall(2).
const SOCKETCALL: [u64; 2] = [2, 3];

/// More arguments than these, or longer ones, are cut off: they explain and are not run.
const MOST_ARGUMENTS: usize = 1024;
const MOST_ARGUMENT_BYTES: usize = 64 * 1024;

impl Caller<'_> {
    /// What the call asks for. Empty if it names no file, or if the kernel cannot read its names
    /// either.
    pub(super) fn requests(&self, call: Call) -> Vec<Request> {
        match call {
            Call::Open(named) => self.open(named, self.flags(named.name + 1)),
            Call::Create => self.open(CREATED, 0o1101),
            Call::OpenHow => self.open_how(),
            Call::One(named, purpose, last) => self.one(named, purpose, last),
            Call::Two(first, purpose, last, second) => {
                let mut both = self.one(first, purpose, last);
                both.extend(self.one(second, Purpose::Change, Last::Keep));
                both
            }
            Call::Execute(named) => self.execute(named),
            Call::EnterDescriptor => self.descriptor(0, Action::Enter),
            Call::List => self.descriptor(0, Action::List),
            Call::Map => self.descriptor(4, Action::Map),
            Call::OldMap => self.old_map(),
            Call::Connect => self.socket(Action::Connect, self.arguments[1], self.arguments[2]),
            Call::Bind => self.socket(Action::Change, self.arguments[1], self.arguments[2]),
            Call::Sockets => self.socket_call(),
            Call::Clone3 => {
                self.keep_traced();
                Vec::new()
            }
        }
    }

    fn flags(&self, index: u8) -> u64 {
        self.arguments[usize::from(index)] & 0xffff_ffff
    }

    fn address(&self, index: u8) -> u64 {
        self.abi.address(self.arguments[usize::from(index)])
    }

    /// The name of a call and where it starts. None if there is no name there, or an empty one.
    fn name(&self, named: Named) -> Option<(Vec<u8>, Vec<u8>)> {
        let address = self.address(named.name);
        if address == 0 {
            return None;
        }
        let (Text::Whole(name) | Text::Long(name)) =
            memory::text(self.task, address, LONGEST_NAME)?;
        match name.first() {
            None => None,
            Some(b'/') => Some(([self.root, &name].concat(), b"/".to_vec())),
            Some(_) => Some((name, self.start(named)?)),
        }
    }

    /// Where a relative name starts.
    fn start(&self, named: Named) -> Option<Vec<u8>> {
        let number = named.directory.map_or(AT_WORKING_DIRECTORY, |index| self.number(index));
        if number == AT_WORKING_DIRECTORY {
            return self.processes.working_directory(self.task);
        }
        self.processes.descriptor(self.task, number)
    }

    fn number(&self, index: u8) -> i32 {
        // A descriptor is the lower half of its register.
        (self.flags(index) as u32).cast_signed()
    }

    fn one(&self, named: Named, purpose: Purpose, last: Last) -> Vec<Request> {
        let Some((name, directory)) = self.name(named) else { return Vec::new() };
        let action = match purpose {
            Purpose::Look => Action::Look,
            Purpose::ReadLink => Action::ReadLink,
            Purpose::Enter => Action::Enter,
            Purpose::Change => Action::Change,
            Purpose::Write => Action::Write,
        };
        let follow = match last {
            Last::Follow => true,
            Last::Keep => false,
            Last::KeepIf(index) => self.flags(index) & AT_KEEP_LINK == 0,
            Last::FollowIf(index) => self.flags(index) & AT_FOLLOW_LINK != 0,
        };
        vec![Request { action, name, directory, last: link(follow) }]
    }

    fn open(&self, named: Named, flags: u64) -> Vec<Request> {
        let Some((name, directory)) = self.name(named) else { return Vec::new() };
        vec![self.opened(name, directory, flags)]
    }

    fn opened(&self, name: Vec<u8>, directory: Vec<u8>, flags: u64) -> Request {
        // A descriptor for the path alone: most flags mean nothing then.
        let plain = flags & OPEN_PATH_ONLY != 0;
        let writes = flags & (OPEN_WRITES | OPEN_CREATES | OPEN_EMPTIES) != 0 && !plain;
        let action = match flags & self.abi.flags.directory != 0 {
            _ if writes => Action::Write,
            true => Action::List,
            false => Action::Open,
        };
        let new = flags & OPEN_CREATES != 0 && flags & OPEN_NEW != 0 && !plain;
        let last = link(flags & self.abi.flags.no_follow == 0 && !new);
        Request { action, name, directory, last }
    }

    fn open_how(&self) -> Vec<Request> {
        let structure = self.address(2);
        let word = |index: u64| memory::word(self.task, structure + 8 * index, 8);
        let (Some(flags), Some(resolve)) = (word(0), word(2)) else { return Vec::new() };
        let named = Named { directory: Some(0), name: 1 };
        let Some((name, directory)) = self.name(named) else { return Vec::new() };
        if resolve & RESOLVE_IN_ROOT == 0 || name.first() != Some(&b'/') {
            return vec![self.opened(name, directory, flags)];
        }
        // The descriptor is the root of that name.
        let Some(directory) = self.start(named) else { return Vec::new() };
        let name = &name[self.root.len()..];
        let slashes = name.iter().take_while(|byte| **byte == b'/').count();
        let name = if slashes == name.len() { b"." } else { &name[slashes..] };
        vec![self.opened(name.to_vec(), directory, flags)]
    }

    fn execute(&self, named: Named) -> Vec<Request> {
        let flags = if named.directory.is_some() { self.flags(4) } else { 0 };
        let (name, directory) = match self.name(named) {
            Some(both) => both,
            None if flags & AT_EMPTY_NAME != 0 => match self.start(named) {
                Some(file) => (Vec::new(), file),
                None => return Vec::new(),
            },
            None => return Vec::new(),
        };
        let arguments = self.strings(self.address(named.name + 1));
        let last = link(flags & AT_KEEP_LINK == 0);
        vec![Request { action: Action::Execute { arguments }, name, directory, last }]
    }

    /// The strings of a list of pointers that ends with null.
    fn strings(&self, list: u64) -> Vec<Box<[u8]>> {
        let size = self.abi.pointer();
        let (mut found, mut left): (Vec<Box<[u8]>>, _) = (Vec::new(), MOST_ARGUMENT_BYTES);
        while found.len() < MOST_ARGUMENTS && left > 0 {
            let place = list.wrapping_add((found.len() * size) as u64);
            let Some(address) = memory::word(self.task, place, size).filter(|at| *at != 0) else {
                break;
            };
            let Some(Text::Whole(text) | Text::Long(text)) = memory::text(self.task, address, left)
            else {
                break;
            };
            left -= text.len().min(left);
            found.push(text.into());
        }
        found
    }

    /// The file of a descriptor, without a name.
    fn descriptor(&self, index: u8, action: Action) -> Vec<Request> {
        let file = self.processes.descriptor(self.task, self.number(index));
        let of_file =
            |directory| Request { action, name: Vec::new(), directory, last: LastLink::Follow };
        file.map(of_file).into_iter().collect()
    }

    /// `struct mmap_arg_struct`: address, length, protection, flags, descriptor.
    fn old_map(&self) -> Vec<Request> {
        let structure = self.address(0);
        let word = |index: u64| memory::word(self.task, structure + 4 * index, 4);
        let (Some(protection), Some(flags), Some(file)) = (word(2), word(3), word(4)) else {
            return Vec::new();
        };
        if protection & 4 == 0 || flags & 0x20 != 0 {
            return Vec::new();
        }
        let arguments = [file, 0, 0, 0, 0, 0];
        Caller { arguments, ..*self }.descriptor(0, Action::Map)
    }

    fn socket_call(&self) -> Vec<Request> {
        let call = self.flags(0);
        let list = self.address(1);
        let word = |index: u64| memory::word(self.task, list + 4 * index, 4);
        let (true, Some(address), Some(length)) = (SOCKETCALL.contains(&call), word(1), word(2))
        else {
            return Vec::new();
        };
        let action = if call == SOCKETCALL[0] { Action::Change } else { Action::Connect };
        self.socket(action, address, length)
    }

    /// `struct sockaddr_un` of [unix(7)](https://man7.org/linux/man-pages/man7/unix.7.html): two
    /// bytes of family, then the name. One that begins with zero is no file's.
    fn socket(&self, action: Action, address: u64, length: u64) -> Vec<Request> {
        let mut bytes = [0; 110];
        let length = usize::try_from(length & 0xffff_ffff).unwrap_or(0).min(bytes.len());
        let read = memory::read(self.task, self.abi.address(address), &mut bytes[..length]);
        let bytes = &bytes[..read.unwrap_or(0)];
        let Some(name) = bytes.strip_prefix(&SOCKETS_OF_FILES) else { return Vec::new() };
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        let (name, directory) = match name.first() {
            None => return Vec::new(),
            Some(b'/') => ([self.root, name].concat(), Some(b"/".to_vec())),
            Some(_) => (name.to_vec(), self.processes.working_directory(self.task)),
        };
        let follow = action == Action::Connect;
        directory
            .map(|directory| Request { action, name, directory, last: link(follow) })
            .into_iter()
            .collect()
    }

    /// `struct clone_args` begins with the flags. Takes the one out that would hide the child.
    fn keep_traced(&self) {
        let structure = self.address(0);
        let Some(flags) = memory::word(self.task, structure, 8) else { return };
        if flags & u64::from(CLONE_UNTRACED) != 0 {
            // A task that ended meanwhile has no child either.
            let _ = kernel::write_word(self.task, structure, flags & !u64::from(CLONE_UNTRACED));
        }
    }
}

/// `creat` has its name first.
const CREATED: Named = Named { directory: None, name: 0 };

fn link(follow: bool) -> LastLink {
    if follow { LastLink::Follow } else { LastLink::Keep }
}
