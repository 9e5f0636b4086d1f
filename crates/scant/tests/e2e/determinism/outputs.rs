//! The other outputs: an archive and a directory are the same bytes and modes as well.

use std::fs;
use std::path::Path;

use crate::example::Example;
use crate::run::run;

/// Builds the example under these surroundings, and gives the bytes of the layout's index (which
/// holds the digest of all else) and of the archive.
fn build(example: &Example, umask: &str, zone: &str, locale: &str) -> (Vec<u8>, Vec<u8>) {
    let script = format!("umask {umask} && exec \"$0\" build bash.yml \"$@\"");
    run("sh")
        .directory(example.path())
        .without_env("SOURCE_DATE_EPOCH")
        .env("TZ", zone)
        .env("LC_ALL", locale)
        .arg("-c")
        .arg(script)
        .arg(env!("CARGO_BIN_EXE_scant"))
        .words("--force -o oci:layout -o oci-archive:image.tar -o rootfs:root -t bash:same")
        .ok();
    let read = |name: &str| fs::read(example.file(name)).expect("it was built");
    (read("layout/index.json"), read("image.tar"))
}

/// Makes the files of a directory look older, and closed to others.
fn disguise(directory: &Path) {
    for entry in fs::read_dir(directory).expect("the copy is ours") {
        let path = entry.expect("the copy is ours").path();
        run("touch").words("-d 2001-02-03").arg(&path).ok();
        run("chmod").words("go-rwx").arg(&path).ok();
    }
}

#[test]
fn surroundings_do_not_reach_the_bytes() {
    crate::tools::require!(BASH);
    let (one, other) = (Example::copy("bash"), Example::copy("bash"));
    disguise(other.path());
    let modes =
        |example: &Example| run("find").arg(example.file("root")).words("-printf %P:%m\\n").ok();
    let first = build(&one, "022", "UTC", "C");
    let second = build(&other, "077", "Asia/Tokyo", "de_DE.UTF-8");
    assert!(first.0 == second.0, "the indexes differ");
    assert!(first.1 == second.1, "the archives differ");
    assert_eq!(modes(&one), modes(&other));
    let again = build(&one, "000", "America/Lima", "C.UTF-8");
    assert!(first.0 == again.0, "building into the same layout changes its index");
}
