//! What actions make of a root in memory.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::*;
use crate::words::{
    Entry, EntryKind, Input, InputError, Problem, ReadAt, TreePath, WantedAccount, WantedDirectory,
};

/// Files by path; directories are implied.
struct Files(BTreeMap<TreePath, Vec<u8>>);

struct Bytes(Vec<u8>);

impl ReadAt for Bytes {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, InputError> {
        let rest = &self.0[(offset as usize).min(self.0.len())..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

impl Input for Files {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        let is_above = |other: &TreePath| other != path && other.below(path).is_some();
        let kind = match self.0.get(path) {
            Some(content) => EntryKind::File { size: content.len() as u64 },
            None if self.0.keys().any(is_above) => EntryKind::Directory,
            None => return Ok(None),
        };
        Ok(Some(Entry { kind, mode: 0o755, stamp: None }))
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        let below = self.0.keys().filter_map(|other| other.below(path));
        let mut names: Vec<Box<[u8]>> =
            below.filter_map(|path| path.components().next().map(Into::into)).collect();
        names.dedup();
        Ok(names)
    }

    fn open(&self, path: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        match self.0.get(path) {
            Some(content) => Ok(Box::new(Bytes(content.clone()))),
            None => Err(InputError::new(path, Problem::NotFound)),
        }
    }
}

#[track_caller]
fn case(files: &[(&str, &str)], name: &str, system: System, scripts: &[&str], expected: &[&str]) {
    let path = |text: &str| TreePath::parse(text).unwrap();
    let files = files.iter().map(|(name, content)| (path(name), content.as_bytes().to_vec()));
    let files: BTreeMap<_, _> = files.collect();
    let paths = files.keys().cloned().collect();
    // Each does something that nothing else stands for.
    let scripts = scripts.iter().map(|name| (*name, &b"rm /x"[..])).collect();
    let installed = Installed { system, name, scripts, paths: &paths };
    let done = apply(&builtin(), &installed, &Files(files)).unwrap();
    let mut shown: Vec<String> = Vec::new();
    for (path, made) in &done.made {
        shown.push(match made {
            Made::Link(text) => format!("{path} -> {}", text.escape_ascii()),
            Made::File(content) => format!("{path}: {}", content.escape_ascii()),
        });
    }
    for account in &done.wanted.accounts {
        shown.push(match account {
            WantedAccount::User { name, home, .. } => format!("user {name} {home}"),
            WantedAccount::Group { name, .. } => format!("group {name}"),
        });
    }
    for WantedDirectory { path, mode, user, group } in &done.wanted.directories {
        shown.push(format!("{path}/ {mode:?} {user}:{group}"));
    }
    shown.extend(done.wanted.uncovered.iter().map(|script| format!("{name}{script}")));
    assert_eq!(shown, expected);
}

#[test]
fn links_to_busybox() {
    let scripts = [".post-install", ".post-upgrade", ".trigger"];
    case(
        &[
            ("/bin/busybox", "x"),
            ("/bin/ls", "another"),
            ("/etc/busybox-paths.d/busybox", "/bin/cat\nbin/ls\n\nusr/bin/[\n../x\n/bin/busybox\n"),
        ],
        "busybox",
        System::Apk,
        &scripts,
        &["/bin/cat -> /bin/busybox", "/usr/bin/[ -> /bin/busybox"],
    );
    let usr = ("/usr/bin/busybox", "x");
    let expected = ["/bin/cat -> /usr/bin/busybox"];
    let list = ("/etc/busybox-paths.d/busybox", "/bin/cat");
    case(&[usr, list], "busybox", System::Apk, &scripts, &expected);
    // Without a list nobody knows.
    let uncovered = ["busybox.post-install", "busybox.trigger"];
    case(&[usr], "busybox", System::Apk, &scripts, &uncovered);
}

#[test]
fn certificates_in_one_file() {
    let directory = "/usr/share/ca-certificates/mozilla";
    let files = [
        (&format!("{directory}/b.crt")[..], "b"),
        (&format!("{directory}/a.crt")[..], "a\n"),
        (&format!("{directory}/readme")[..], "x"),
        ("/usr/local/share/ca-certificates/own.crt", "own\n"),
    ];
    let expected = "/etc/ssl/certs/ca-certificates.crt: a\\nb\\nown\\n";
    case(&files, "ca-certificates", System::Apk, &[".trigger"], &[expected]);
    case(&files, "ca-certificates", System::Deb, &["postinst", "prerm"], &[expected]);
    // The package with a file that is ready has nothing to be done.
    let ready = [("/etc/ssl/certs/ca-certificates.crt", "ready")];
    case(&ready, "ca-certificates", System::Apk, &[], &[]);
}

#[test]
fn users_and_scripts_that_nothing_stands_for() {
    let scripts = [".pre-install", ".post-install"];
    let expected = ["user nginx /var/lib/nginx", "nginx.post-install"];
    case(&[], "nginx", System::Apk, &scripts, &expected);
    case(&[], "haproxy", System::Deb, &["postinst", "prerm"], &["haproxypostinst"]);
}

#[test]
fn directories_links_and_files_of_debian() {
    let scripts = ["preinst", "postinst"];
    let site = ("/etc/nginx/sites-available/default", "x");
    let link = "/etc/nginx/sites-enabled/default -> /etc/nginx/sites-available/default";
    let directories = ["/var/log/nginx/ None root:adm", "/var/www/html/ None root:root"];
    case(&[site], "nginx-common", System::Deb, &scripts, &[&[link], &directories[..]].concat());
    case(&[], "nginx-common", System::Deb, &scripts, &directories);
    let java = ("/usr/lib/jvm/java-17-openjdk-amd64/bin/java", "x");
    let expected = ["/usr/bin/java -> /usr/lib/jvm/java-17-openjdk-amd64/bin/java"];
    case(&[java], "openjdk-17-jre-headless", System::Deb, &["postinst"], &expected);
    let passwd = ("/usr/share/base-passwd/passwd.master", "root:x:0:0::/root:/bin/sh\n");
    let expected = ["/etc/passwd: root:x:0:0::/root:/bin/sh\\n"];
    case(&[passwd], "base-passwd", System::Deb, &scripts, &expected);
}

#[test]
fn what_systemd_would_make() {
    let files = [
        ("/usr/lib/sysusers.d/web.conf", "u web 33\ng log -\n"),
        ("/usr/lib/sysusers.d/readme", "u no\n"),
        ("/usr/lib/tmpfiles.d/web.conf", "d /run/web 0750 web log\nL /etc/web - - - - /run/web\n"),
    ];
    let expected =
        ["/etc/web -> /run/web", "user web /", "group log", "/run/web/ Some(0750) web:log"];
    case(&files, "web", System::Apk, &[], &expected);
}

#[test]
fn faults_of_a_file_are_told() {
    assert!(parse("actions:\n- packages: [a]\n  system: rpm\n  scripts: []\n").is_err());
    assert!(parse("actions: []\nmore: 1\n").is_err());
    assert!(!builtin().is_empty());
}

#[test]
fn the_schema_names_every_key() {
    let schema = schema().to_string();
    for key in ["packages", "system", "scripts", "links", "link-all", "concatenate", "users"] {
        assert!(schema.contains(&format!("\"{key}\":{{")), "{key}: {schema}");
    }
}
