//! Manifests for packages of an archive of this machine, which are built as they are.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use scant_testkit::{DebianArchive, FileServer};
use tempfile::TempDir;

use crate::run::run;
use crate::scant::scant as scant_alone;
use crate::tools::require;

const UNIT: &str = "\
[Service]
Type=forking
EnvironmentFile=-/etc/default/greeter
ExecStartPre=/usr/sbin/greeter mkdir
ExecStart=/usr/sbin/greeter cat $MORE ${GONE} \\
  /etc/greeter/greeter.conf
PIDFile=/run/greeter/pid
StateDirectory=greeter
StateDirectoryMode=0700
User=greeter
KillSignal=SIGQUIT
PrivateTmp=yes
";

const POSTINST: &str = "\
#!/bin/sh
set -e
USER=helper
adduser --system --quiet --home /var/lib/helper \\
    --group ${USER} || true
";

/// A directory with an archive that is served.
struct Archive {
    directory: TempDir,
    files: DebianArchive,
}

impl Archive {
    fn new() -> Self {
        Self {
            directory: tempfile::tempdir().expect("there is room"),
            files: DebianArchive::default(),
        }
    }

    /// Adds a package of these files, made by dpkg. Those below `bin` and `sbin` are programs.
    fn add(mut self, fields: &str, files: &[(&str, &[u8])]) -> Self {
        let fields = format!(
            "{fields}Version: 1.0\nArchitecture: amd64\nMaintainer: Nobody <nobody@example.com>\n\
             Description: none\n"
        );
        let root = self.directory.path().join("root");
        let conffiles: String = files
            .iter()
            .filter(|(path, _)| path.starts_with("etc/"))
            .map(|(path, _)| format!("/{path}\n"))
            .collect();
        let all =
            [("DEBIAN/control", fields.as_bytes()), ("DEBIAN/conffiles", conffiles.as_bytes())];
        for (path, content) in all.iter().chain(files) {
            let file = root.join(path);
            fs::create_dir_all(file.parent().expect("it has a name")).expect("it is ours");
            fs::write(&file, content).expect("it is ours");
            let is_program = path.contains("bin/") || path.ends_with("inst");
            let mode = if is_program { 0o755 } else { 0o644 };
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("it is ours");
        }
        let made = self.directory.path().join("made.deb");
        run("dpkg-deb").words("--root-owner-group --build").arg(&root).arg(&made).ok();
        self.files.add(&fields, &fs::read(made).expect("it was made"));
        fs::remove_dir_all(&root).expect("it is ours");
        self
    }

    fn scant(&self, words: &str) -> crate::run::Run {
        scant_alone(self.directory.path(), words)
            .env("XDG_CACHE_HOME", self.directory.path().join("cache"))
            .without_env("CI")
    }

    /// The manifest for a package, written into `made.yaml`; without its input.
    fn init(&self, server: &FileServer, package: &str) -> String {
        let source = format!("deb [trusted=yes] {} stable main", server.url());
        let from = format!("apt:{package}");
        let text = self.scant("init --source").arg(&source).arg("--from").arg(&from).ok();
        fs::write(self.path().join("made.yaml"), &text).expect("it is ours");
        let (input, rest) =
            text.split_once("    allow-unsigned: true\n").expect("as the line says");
        assert!(input.contains(&format!("packages: [{package}]\n")), "{input}");
        rest.trim().to_string()
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }
}

#[test]
fn a_service_is_started_as_its_unit_says() {
    require!(DPKG_DEB, BUSYBOX);
    let busybox = fs::read("/usr/bin/busybox").expect("it was asked for");
    let archive = Archive::new()
        .add(
            "Package: greeter-light\nDepends: greeter\n",
            &[("usr/share/doc/greeter-light/x", b"")],
        )
        .add(
            "Package: greeter\nDepends: greeter-common, other\n",
            &[
                ("usr/sbin/greeter", &busybox),
                ("usr/bin/greeter-ctl", &busybox),
                ("usr/lib/greeter/plugin.conf", b"plugin\n"),
                ("DEBIAN/postinst", POSTINST.as_bytes()),
            ],
        )
        .add(
            "Package: greeter-common\n",
            &[
                ("lib/systemd/system/greeter.service", UNIT.as_bytes()),
                (
                    "lib/systemd/system/greeter@.service",
                    b"[Service]\nExecStart=/usr/sbin/greeter\n",
                ),
                ("etc/greeter/greeter.conf", b"hello\nuser www-data;\n"),
                ("etc/default/greeter", b"MORE=\"-u -v\"\n"),
                ("etc/logrotate.d/greeter", b""),
                (
                    "usr/lib/sysusers.d/greeter.conf",
                    b"u greeter 250 \"Greeter\" /var/lib/greeter -\n",
                ),
                ("usr/lib/tmpfiles.d/greeter.conf", b"d /run/greeter 0750 greeter greeter -\n"),
            ],
        )
        .add(
            "Package: other\n",
            &[("lib/systemd/system/other.service", b"[Service]\nExecStart=/usr/bin/other\n")],
        );
    let server = FileServer::new(archive.files.files());
    let made = archive.init(&server, "greeter-light");
    let expected = "\
# As /usr/lib/systemd/system/greeter.service of greeter-common says.
binaries:
  - PACKAGES/usr/sbin/greeter
  # Not started, and left out unless you take them:
  # - PACKAGES/usr/bin/greeter-ctl

data:
  - PACKAGES/etc/greeter
  - PACKAGES/usr/lib/greeter

# Where it writes.
directories:
  - {path: /run/greeter, mode: \"0750\", owner: greeter:greeter}
  - {path: /tmp, mode: \"1777\"}
  - {path: /var/lib/greeter, mode: \"0700\", owner: greeter:greeter}
  - {path: /var/lib/helper, owner: helper:helper}

# /etc/passwd and /etc/group.
accounts:
  users:
    - {name: root, uid: 0, gid: 0, home: /}
    - {name: greeter, uid: 250, home: /var/lib/greeter}
    - {name: helper, uid: 100, home: /var/lib/helper}
    - {name: www-data, uid: 33, home: /var/www}
    - {name: nobody, uid: 65534, gid: 65534, home: /}

image:
  # The unit runs this before it: /usr/sbin/greeter mkdir
  # Left out, as only systemd knows it: \"${GONE}\"
  # The unit lets it go into the background; a container ends when its program does: find
  # the option that keeps it in the foreground.
  entrypoint: [/usr/sbin/greeter, cat, -u, -v, /etc/greeter/greeter.conf]
  user: greeter
  stopsignal: SIGQUIT";
    assert_eq!(made, expected);
    archive.scant("build made.yaml -q -o rootfs:rootfs").ok();
    let text = fs::read_to_string(archive.path().join("rootfs/etc/passwd"));
    assert!(text.expect("accounts are declared").contains("greeter:x:250:250:"));
}

#[test]
fn a_program_of_a_package_runs() {
    require!(DPKG_DEB, BUSYBOX);
    let busybox = fs::read("/usr/bin/busybox").expect("it was asked for");
    let archive = Archive::new().add(
        "Package: busybox-tiny\n",
        &[("bin/busybox", &busybox), ("usr/bin/another", &busybox)],
    );
    let server = FileServer::new(archive.files.files());
    let made = archive.init(&server, "busybox-tiny");
    assert!(made.starts_with("binaries:\n  - PACKAGES/usr/bin/busybox\n  # Not started"), "{made}");
    archive.scant("build made.yaml -q -o oci:image").ok();
    assert_eq!(archive.scant("run oci:image -- echo hello").ok(), "hello\n");
}

#[test]
fn the_program_behind_a_script_or_a_shell_is_started() {
    require!(DPKG_DEB, BUSYBOX);
    let busybox = fs::read("/usr/bin/busybox").expect("it was asked for");
    let wrapped = b"[Service]\nExecStart=/usr/share/daemon/bin/wrapper /etc/daemon.conf\n";
    let shell = b"[Service]\nExecStart=/bin/sh -c \"A=b; exec /usr/sbin/other cat $A /etc/x\"\n";
    let hook = b"[Service]\nExecStart=/etc/hooks/bin/hook\n";
    let archive = Archive::new()
        .add(
            "Package: daemon\n",
            &[
                ("usr/bin/daemon", &busybox),
                ("usr/share/daemon/bin/wrapper", b"#!/usr/bin/perl\n"),
                ("lib/systemd/system/daemon.service", wrapped),
            ],
        )
        .add(
            "Package: other\n",
            &[("usr/sbin/other", &busybox), ("lib/systemd/system/named-otherwise.service", shell)],
        )
        .add(
            "Package: hooked\n",
            &[
                ("usr/sbin/hooked", &busybox),
                ("etc/hooks/bin/hook", &busybox),
                ("lib/systemd/system/hooked.service", hook),
            ],
        );
    let server = FileServer::new(archive.files.files());
    let image = |package: &str| {
        let made = archive.init(&server, package);
        made.split_once("\nimage:\n").expect("it is said how it starts").1.to_string()
    };
    let said = "  # The unit starts it by /usr/share/daemon/bin/wrapper: its options are found there\n  \
                entrypoint: [/usr/bin/daemon]\n";
    assert!(image("daemon").starts_with(said), "{}", image("daemon"));
    let said = "  # Left out, as only systemd knows it: \"$A\"\n  entrypoint: [/usr/sbin/other, cat, /etc/x]\n";
    assert!(image("other").starts_with(said), "{}", image("other"));
    assert!(
        image("hooked").starts_with("  entrypoint: [/usr/sbin/hooked]\n"),
        "{}",
        image("hooked")
    );
}

#[test]
fn a_package_that_stands_for_another_names_it() {
    require!(DPKG_DEB, BUSYBOX);
    let busybox = fs::read("/usr/bin/busybox").expect("it was asked for");
    let archive = Archive::new()
        .add("Package: default-thing\nDepends: thing-1\n", &[("usr/share/doc/x", b"")])
        .add("Package: thing-1\n", &[("usr/lib/thing/bin/thing", &busybox)]);
    let server = FileServer::new(archive.files.files());
    let made = archive.init(&server, "default-thing");
    let said = "  - PACKAGES/default-thing\n\
                # It needs one that has: `scant init --from apt:thing-1`";
    assert!(made.ends_with(said), "{made}");
}

#[test]
fn a_package_without_programs_is_taken_whole() {
    require!(DPKG_DEB);
    let archive = Archive::new()
        .add("Package: zones\n", &[("usr/share/zones/utc", b"UTC\n"), ("etc/zones", b"")]);
    let server = FileServer::new(archive.files.files());
    let made = archive.init(&server, "zones");
    assert!(made.ends_with("packages:\n  - PACKAGES/zones"), "{made}");
    archive.scant("build made.yaml -q -o rootfs:rootfs").ok();
    assert!(archive.path().join("rootfs/usr/share/zones/utc").exists());
}

#[test]
fn a_package_that_is_not_there() {
    let archive = Archive::new();
    let server = FileServer::new(archive.files.files());
    let source = format!("deb [trusted=yes] {} stable main", server.url());
    let said =
        archive.scant("init --from apt:nothing --source").arg(&source).end().expect(3).stderr;
    assert!(said.contains("nothing"), "{said}");
    let said = archive.scant("init --from apt:a --source").arg("nonsense").end().expect(2).stderr;
    assert!(said.contains("`nonsense` is no line of sources.list"), "{said}");
    let said = archive.scant("init --from deb:a").end().expect(2).stderr;
    assert!(said.contains("write `apt:` and the name of a package"), "{said}");
}
