//! What tests of faults need of the machine, and how they are skipped without it.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::place::Place;

/// Says that a test is not made, and why; with `SCANT_NO_SKIP=1` it fails instead.
pub(super) fn skip(reason: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let strict = std::env::var_os("SCANT_NO_SKIP").is_some_and(|value| value == "1");
    assert!(!strict, "{test} must not be skipped: {reason}");
    println!("skipped: {test}: {reason}");
}

/// Runs a shell script in a mount namespace of its own, with `$SCANT` set; none where that is not
/// allowed. What it mounts is gone afterwards.
#[track_caller]
pub(super) fn with_mounts(place: &Place, script: &str) -> Option<String> {
    let works = |words: &[&str]| {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).stderr(Stdio::null()).stdout(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !works(&["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"]) {
        skip("no mount namespace can be made (unshare -rm)");
        return None;
    }
    let output = place
        .program("unshare", ["-rm", "sh", "-c", script])
        .env("SCANT", env!("CARGO_BIN_EXE_scant"))
        .output()
        .unwrap();
    Some(place.seen(&output))
}

/// Runs scant as somebody who may do nothing; none where that is not possible.
#[track_caller]
pub(super) fn as_nobody(place: &Place, line: &str) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let words = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
    let scant = env!("CARGO_BIN_EXE_scant");
    let able = |program: &str| {
        let mut command = place.program("setpriv", words.into_iter().chain([program, "--version"]));
        command.stderr(Stdio::null()).stdout(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !able(scant) || !Path::new(scant).exists() {
        skip("scant cannot be run as another user (setpriv, as root)");
        return None;
    }
    let line = words.into_iter().chain([scant]).chain(line.split_whitespace());
    let output = place.program("setpriv", line).output().unwrap();
    Some(place.seen(&output))
}

/// A FIFO.
#[track_caller]
pub(super) fn make_fifo(at: &Path) {
    assert!(Command::new("mkfifo").arg(at).status().unwrap().success());
}

/// A device, `/dev/null` by another name; false where that is not allowed.
pub(super) fn make_device(at: &Path) -> bool {
    let mut mknod = Command::new("mknod");
    mknod.arg(at).args(["c", "1", "3"]).stderr(Stdio::null());
    let made = mknod.status().is_ok_and(|status| status.success());
    if !made {
        skip("no device can be made (mknod, as root)");
    }
    made
}
