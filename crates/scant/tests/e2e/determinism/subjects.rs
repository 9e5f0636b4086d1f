//! What is built in every variation: each of the examples, with the trees that they are told to
//! read, and one image that has of everything.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use scant_testkit::Listing;

use crate::example::Example;

/// A directory with a manifest.
pub(super) struct Subject {
    pub(super) name: &'static str,
    pub(super) manifest: &'static str,
    example: Example,
}

impl Subject {
    fn new(name: &'static str, manifest: &'static str, example: Example) -> Self {
        let all = fs::Permissions::from_mode(0o755);
        fs::set_permissions(example.path(), all).expect("the copy is ours");
        Self { name, manifest, example }
    }

    /// The directory.
    pub(super) fn path(&self) -> &Path {
        self.example.path()
    }

    /// Adds to one of its files.
    pub(super) fn append(&self, file: &str, text: &str) {
        let path = self.example.file(file);
        let before = fs::read_to_string(&path).expect("the file is there");
        fs::write(path, before + text).expect("the copy is ours");
    }
}

pub(super) fn bash() -> Subject {
    Subject::new("bash", "bash.yml", Example::copy("bash"))
}

pub(super) fn nginx() -> Subject {
    Subject::new("nginx", "nginx.yml", Example::copy("nginx"))
}

pub(super) fn traced() -> Subject {
    Subject::new("traced", "iconv.yml", Example::copy("traced"))
}

pub(super) fn python() -> Subject {
    Subject::new("python", "python.yml", Example::copy("python"))
}

pub(super) fn ripgrep() -> Subject {
    Subject::new("ripgrep", "ripgrep.yml", Example::copy("ripgrep"))
}

pub(super) fn static_program() -> Subject {
    let example = Example::copy("static");
    Listing::new("/hello elf x86_64 static").write_to(example.path());
    Subject::new("static", "static.yml", example)
}

pub(super) fn platforms() -> Subject {
    let example = Example::copy("platforms");
    Listing::new("/usr/bin/app elf x86_64 static").write_to(example.file("amd64"));
    Listing::new("/usr/bin/app elf aarch64 static").write_to(example.file("arm64"));
    Subject::new("platforms", "platforms.yml", example)
}

pub(super) fn unbound() -> Subject {
    let example = Example::copy("unbound");
    let staging = "
/lib                        -> usr/lib
/usr/lib/ld-linux-aarch64.so.1  loader glibc aarch64 dirs=/lib/,/usr/lib/
/usr/lib/libc.so.6          elf aarch64 soname=libc.so.6
/usr/lib/libssl.so          -> libssl.so.3
/usr/lib/libssl.so.3        elf aarch64 soname=libssl.so.3 needed=libc.so.6
/usr/sbin/unbound           elf aarch64 interp=/lib/ld-linux-aarch64.so.1 needed=libssl.so.3,libc.so.6
";
    fs::create_dir(example.file("output")).expect("the copy is ours");
    Listing::new(staging).write_to(example.file("output/staging"));
    Subject::new("unbound", "unbound.yml", example)
}

/// Several layers, two platforms, and every kind of entry and attribute.
pub(super) fn everything() -> Subject {
    let example = Example::copy("static");
    for (directory, machine) in [("amd64", "x86_64"), ("arm64", "aarch64")] {
        let listing = EVERYTHING.replace("MACHINE", machine);
        Listing::new(&listing).write_to(example.file(directory));
        let many = example.file(directory).join("srv/many");
        fs::create_dir_all(&many).expect("the copy is ours");
        for number in 0..300_u32 {
            // Names whose order differs between locales, and between bytes and letters.
            let name = ["a", "B", "ä", "_", "ı"][number as usize % 5];
            let text = format!("{number}\n").repeat(number as usize);
            fs::write(many.join(format!("{name}{}", number * 7919 % 300)), text).expect("ours");
        }
    }
    fs::write(example.file("everything.yml"), MANIFEST).expect("the copy is ours");
    Subject::new("everything", "everything.yml", example)
}

const EVERYTHING: &str = "
/lib64                       -> usr/lib64
/usr/lib64/ld.so.1           loader glibc MACHINE dirs=/lib64/,/usr/lib64/
/usr/lib64/libc.so.6         elf MACHINE soname=libc.so.6
/usr/lib64/libz.so.1         -> libz.so.1.3
/usr/lib64/libz.so.1.3       elf MACHINE soname=libz.so.1 needed=libc.so.6
/usr/bin/app                 elf MACHINE interp=/lib64/ld.so.1 needed=libz.so.1,libc.so.6
/usr/bin/probe               elf MACHINE static
/srv/large                   zeros=9000000
/srv/script                  mode=0755 \"#!/usr/bin/app\\n\"
/srv/link                    -> many
";

const MANIFEST: &str = r#"
inputs:
  ROOT:
    backend: sysroot
    path: {linux/amd64: ./amd64, linux/arm64: ./arm64}
platforms: [linux/amd64, linux/arm64]
binaries:
  - {from: ROOT/usr/bin/app, why: serves}
  - {from: ROOT/usr/bin/probe, mode: "6755", capabilities: [cap_net_raw=ep]}
data:
  - {from: ROOT/srv/, owner: "alice:staff", xattrs: {user.note: "of everything", user.a: 1}}
directories:
  - {path: /home/alice, mode: "0700", owner: alice}
  - {path: /tmp, mode: "1777"}
symlinks: ["/usr/bin/app:/opt/app"]
hardlinks: ["/usr/bin/probe:/usr/bin/ping", "/srv/large:/srv/too"]
accounts:
  users: [{name: alice, uid: 1000, home: /home/alice}]
  groups: [{name: staff, gid: 3000000, members: [alice]}]
ld-so-cache: always
image:
  entrypoint: [/usr/bin/app]
  user: alice
  env: {B: 1, A: 2}
  labels: {b: 1, a: 2}
  annotations: {d: 1, c: 2}
layers:
  - {name: libraries, paths: ["/usr/lib64/**"]}
  - {name: data, paths: ["/srv/**"]}
"#;

/// The order in which entries of a directory are made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Sorted,
    Backwards,
}

/// Makes a tree again in another place, in this order.
pub(super) fn copy(from: &Path, to: &Path, order: Order) {
    let entries = fs::read_dir(from).expect("the tree is there");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("it can be listed").file_name()).collect();
    names.sort();
    if order == Order::Backwards {
        names.reverse();
    }
    for name in names {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_symlink() {
            symlink(fs::read_link(from).expect("it is a link"), to).expect("the copy is ours");
        } else if from.is_dir() {
            fs::create_dir(&to).expect("the copy is ours");
            copy(&from, &to, order);
        } else {
            fs::copy(from, to).expect("the copy is ours");
        }
    }
}
