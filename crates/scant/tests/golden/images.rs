//! The images: a tree and a manifest for each thing that decides bytes. Every one of them is built
//! with the defaults, but where its name says otherwise.

use std::path::Path;

use crate::build::sizes;

/// An image to build.
pub(crate) struct Image {
    pub(crate) name: &'static str,
    /// What of the format it is about.
    pub(crate) about: &'static str,
    /// Directories beside the manifest, as listings. `LONG` and `VERY` stand for names of more than
    /// 100 and 200 bytes.
    pub(crate) roots: &'static [(&'static str, &'static str)],
    /// Writes what no listing can.
    pub(crate) also: fn(&Path),
    pub(crate) manifest: &'static str,
    pub(crate) options: &'static [&'static str],
}

const NOTHING: Image =
    Image { name: "", about: "", roots: &[], also: |_| (), manifest: "", options: &[] };

const LIBRARIES: &str = "
/lib64                       -> usr/lib64
/usr/lib64/ld.so.1           loader glibc x86_64 dirs=/lib64/,/usr/lib64/
/usr/lib64/libc.so.6         elf x86_64 soname=libc.so.6
/usr/lib64/libz.so.1         -> libz.so.1.3
/usr/lib64/libz.so.1.3       elf x86_64 soname=libz.so.1 needed=libc.so.6
/usr/bin/app                 elf x86_64 interp=/lib64/ld.so.1 needed=libz.so.1,libc.so.6
/etc/app.conf                \"listen 80\\n\"
";

const NAMED_LAYERS: &str = "
input: {backend: sysroot, path: root}
binaries: [SYSROOT/usr/bin/app]
data: [SYSROOT/etc/app.conf]
layers:
  - {name: libraries, paths: [/lib64, \"/usr/lib64/**\"]}
  - {name: settings, paths: [\"/etc/**\"]}
";

const SIZES: &str = "
data: [\"./sizes/:/srv\"]
platforms: [linux/amd64]
";

pub(crate) const IMAGES: [Image; 11] = [
    Image {
        name: "minimal",
        about: "one file",
        roots: &[("root", "/hello \"hello\\n\"")],
        manifest: "data: [\"./root/hello:/hello\"]\nplatforms: [linux/amd64]\n",
        ..NOTHING
    },
    Image {
        name: "names",
        about: "long and non-ASCII paths, long link targets",
        roots: &[(
            "root",
            "
/short                 \"1\"
/LONG                  \"2\"
/LONGd/LONG            \"3\"
/LONGd/VERY            \"4\"
/LONGd/to-long         -> ../LONG
/to-very               -> LONGd/VERY
/VERYd/LONG/a          \"5\"
/ä/ö/日本語            \"6\"
/ä/link                -> ö/日本語
/with-blank            \"7\"
",
        )],
        manifest: "
data: [\"./root/:/data\"]
hardlinks: [\"/data/LONGd/VERY:/data/VERYd/ü\"]
platforms: [linux/amd64]
",
        ..NOTHING
    },
    Image {
        name: "attributes",
        about: "large owners, extended attributes, file capabilities",
        roots: &[("root", "/ping elf x86_64 static\n/note \"note\\n\"\n/other \"other\\n\"")],
        manifest: "
binaries:
  - {from: ./root/ping, to: /usr/bin/ping, capabilities: [cap_net_raw=ep]}
data:
  - {from: ./root/note, to: /srv/note, owner: \"2097151:2097152\"}
  - {from: ./root/other, to: /srv/other, owner: \"4000000000:4000000000\",
     xattrs: {user.note: \"of a user\", user.a: 1, trusted.b: \"ä\"}}
directories:
  - {path: /srv/d, owner: \"3000000:0\", xattrs: {user.d: directory}}
",
        ..NOTHING
    },
    Image {
        name: "links and modes",
        about: "hard links, symbolic links, setuid, setgid and sticky bits, accounts",
        roots: &[(
            "root",
            "/su elf x86_64 static\n/d/a \"a\"\n/d/run mode=0755 \"b\"\n/d/link -> a\n/d/up -> ../d/run",
        )],
        manifest: "
binaries:
  - {from: ./root/su, to: /usr/bin/su, mode: \"4755\"}
data:
  - {from: ./root/d/, to: /srv/d, mode: \"0640\", directory-mode: \"2750\", owner: \"alice:staff\"}
directories:
  - {path: /tmp, mode: \"1777\"}
  - {path: /home/alice, mode: \"0700\", owner: alice}
symlinks: [\"/usr/bin:/bin\", \"../usr/bin/su:/sbin/su\"]
hardlinks: [\"/usr/bin/su:/usr/bin/sg\", \"/srv/d/a:/srv/b\"]
accounts:
  users: [{name: alice, uid: 1000, home: /home/alice}]
  groups: [{name: staff, gid: 50, members: [alice]}]
",
        ..NOTHING
    },
    Image {
        name: "configuration",
        about: "all that an image can say of itself, and a loader's cache",
        roots: &[("root", LIBRARIES)],
        manifest: "
input: {backend: sysroot, path: root}
binaries: [SYSROOT/usr/bin/app]
ld-so-cache: always
image:
  entrypoint: [/usr/bin/app, -v]
  cmd: [serve, \"<&>\"]
  env: {B: 1, A: \"ä\"}
  expose: [80, 53/udp, 8000-8002/tcp]
  labels: {b: 1, a: 2}
  annotations: {d: 1, c: 2}
  user: \"5:6\"
  workdir: /srv
  volumes: [/var/lib, /srv]
  stopsignal: SIGQUIT
  healthcheck: {test: [CMD, /usr/bin/app, probe], interval: 1m30s, retries: 3}
",
        ..NOTHING
    },
    Image {
        name: "layers by input",
        about: "one layer for each input and one for the rest",
        roots: &[("root", LIBRARIES), ("app", "/opt/page \"a page\\n\"\n/opt/d/x \"x\"")],
        manifest: "
inputs:
  BASE: {backend: sysroot, path: root}
  APP: {backend: sysroot, path: app}
binaries: [BASE/usr/bin/app]
data: [APP/opt/]
directories: [/tmp]
layers: by-input
",
        ..NOTHING
    },
    Image {
        name: "named layers",
        about: "layers by paths",
        roots: &[("root", LIBRARIES)],
        manifest: NAMED_LAYERS,
        ..NOTHING
    },
    Image {
        name: "named layers, zstd",
        about: "the same with --compression zstd",
        roots: &[("root", LIBRARIES)],
        manifest: NAMED_LAYERS,
        options: &["--compression", "zstd"],
        ..NOTHING
    },
    Image {
        name: "platforms",
        about: "an index of two",
        roots: &[
            ("amd64", "/usr/bin/app elf x86_64 static"),
            ("arm64", "/usr/bin/app elf aarch64 static"),
        ],
        manifest: "
inputs:
  ROOT: {backend: sysroot, path: {linux/amd64: ./amd64, linux/arm64: ./arm64}}
binaries: [ROOT/usr/bin/app]
platforms: [linux/amd64, linux/arm64]
image: {entrypoint: [/usr/bin/app], annotations: {a: 1}}
",
        ..NOTHING
    },
    Image {
        name: "pieces",
        about: "a file of several pieces, and many that share one",
        also: sizes,
        manifest: SIZES,
        ..NOTHING
    },
    Image {
        name: "pieces, zstd",
        about: "the same with --compression zstd",
        also: sizes,
        manifest: SIZES,
        options: &["--compression", "zstd"],
        ..NOTHING
    },
];
