//! What somebody who is not root may not do. Only root can become somebody else: others skip these.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::net::UnixListener;
use std::path::Path;

use crate::run::{Ran, run};
use crate::tools::require_ok;

use super::place::Place;

/// Runs a command as somebody who owns nothing.
const NOBODY: &str = "setpriv --reuid=65534 --regid=65534 --clear-groups";

fn somebody_else() -> Result<(), String> {
    let scant = env!("CARGO_BIN_EXE_scant");
    let code = run("env").words(NOBODY).arg(scant).arg("--version").end().code;
    let reason = "only root can become somebody else, who must be allowed to run scant";
    if code == Some(0) { Ok(()) } else { Err(reason.into()) }
}

/// A place that everybody may read, with a directory `own` that belongs to nobody.
fn place() -> Place {
    let place = Place::new(3, 100);
    mode(place.path(), 0o755);
    fs::create_dir(place.file("own")).expect("it is ours");
    chown(place.file("own"), Some(65534), Some(65534)).expect("this is root");
    place
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
}

fn build(place: &Place, words: &str) -> Ran {
    let script = format!("exec \"$scant\" build app.yml -q {words}");
    let host = format!("unix://{}", place.file("socket").display());
    place.script(NOBODY, &script).env("DOCKER_HOST", host).end()
}

#[test]
fn a_directory_that_may_not_be_written_to() {
    require_ok!(somebody_else());
    let place = place();
    let expected = "exit 4\n--- stderr\nerror: `[PLACE]` cannot be written to: permission denied\n";
    for output in ["oci:o", "oci-archive:a", "docker-archive:d", "rootfs:r", "tar:t"] {
        let ran = build(&place, &format!("--no-cache -o {output}"));
        assert_eq!(place.seen(&ran), expected, "{output}");
    }
}

#[test]
fn a_socket_that_may_not_be_used() {
    require_ok!(somebody_else());
    let place = place();
    let _socket = UnixListener::bind(place.file("socket")).expect("it is ours");
    mode(&place.file("socket"), 0o600);
    let ran = build(&place, "--no-cache -o docker-daemon:app:1");
    assert_eq!(
        place.seen(&ran),
        "exit 4\n--- stderr\nerror: not allowed to talk to the Docker engine at \
         `unix://[PLACE]/socket`: permission denied. Members of the socket's group (usually \
         `docker`) may\n"
    );
}

#[test]
fn a_cache_that_may_be_read_only() {
    require_ok!(somebody_else());
    let place = place();
    place.scant("build app.yml -q --cache-dir cache -o oci-archive:expected.tar").ok();
    run("chmod").words("-R a+rX").arg(place.file("cache")).ok();
    place.write("files/d0/f0", "changed");
    place.scant("build app.yml -q --no-cache -o oci-archive:expected.tar").ok();
    build(&place, "--cache-dir cache -o oci-archive:own/built.tar").expect(0);
    let read = |name: &str| fs::read(place.file(name)).expect("it is there");
    assert!(read("own/built.tar") == read("expected.tar"));
}

#[test]
fn files_in_a_directory_without_write_permission_are_replaced_and_gone() {
    require_ok!(somebody_else());
    let place = place();
    let manifest = "data:\n  - {from: ./files, to: /files, directory-mode: \"0555\"}\n";
    place.write("app.yml", manifest);
    for _ in 0..2 {
        build(&place, "--no-cache --force -o rootfs:own/r").expect(0);
        assert_eq!(place.names("own"), ["r"]);
    }
}
