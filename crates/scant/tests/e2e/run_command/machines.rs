//! Programs for another machine, which the kernel has a handler for. From Linux 6.7 on a user
//! namespace has handlers of its own: none of this machine's are changed.

use std::fs;

use super::place::{Place, Who, sandbox};
use crate::tools::{QEMU_AARCH64, find, require, require_ok, skip};

/// Which files are programs of 64-bit ARM, as `binfmt_misc` is told.
const MAGIC: &str = r"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00";
const MASK: &str =
    r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff";

/// Ends with 42: `mov x0, #42; mov x8, #93; svc #0` in a file with one segment.
fn program() -> Vec<u8> {
    const START: u64 = 0x40_0000;
    let code = [0xd280_0540_u32, 0xd280_0ba8, 0xd400_0001];
    let header = [0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let size = 64 + 56 + 4 * code.len() as u64;
    let mut file = header.to_vec();
    let half = |numbers: &[u16], file: &mut Vec<u8>| {
        numbers.iter().for_each(|number| file.extend(number.to_le_bytes()));
    };
    let long = |numbers: &[u64], file: &mut Vec<u8>| {
        numbers.iter().for_each(|number| file.extend(number.to_le_bytes()));
    };
    // Type, machine (AArch64), version.
    half(&[2, 183, 1, 0], &mut file);
    // Entry, and where the table of segments is.
    long(&[START + 64 + 56, 64, 0], &mut file);
    // Flags, and sizes and counts of the tables.
    half(&[0, 0, 64, 56, 1, 64, 0, 0], &mut file);
    // To be loaded, readable and executable: all of the file.
    half(&[1, 0, 5, 0], &mut file);
    long(&[0, START, START, size, size, 0x1000], &mut file);
    code.iter().for_each(|word| file.extend(word.to_le_bytes()));
    file
}

#[test]
fn a_handler_with_the_flag_f_runs_them() {
    require!(BUSYBOX, SETPRIV, UNSHARE, QEMU_AARCH64);
    if cfg!(target_arch = "aarch64") {
        return skip("this machine runs them by itself");
    }
    let place = Place::new();
    require_ok!(sandbox(&place));
    fs::write(place.path().join("other"), program()).expect("the directory is ours");
    crate::run::run("chmod").arg("0755").arg(place.path().join("other")).ok();
    let emulator = find(QEMU_AARCH64.program()).expect("it is required");
    let handler = |flags: &str| format!(":scant:M::{MAGIC}:{MASK}:{}:{flags}", emulator.display());
    let registered = |who, flags: &str, words: &str| {
        let script = "mount -t binfmt_misc none /proc/sys/fs/binfmt_misc && \
                      printf %s \"$0\" > /proc/sys/fs/binfmt_misc/register || exit 99; exec \"$@\"";
        let run = place.any(who, "unshare").words("--user --map-root-user --mount sh -c");
        run.arg(script).arg(handler(flags)).arg("./scant").words(words).end()
    };
    let run = "run oci:image -q --mount other:/other:ro --entrypoint /other";
    for who in [Who::Tester, Who::Nobody] {
        let ran = registered(who, "F", run);
        if ran.code == Some(99) {
            return skip(&format!("no handlers of its own: {}", ran.stderr));
        }
        assert_eq!(ran.expect(42).stderr, "");
        // Without it the emulator would have to be in the image.
        let ran = registered(who, "", run).expect(126);
        assert!(ran.stderr.contains("`/other`"), "{}", ran.stderr);
    }
}
