//! Texts in, what they mean or why not out.

use super::*;

#[track_caller]
fn case(text: &str, expected: &str) {
    let shown = match text.parse::<ImageReference>() {
        Ok(reference) => reference.to_string(),
        Err(error) => alloc::format!("error: {error}"),
    };
    assert_eq!(shown, expected, "{text}");
}

#[test]
fn references_are_read_as_skopeo_reads_them() {
    case("oci:dir", "oci:dir");
    case("oci:dir:latest", "oci:dir:latest");
    case("oci:dir:", "oci:dir");
    case("oci:a/b:docker.io/x:1", "oci:a/b:docker.io/x:1");
    case("oci-archive:/a.tar:v1", "oci-archive:/a.tar:v1");
    case("docker-archive:a.tar:x", "docker-archive:a.tar:docker.io/library/x");
    case("docker-archive:a.tar:h:5000/x:1", "docker-archive:a.tar:h:5000/x:1");
    case("docker-daemon:x:1", "docker-daemon:docker.io/library/x:1");
    case("docker://a/b", "docker://docker.io/a/b");
    case("rootfs:a:b", "rootfs:a:b");
    case("tar:/a:b.tar", "tar:/a:b.tar");
}

#[test]
fn what_is_no_reference_says_why() {
    case(
        "oci",
        "error: `oci` names no transport; one of oci:, oci-archive:, docker-archive:, \
         docker-daemon:, docker://, rootfs:, tar: was expected, as in `oci:oci`",
    );
    case(
        "alpine:3",
        "error: `alpine` in `alpine:3` is no transport that scant knows: oci:, oci-archive:, \
         docker-archive:, docker-daemon:, docker://, rootfs:, tar: (did you mean \
         `docker://alpine:3` or `docker-daemon:alpine:3`? a path with a colon can be written \
         `./alpine:3`)",
    );
    case("oci:", "error: `oci:` names no directory");
    case("oci-archive::x", "error: `oci-archive::x` names no file");
    case("docker:x", "error: `docker:x` should be `docker://x`");
    case(
        "oci:d:-",
        "error: `-` in `oci:d:-` is not a tag: letters, digits and single `-._:@+/` between them \
         were expected (everything after the first colon of the path is the tag)",
    );
    case(
        "docker-daemon:X",
        "error: `X` is not the name of an image: the path must be in lower case",
    );
}

#[test]
fn a_path_needs_no_transport() {
    let case = |text: &str, expected: &str| {
        let shown = match ImageReference::parse_or_path(text) {
            Ok(ImageArgument::Path(path)) => alloc::format!("path {path}"),
            Ok(ImageArgument::Reference(reference)) => reference.to_string(),
            Err(_) => "error".into(),
        };
        assert_eq!(shown, expected, "{text}");
    };
    case("dir", "path dir");
    case("./a:b", "path ./a:b");
    case("/a:b", "path /a:b");
    case("a.tar", "path a.tar");
    case("oci:dir", "oci:dir");
    case("a:b", "error");
    case("", "error");
}

#[test]
fn names_are_normalised_as_docker_does() {
    let case = |text: &str, expected: &str| {
        let shown = match text.parse::<Name>() {
            Ok(name) => alloc::format!("{name} {} {}", name.tagged(), name.familiar()),
            Err(error) => alloc::format!("error: {}", error.problem),
        };
        assert_eq!(shown, expected, "{text}");
    };
    case("x", "docker.io/library/x docker.io/library/x:latest x:latest");
    case("a/x:1", "docker.io/a/x:1 docker.io/a/x:1 a/x:1");
    case("library/x", "docker.io/library/x docker.io/library/x:latest x:latest");
    case("localhost/x", "localhost/x localhost/x:latest localhost/x:latest");
    case("localhost:5000/x:1", "localhost:5000/x:1 localhost:5000/x:1 localhost:5000/x:1");
    case("index.docker.io/x", "docker.io/library/x docker.io/library/x:latest x:latest");
    case("a__b/c--d.e", "docker.io/a__b/c--d.e docker.io/a__b/c--d.e:latest a__b/c--d.e:latest");
    // The short forms of these would name another registry.
    case("docker.io/l.ia/x", "docker.io/l.ia/x docker.io/l.ia/x:latest docker.io/l.ia/x:latest");
    case(
        "docker.io/localhost/x",
        "docker.io/localhost/x docker.io/localhost/x:latest docker.io/localhost/x:latest",
    );
    let digest = Digest::of(b"");
    let pinned = alloc::format!("x:1@{digest}");
    let expected = alloc::format!("docker.io/library/{pinned} docker.io/library/x:1 x:1");
    case(&pinned, &expected);
    case(
        "x@sha256:1",
        "error: after `@` a digest is expected, `sha256:` and 64 hexadecimal digits",
    );
    case(
        "x:.1",
        "error: a tag is 1 to 128 letters, digits, `_`, `.` and `-`, and does not start \
         with `.` or `-`",
    );
    case(
        "a..b",
        "error: a path is lower-case letters and digits with `.`, `_`, `__` or `-` \
         between them",
    );
    case(
        "",
        "error: a path is lower-case letters and digits with `.`, `_`, `__` or `-` between \
         them",
    );
    case("a.b-/x", "error: the host may hold letters, digits, `-` and `.`, then `:PORT`");
}

use crate::words::Digest;
