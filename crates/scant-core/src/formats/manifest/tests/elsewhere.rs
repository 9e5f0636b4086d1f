//! Inputs from elsewhere: archives, files of the network, images.

use alloc::format;

use super::check;

#[test]
fn archives_files_and_images_are_inputs() {
    check(
        "\
inputs:
  TAR: {backend: tar, path: ./a.tar.xz}
  KNOWN: {backend: tar, path: a.tar, sha256: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}
  JRE:
    backend: tar
    url: https://example.com/jre.tar.gz?x=y
    sha256: 0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef
    strip-components: 1
  JAR:
    backend: http
    url: https://example.com/app/app-1.0.jar
    sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
  TINI:
    backend: http
    url: {linux/amd64: 'http://example.com/tini-amd64', linux/arm64: 'http://example.com/tini-arm64'}
    sha256:
      linux/amd64: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
      linux/arm64: 1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    name: tini
    executable: true
  BASE: {backend: oci, image: docker://alpine:3.20}
  OLD: {backend: oci, image: {linux/amd64: 'oci:x:tag', linux/arm64: 'docker-archive:y'}}
data: [JAR/app-1.0.jar, TINI/tini]
",
        "\
2:8 input TAR Tar { strip_components: 0 } ./a.tar.xz
3:10 input KNOWN Tar { strip_components: 0 } a.tar sha256:01234567…
5:5 input JRE Tar { strip_components: 1 } https://example.com/jre.tar.gz?x=y sha256:01234567…
10:5 input JAR Http { name: \"app-1.0.jar\", is_executable: false } https://example.com/app/app-1.0.jar sha256:01234567…
14:5 input TINI Http { name: \"tini\", is_executable: true } linux/amd64: http://example.com/tini-amd64 sha256:01234567…, linux/arm64: http://example.com/tini-arm64 sha256:11234567…
21:9 input BASE Oci docker://docker.io/library/alpine:3.20
22:8 input OLD Oci linux/amd64: oci:x:tag, linux/arm64: docker-archive:y
23:8 data JAR/app-1.0.jar -> /app-1.0.jar
23:25 data TINI/tini -> /tini
",
    );
}

#[test]
fn a_single_input_from_elsewhere_is_named_by_its_backend() {
    check(
        "input: {backend: tar, path: a.tar}\ndata: [TAR/x]",
        "\
1:8 input TAR Tar { strip_components: 0 } a.tar
2:8 data TAR/x -> /x",
    );
    check(
        "input: {backend: oci, image: oci-archive:a.tar}\ndata: [OCI/x]",
        "\
1:8 input OCI Oci oci-archive:a.tar
2:8 data OCI/x -> /x",
    );
}

#[test]
fn what_an_input_needs_is_asked_for() {
    check(
        "\
inputs:
  A: {backend: tar}
  B: {backend: http}
  C: {backend: oci}
  D: {backend: tar, path: x, url: 'https://example.com/x'}
  E: {backend: tar, url: 'https://example.com/x'}
  F: {backend: http, url: 'https://example.com/x?key=1'}
",
        "\
2:6: an input with backend `tar` needs a `path` or a `url`
3:6: an input with backend `http` needs a `url`
4:6: an input with backend `oci` needs an `image`
5:35: `path` and `url` cannot both be given (help: leave out the one that is not meant) (5:27: the other one)
6:26: a `url` needs a `sha256` (help: `curl -sSfL https://example.com/x | sha256sum` prints it; compare it with what the publisher says)
7:27: a `url` needs a `sha256` (help: `curl -sSfL https://example.com/x | sha256sum` prints it; compare it with what the publisher says)
",
    );
}

#[test]
fn keys_belong_to_backends() {
    check(
        "\
inputs:
  A: {backend: sysroot, path: x, sha256: x, url: x, image: x}
  B: {backend: tar, path: x, name: x, executable: true, mode: staging}
  C: {backend: oci, image: 'oci:x', strip-components: 1}
",
        "\
2:42: an input with backend `sysroot` has no `sha256` (help: leave it out; it belongs to `tar`, `http`)
2:50: an input with backend `sysroot` has no `url` (help: leave it out; it belongs to `tar`, `http`)
2:60: an input with backend `sysroot` has no `image` (help: leave it out; it belongs to `oci`)
3:36: an input with backend `tar` has no `name` (help: leave it out; it belongs to `http`)
3:51: an input with backend `tar` has no `executable` (help: leave it out; it belongs to `http`)
3:63: an input with backend `tar` has no `mode` (help: leave it out; it belongs to `buildroot`)
4:55: an input with backend `oci` has no `strip-components` (help: leave it out; it belongs to `tar`)
",
    );
}

#[test]
fn values_are_checked_where_they_stand() {
    check(
        "\
inputs:
  A: {backend: tar, url: 'ftp://example.com/x', sha256: 012}
  B: {backend: tar, url: 'https://u:secret@example.com/x', sha256: abc}
  C: {backend: oci, image: 'alpine:3.20'}
  D: {backend: oci, image: 'rootfs:./x'}
  E: {backend: oci, image: 'tar:x.tar'}
  F: {backend: tar, path: x, strip-components: -1}
  G: {backend: tar, path: '', sha256: abc}
",
        "\
2:26: `ftp://example.com/x` is not a URL: only `https://` and `http://` are known
2:57: expected a string or a mapping, found a number (help: quote it: \"012\")
3:26: `https://***@example.com/x` is not a URL: it holds a name or a password: they belong into a netrc file
3:68: `abc` is not a SHA-256 digest (help: write its 64 hexadecimal digits)
4:28: `alpine:3.20` begins with no transport that scant knows (help: an image of a registry is written `docker://alpine:3.20`; others begin with oci:, oci-archive:, docker-archive: or docker-daemon:)
5:28: `rootfs:./x` is no image but files (help: a directory is an input with `backend: sysroot`)
6:28: `tar:x.tar` is no image but files (help: an archive of files is an input with `backend: tar`)
7:48: expected a whole number from 0 to 4294967295, found -1
8:27: the path is empty
8:39: `abc` is not a SHA-256 digest (help: write its 64 hexadecimal digits)
",
    );
}

#[test]
fn digests_are_of_the_platforms_that_places_are_of() {
    let digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let text = format!(
        "\
inputs:
  A: {{backend: tar, url: {{linux/amd64: 'https://a/x', linux/arm64: 'https://a/y'}}, sha256: {digest}}}
  B: {{backend: tar, url: 'https://a/x', sha256: {{linux/amd64: {digest}}}}}
  C:
    backend: tar
    url: {{linux/amd64: 'https://a/x', linux/arm64: 'https://a/y'}}
    sha256: {{linux/amd64: {digest}, linux/386: {digest}}}
  D: {{backend: tar, path: {{linux/x: a}}, sha256: {{linux/amd64: {digest}}}}}
"
    );
    check(
        &text,
        "\
2:92: each platform has its own `url` and needs its `sha256` (help: write a mapping from platforms, such as `linux/arm64: 0123…`)
3:49: one `url` for all platforms has one `sha256`
7:13: `linux/386` has no `url`
7:13: `linux/arm64` has a `url` but no `sha256`
8:28: `linux/x` is not a platform that scant knows: linux/amd64, linux/arm64, linux/arm/v7, linux/arm/v6, linux/arm/v5, linux/386, linux/loong64, linux/mips, linux/mipsle, linux/mips64, linux/mips64le, linux/ppc64, linux/ppc64le, linux/riscv64, linux/s390x
",
    );
}

#[test]
fn a_file_of_the_network_has_a_name() {
    let digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let text = format!(
        "\
inputs:
  A: {{backend: http, url: 'https://example.com/', sha256: {digest}}}
  B: {{backend: http, url: 'https://example.com/x', sha256: {digest}, name: a/b}}
  C:
    backend: http
    url: {{linux/amd64: 'https://a/x', linux/arm64: 'https://a/y'}}
    sha256: {{linux/amd64: {digest}, linux/arm64: {digest}}}
"
    );
    check(
        &text,
        "\
2:27: the URL does not end in the name of a file (help: say what the file is called with `name`)
3:132: `a/b` cannot name a file (help: write a name without `/`)
6:10: the URLs end in different names (help: say what the file is called with `name`)
",
    );
}
