//! Lines of the loader, and what is read from them.

use alloc::format;
use alloc::string::String;

use super::*;
use crate::words::Escaped;

#[track_caller]
fn check(log: &str, expected: &str) {
    let mut reader = Reader::default();
    let mut accesses: Vec<_> = log.lines().flat_map(|line| reader.line(line.as_bytes())).collect();
    let (rest, left) = reader.finish();
    accesses.extend(rest);
    let mut shown = String::new();
    for access in accesses {
        assert_eq!(access.action, Action::Map);
        let by = access.by.as_ref().map(|by| format!(" by {}", Escaped(by))).unwrap_or_default();
        let (program, name) = (Escaped(&access.program), Escaped(&access.name));
        let outcome = if access.outcome == Outcome::Done { "mapped" } else { "missing" };
        shown += &format!("{} {program}{by}: {name}: {outcome}\n", access.process);
    }
    let lines = expected.lines().map(str::trim).filter(|line| !line.is_empty());
    assert_eq!(shown, lines.map(|line| format!("{line}\n")).collect::<String>());
    assert_eq!(left.count(), 0, "{left:?}");
}

#[test]
fn a_search_ends_with_the_file_that_is_mapped() {
    check(
        "
     7:\t
     7:\tfile=libz.so.1 [0];  needed by /usr/bin/app [0]
     7:\tfind library=libz.so.1 [0]; searching
     7:\t search path=/opt/lib:/lib\t\t(RUNPATH from file /usr/bin/app)
     7:\t  trying file=/opt/lib/libz.so.1
     7:\t  trying file=/lib/libz.so.1
     7:\t
     7:\tfile=libz.so.1 [0];  generating link map
     7:\t  dynamic: 0x00007fca96035b60  base: 0x00007fca95e63000   size: 0x00000000001e1f50
     7:\tcalling init: /lib/libz.so.1
     7:\tinitialize program: /usr/bin/app
        ",
        "
        7 /usr/bin/app by /usr/bin/app: /opt/lib/libz.so.1: missing
        7 /usr/bin/app by /usr/bin/app: /lib/libz.so.1: mapped
        ",
    );
}

#[test]
fn what_is_opened_at_run_time_may_be_missing() {
    check(
        "
     7:\tinitialize program: app
     7:\tfile=libgone.so [0];  dynamically loaded by /lib/libcrypto.so.3 [0]
     7:\tfind library=libgone.so [0]; searching
     7:\t search cache=/etc/ld.so.cache
     7:\t  trying file=/lib/libgone.so
     7:\t  trying file=/usr/lib/libgone.so
     7:\tfile=/usr/lib/ossl-modules/legacy.so [0];  dynamically loaded by /lib/libcrypto.so.3 [0]
     7:\tfile=/usr/lib/ossl-modules/legacy.so [0];  generating link map
     7:\tcalling fini: /lib/libcrypto.so.3 [0]
        ",
        "
        7  by /lib/libcrypto.so.3: /usr/lib/ossl-modules/legacy.so: mapped
        7  by /lib/libcrypto.so.3: /lib/libgone.so: missing
        7  by /lib/libcrypto.so.3: /usr/lib/libgone.so: missing
        ",
    );
}

#[test]
fn without_files_what_is_initialised_was_mapped() {
    check(
        "
     7:\tfind library=libz.so.1 [0]; searching
     7:\t  trying file=/opt/libz.so.1
     7:\t  trying file=/lib/libz.so.1
     7:\tfind library=libgone.so [0]; searching
     7:\t  trying file=/lib/libgone.so
     7:\tcalling init: /lib/libz.so.1
     7:\tinitialize program: /bin/a
        ",
        "
        7 /bin/a: /opt/libz.so.1: missing
        7 /bin/a: /lib/libz.so.1: mapped
        7 /bin/a: /lib/libgone.so: missing
        ",
    );
}

#[test]
fn what_the_program_prints_between_is_counted() {
    let mut reader = Reader::default();
    assert_eq!(reader.line(b"hello: world"), []);
    assert_eq!(reader.line(b""), []);
    let (_, left) = reader.finish();
    assert_eq!((left.count(), left.first.len()), (1, 1));
}
