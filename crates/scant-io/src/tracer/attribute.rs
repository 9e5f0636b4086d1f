//! Which mapped file's code asked: the nearest return address on the stack that lies in a file
//! other than the C library and the loader. Nothing says how far the frames of those reach, so an
//! old address that was not overwritten can be taken for one in use; only words behind a call
//! instruction count, which leaves few. A best effort, therefore, and only made for what people
//! are shown: names that were not found, and libraries.

use scant_core::words::{Access, Action, Outcome};

use super::memory;

/// How much of the stack is looked at: the frames of a loader that opens a library for somebody
/// take up to about a third of it.
const STACK: usize = 16 * 1024;

/// The executable maps of files of a process.
pub(super) struct Code {
    maps: Vec<(u64, u64, Vec<u8>)>,
}

/// Whether it is worth asking who asked.
pub(super) fn is_worth_it(access: &Access) -> bool {
    let library = access.name.windows(3).any(|part| part == b".so");
    let failed = matches!(access.outcome, Outcome::Failed(_));
    access.action == Action::Open && (library || failed)
}

impl Code {
    pub(super) fn new(maps: Vec<(u64, u64, Vec<u8>)>) -> Self {
        Self { maps }
    }

    fn file(&self, address: u64) -> Option<&[u8]> {
        let after = self.maps.partition_point(|(from, _, _)| *from <= address);
        let (_, to, name) = self.maps.get(after.checked_sub(1)?)?;
        (address < *to).then_some(name)
    }

    /// The file whose code asked, of a task that waits with this stack pointer.
    pub(super) fn asker(&self, task: i32, stack: u64, word: usize) -> Option<&[u8]> {
        let mut bytes = vec![0; STACK];
        let read = memory::read(task, stack, &mut bytes)?;
        bytes[..read].chunks_exact(word).find_map(|chunk| {
            let address = match *chunk {
                [a, b, c, d] => u64::from(u32::from_ne_bytes([a, b, c, d])),
                _ => u64::from_ne_bytes(chunk.try_into().ok()?),
            };
            let file = self.file(address).filter(|file| !serves_others(file))?;
            follows_call(task, address).then_some(file)
        })
    }
}

/// The C library and the loader: they open for others.
fn serves_others(path: &[u8]) -> bool {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let begins: [&[u8]; 6] = [b"libc.so", b"libc-", b"libc.musl-", b"ld-", b"libpthread", b"libdl"];
    begins.iter().any(|begin| name.starts_with(begin)) && holds(name, b".so") || name == b"ld.so"
}

fn holds(name: &[u8], part: &[u8]) -> bool {
    name.windows(part.len()).any(|window| window == part)
}

/// Whether the instruction before an address calls.
fn follows_call(task: i32, address: u64) -> bool {
    let Some(from) = address.checked_sub(7) else { return false };
    memory::bytes(task, from).is_some_and(is_call)
}

/// Whether seven bytes of code end with a call.
#[cfg(not(target_arch = "aarch64"))]
fn is_call(code: [u8; 7]) -> bool {
    // call rel32, or call through a register or memory: `ff /2` with 0, 1, 2, 4 or 5 bytes behind.
    let through = |at: usize| code[at] == 0xff && code[at + 1] >> 3 & 7 == 2;
    code[2] == 0xe8 || [0, 1, 3, 4, 5].into_iter().any(through)
}

/// Whether seven bytes of code end with a call.
#[cfg(target_arch = "aarch64")]
fn is_call(code: [u8; 7]) -> bool {
    // bl, or blr of a register.
    let word = u32::from_le_bytes([code[3], code[4], code[5], code[6]]);
    word >> 26 == 0b10_0101 || word & 0xffff_fc1f == 0xd63f_0000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_c_library_and_the_loader_open_for_others() {
        for name in ["/lib/ld-linux-x86-64.so.2", "/lib/libc.so.6", "/lib/ld-musl-x86_64.so.1"] {
            assert!(serves_others(name.as_bytes()), "{name}");
        }
        for name in ["/lib/libcrypto.so.3", "/usr/bin/ld-tool", "/lib/libcap.so.2", "/bin/a"] {
            assert!(!serves_others(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn an_address_is_in_the_map_around_it() {
        let code = Code::new(vec![(10, 20, b"/a".to_vec()), (30, 40, b"/b".to_vec())]);
        let files = [9, 10, 19, 20, 35, 40].map(|address| code.file(address));
        assert_eq!(files, [None, Some(&b"/a"[..]), Some(b"/a"), None, Some(b"/b"), None]);
    }

    #[test]
    #[cfg(not(target_arch = "aarch64"))]
    fn calls_of_x86() {
        assert!(is_call([0, 0, 0xe8, 1, 2, 3, 4]));
        assert!(is_call([0, 0x41, 0, 0, 0, 0xff, 0xd0]));
        assert!(is_call([0, 0xff, 0x15, 1, 2, 3, 4]));
        assert!(!is_call([0x90; 7]));
    }
}
