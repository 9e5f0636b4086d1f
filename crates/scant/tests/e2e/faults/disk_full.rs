//! Every place that a build writes to, full: a file system in memory of a few megabytes, in a mount
//! namespace that ends with the script.

use std::os::unix::net::UnixListener;

use crate::run::run;
use crate::tools::require_ok;

use super::place::Place;

/// What a script is run with to be allowed to mount; an error if nothing is.
fn namespace() -> Result<&'static str, String> {
    let ways = ["unshare --mount", "unshare --user --map-root-user --mount"];
    let works = |way: &&str| {
        let mount = "mount -t tmpfs -o size=1m none /mnt";
        run("env").words(way).words("sh -c").arg(mount).end().code == Some(0)
    };
    let found = ways.into_iter().find(works);
    found.ok_or("neither root nor a user namespace may mount a tmpfs here".into())
}

/// Mounts 3 MB at `small`, builds 1 MB as `-o OUTPUT` there, then 2.9 MB; the layer goes beside the
/// first output. Prints what the second build says, and what has changed in `small`.
const SCRIPT: &str = r#"
mkdir small
mount -t tmpfs -o size=3m,mode=755 none small
state() { (cd small; find . | sort; find . -type f | sort | xargs -r sha256sum); }
"$scant" build old.yml -q --no-cache $outputs >/dev/null
state >before
code=0
"$scant" build app.yml -q --no-cache --force $outputs || code=$?
state >after
diff before after && echo "as it was"
exit $code
"#;

#[track_caller]
fn case(outputs: &str, expected: &str) {
    let namespace = namespace().expect("it was asked before");
    let place = Place::new(29, 100_000);
    place.fill("less", 4, 100_000);
    place.write("old.yml", "data:\n  - ./less:/files\n");
    let ran = place.script(namespace, SCRIPT).env("outputs", outputs).end();
    assert_eq!(place.seen(&ran), expected, "{outputs}");
}

/// What is shown of a build whose output has no room; `stderr` is the message.
fn refused(message: &str) -> String {
    format!("exit 4\n--- stdout\nas it was\n--- stderr\nerror: {message}\n")
}

#[test]
fn no_room_for_the_layer_leaves_what_was_there() {
    require_ok!(namespace());
    let expected = "cannot write to `[PLACE]/small`: No space left on device (os error 28)";
    let outputs = ["oci:small/o", "oci-archive:small/a", "docker-archive:small/d"];
    for output in outputs.iter().chain(&["rootfs:small/r", "tar:small/t"]) {
        case(&format!("-o {output}"), &refused(expected));
    }
}

#[test]
fn no_room_for_the_output_leaves_what_was_there() {
    require_ok!(namespace());
    let full = "No space left on device (os error 28)";
    let case = |output: &str, file: &str| {
        // The layer is beside the first output, where there is room.
        let message = refused(&format!("cannot write `small/{file}`: {full}"));
        case(&format!("-o tar:roomy -o {output}"), &message);
    };
    case("oci-archive:small/a", "a");
    case("docker-archive:small/d", "d");
    case("tar:small/t", "t");
    case("rootfs:small/r", "r/files/d8/f8");
    case("oci:small/o", "o/blobs/sha256/[DIGEST]");
}

#[test]
fn no_room_for_temporary_files_and_the_engine_hears_nothing() {
    let namespace = require_ok!(namespace());
    let place = Place::new(29, 100_000);
    let socket = UnixListener::bind(place.file("socket")).expect("it is ours");
    let script = r#"
        mkdir small
        mount -t tmpfs -o size=1m,mode=755 none small
        code=0
        TMPDIR="$PWD/small" DOCKER_HOST="unix://$PWD/socket" \
            "$scant" build app.yml -q --no-cache -o docker-daemon:app:1 || code=$?
        ls -A small
        exit $code
    "#;
    let ran = place.script(namespace, script).end();
    let expected = "exit 4\n--- stderr\nerror: cannot write to `[PLACE]/small`: No space left on \
                    device (os error 28)\n";
    assert_eq!(place.seen(&ran), expected);
    socket.set_nonblocking(true).expect("it is ours");
    assert!(socket.accept().is_err(), "the engine was bothered");
}

#[test]
fn no_room_for_the_cache_costs_a_note_and_nothing_else() {
    let namespace = require_ok!(namespace());
    let place = Place::new(29, 100_000);
    // The files are older than a tick of the clock, so that the second build can trust their stamps.
    let script = r#"
        mkdir small
        mount -t tmpfs -o size=1m,mode=755 none small
        "$scant" build app.yml -q --no-cache -o oci-archive:expected.tar
        "$scant" build app.yml --cache-dir small/cache -o oci-archive:full.tar
        cmp expected.tar full.tar
        find small -name '.unfinished-*'
        mount -o remount,size=64m small
        "$scant" build app.yml --cache-dir small/cache -o oci-archive:room.tar
        cmp expected.tar room.tar
        rm expected.tar
        "$scant" build app.yml --cache-dir small/cache -o oci-archive:again.tar
        cmp room.tar again.tar
    "#;
    let ran = place.script(namespace, script).end();
    let said = "notice: neither `entrypoint` nor `cmd` is set: `docker run` needs a program then\n\
                linux/amd64: 40 paths, 2.9 MB of files, 2.9 MB as a layer\n";
    let expected = format!(
        "exit 0\n--- stdout\n\
         oci-archive:expected.tar:latest sha256:[DIGEST]\n\
         oci-archive:full.tar:latest sha256:[DIGEST]\n\
         oci-archive:room.tar:latest sha256:[DIGEST]\n\
         oci-archive:again.tar:latest sha256:[DIGEST]\n\
         --- stderr\n{said}\
         note: the cache in `[PLACE]/small/cache/{}` cannot be written to: No space left on device \
         (os error 28)\n{said}{said}",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(place.seen(&ran), expected);
}
