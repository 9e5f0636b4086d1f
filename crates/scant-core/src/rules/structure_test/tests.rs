//! What is wrong with small images, as text.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::*;
use crate::formats::oci::RunConfig;
use crate::formats::structure_test::{self, Subject};
use crate::words::{
    Entry, EntryKind, Input, InputError, Meta, Mode, Problem, ReadAt, Root, TreePath,
};

/// A few files: `PATH MODE UID:GID`, then a text for a file, `-> TARGET` for a link, `/` for a
/// directory, `!` for something special.
struct Few(BTreeMap<TreePath, (EntryKind, u32, u32, u32, String)>);

impl Few {
    fn new(listing: &'static str) -> Self {
        let mut files = BTreeMap::new();
        for line in listing.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let mut parts = line.splitn(4, ' ');
            let (path, mode) = (parts.next().unwrap(), parts.next().unwrap());
            let (uid, gid) = parts.next().unwrap().split_once(':').unwrap();
            let text = parts.next().unwrap();
            let kind = match text.split_once(' ') {
                Some(("->", target)) => EntryKind::Symlink { target: target.as_bytes().into() },
                _ if text == "/" => EntryKind::Directory,
                _ if text == "!" => EntryKind::Special("a FIFO"),
                _ => EntryKind::File { size: text.len() as u64 },
            };
            let mode = u32::from_str_radix(mode, 8).unwrap();
            let (uid, gid) = (uid.parse().unwrap(), gid.parse().unwrap());
            files.insert(TreePath::literal(path), (kind, mode, uid, gid, text.to_string()));
        }
        Self(files)
    }
}

impl Input for Few {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        let entry = |(kind, mode, ..): &(EntryKind, u32, u32, u32, String)| Entry {
            kind: kind.clone(),
            mode: *mode,
            stamp: None,
        };
        Ok(self.0.get(path).map(entry))
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        let below = self.0.keys().filter(|key| key.parent().as_ref() == Some(path));
        Ok(below.filter_map(|key| key.name().map(Box::from)).collect())
    }

    fn open(&self, path: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        let (.., text) = self.0.get(path).ok_or(InputError::new(path, Problem::NotFound))?;
        Ok(Box::new(Bytes(text.clone())))
    }
}

struct Bytes(String);

impl ReadAt for Bytes {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, InputError> {
        let rest = &self.0.as_bytes()[offset as usize..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

impl Root for Few {
    fn meta(&self, path: &TreePath) -> Result<Option<Meta>, InputError> {
        let meta = |(_, mode, uid, gid, _): &(EntryKind, u32, u32, u32, String)| Meta {
            uid: *uid,
            gid: *gid,
            ..Meta::new(Mode::from_bits(*mode))
        };
        Ok(self.0.get(path).map(meta))
    }
}

const FILES: &str = "
    /bin 777 0:0 -> usr/bin
    /usr 755 0:0 /
    /usr/bin 755 0:0 /
    /usr/bin/app 755 0:0 text
    /usr/bin/su 4755 0:0 text
    /usr/bin/python 777 0:0 -> python3
    /usr/bin/python3 755 1000:1000 text
    /usr/bin/gone 777 0:0 -> /opt/gone
    /etc 755 0:0 /
    /etc/app.conf 640 0:33 listen 80
    /etc/empty 644 0:0 -> app.conf
    /run 755 0:0 /
    /run/fifo 600 0:0 !
    /tmp 1777 0:0 /
    /usr/share 755 0:0 /
    /usr/share/doc 755 0:0 /
    /usr/share/doc/good 755 0:0 /
    /usr/share/doc/good/copyright 644 0:0 License: MIT
    /usr/share/doc/also 777 0:0 -> good
    /usr/share/doc/bare 755 0:0 /
    /usr/share/doc/bad 755 0:0 /
    /usr/share/doc/bad/copyright 644 0:0 License: aGPL-3
    /usr/share/doc/libgnutls30 755 0:0 /
";

/// Each test of a file of schema 2.0.0, by its name, with what is wrong.
#[track_caller]
fn check(tests: &str, expected: &str) {
    let tests = structure_test::parse(&["schemaVersion: 2.0.0\n", tests].concat()).unwrap();
    let files = Few::new(FILES);
    let env = BTreeMap::from([("CONF".to_string(), "/etc/app.conf".to_string())]);
    let files = ImageFiles::new(&files, &env);
    let config: RunConfig = serde_json::from_str(
        r#"{"User":"33:33","Env":["A=b=c","E="],"Entrypoint":["/app","x y"],"WorkingDir":"/srv",
            "ExposedPorts":{"80/tcp":{},"53/udp":{}},"Volumes":{"/data":{}},"Labels":{"v":"1.2"}}"#,
    )
    .unwrap();
    let mut found = String::new();
    for test in &tests.tests {
        let wrong = match &test.subject {
            Subject::Existence(existence) => files.existence(existence),
            Subject::Content(content) => files.content(content),
            Subject::License(license) => files.license(license),
            Subject::Metadata(expected) => metadata(expected, &config),
            Subject::Command(_) => Vec::new(),
        };
        for line in wrong {
            found += &alloc::format!("{} {line}\n", test.span.line);
        }
    }
    assert!(found.trim() == expected.trim(), "\n--- expected\n{expected}\n--- found\n{found}\n");
}

#[test]
fn what_is_there_and_what_is_not() {
    check(
        "\
fileExistenceTests:
- {name: a, path: /usr/bin/app}
- {name: a, path: /bin/app}
- {name: a, path: bin/app}
- {name: a, path: $CONF}
- {name: a, path: /}
- {name: a, path: /run/fifo}
- {name: a, path: /usr/bin/gone}
- {name: a, path: /usr/bin/none}
- {name: a, path: /usr/bin/app/x}
- {name: a, path: /usr/bin/none, shouldExist: false}
- {name: a, path: /etc, shouldExist: false}
- {name: a, path: /usr/bin/gone, shouldExist: false}
- {name: a, path: /etc/, isDirectory: true}
- {name: a, path: /bin, isDirectory: true}
- {name: a, path: /bin/app, isDirectory: true}
- {name: a, path: /tmp, isDirectory: false}
",
        "
10 `/usr/bin/none` should be there: no such file or directory
11 `/usr/bin/app/x` should be there: `/usr/bin/app`: not a directory
13 `/etc` should not be there, but is a directory
14 `/usr/bin/gone` should not be there, but is a symbolic link to `/opt/gone`
17 `/bin/app` is a file, not a directory
18 `/tmp` is a directory, not something else
",
    );
}

#[test]
fn permissions_and_owners() {
    check(
        "\
fileExistenceTests:
- {name: a, path: /etc/app.conf, permissions: -rw-r-----, uid: 0, gid: 33}
- {name: a, path: /etc/app.conf, permissions: -rw-r--r--, uid: 33, gid: 0}
- {name: a, path: /tmp, permissions: dtrwxrwxrwx}
- {name: a, path: /tmp, permissions: drwxrwxrwt}
- {name: a, path: /tmp, permissions: drwxrwxrwx}
- {name: a, path: /usr/bin/python, permissions: Lrwxrwxrwx, uid: 0}
- {name: a, path: /usr/bin/python, permissions: -rwxr-xr-x, uid: 1000}
- {name: a, path: /usr/bin/python, permissions: -rwx------, uid: 7}
- {name: a, path: /bin/app, isExecutableBy: other}
- {name: a, path: /etc/app.conf, isExecutableBy: any}
- {name: a, path: /etc/empty, isExecutableBy: owner}
- {name: a, path: /usr/bin/gone, isExecutableBy: group}
",
        "
4 the permissions of `/etc/app.conf` are `-rw-r-----`, not `-rw-r--r--`
4 `/etc/app.conf` belongs to the user 0, not 33
4 `/etc/app.conf` belongs to the group 33, not 0
7 the permissions of `/tmp` are `dtrwxrwxrwx` (or `drwxrwxrwt`), not `drwxrwxrwx`
10 the permissions of `/usr/bin/python` are `-rwxr-xr-x`, not `-rwx------`
10 `/usr/bin/python` belongs to the user 1000, not 7
12 `/etc/app.conf` cannot be executed by anyone: its permissions are `-rw-r-----`
13 `/etc/empty` cannot be executed by its owner: its permissions are `-rw-r-----`
14 `/usr/bin/gone` leads nowhere: `/opt`: no such file or directory
",
    );
}

#[test]
fn contents() {
    check(
        "\
fileContentTests:
- {name: a, path: $CONF, expectedContents: ['^listen \\d+$'], excludedContents: [debug]}
- {name: a, path: /etc/empty, expectedContents: [listen]}
- {name: a, path: /etc/app.conf, expectedContents: [port], excludedContents: ['80']}
- {name: a, path: /etc}
- {name: a, path: /run/fifo}
- {name: a, path: /etc/none}
",
        "
5 `/etc/app.conf` does not match `port`
5 `/etc/app.conf` matches `80`
5 `/etc/app.conf`:
  | listen 80
6 `/etc` cannot be read: not a regular file but a directory
7 `/run/fifo` cannot be read: not a regular file but a FIFO
8 `/etc/none` cannot be read: no such file or directory
",
    );
}

#[test]
fn licenses() {
    check(
        "licenseTests: [{debian: true, files: [/etc/app.conf, /none]}]",
        "
2 `/usr/share/doc/bad/copyright` names the license AGPL
2 `/usr/share/doc/bare/copyright` cannot be read: no such file or directory
2 `/none` cannot be read: no such file or directory
",
    );
}

#[test]
fn metadata_as_it_should_be() {
    check(
        "\
metadataTest:
  envVars: [{key: A, value: b=c}, {key: E, value: ''}, {key: A, value: '^b', isRegex: true}]
  unboundEnvVars: [{key: B}]
  labels: [{key: v, value: '^1\\.', isRegex: true}]
  entrypoint: [/app, x y]
  cmd: []
  exposedPorts: [80, 80/tcp, 53]
  unexposedPorts: [81, 80/udp]
  volumes: [/data]
  unmountedVolumes: [/]
  workdir: /srv
  user: '33:33'
",
        "",
    );
}

#[test]
fn metadata_as_it_should_not_be() {
    check(
        "\
metadataTest:
  envVars: [{key: A, value: x}, {key: N, value: ''}, {key: A, value: x, isRegex: true}]
  unboundEnvVars: [{key: A}]
  labels: [{key: w, value: x}]
  entrypoint: [/app, x, y]
  cmd: [x]
  exposedPorts: [81]
  unexposedPorts: [80]
  volumes: [/]
  unmountedVolumes: [/data]
  workdir: /
  user: root
",
        "
3 the variable `A` is `b=c`, not `x`
3 the variable `N` is not set
3 the variable `A` is `b=c`, which does not match `x`
3 the variable `A` is set
3 the label `w` is not set
3 the entrypoint is [\"/app\", \"x y\"], not [\"/app\", \"x\", \"y\"]
3 the command is empty, not [\"x\"]
3 the working directory is `/srv`, not `/`
3 the user is `33:33`, not `root`
3 the port `81` is not exposed
3 the port `80` is exposed
3 `/` is not a volume
3 `/data` is a volume
",
    );
}

#[track_caller]
fn check_output(test: &str, ran: Ran, expected: &str) {
    let test =
        alloc::format!("schemaVersion: 2.0.0\ncommandTests: [{{name: a, command: b{test}}}]");
    let tests = structure_test::parse(&test).unwrap();
    let Subject::Command(test) = &tests.tests[0].subject else { panic!("it is a command") };
    assert_eq!(output(test, &ran).join("\n"), expected);
}

fn ran(end: End, stdout: &str, stderr: &str) -> Ran {
    Ran { end, stdout: stdout.into(), stderr: stderr.into(), is_cut: false }
}

#[test]
fn outputs_and_exit_codes() {
    let test = ", expectedOutput: [a, '^b'], excludedError: [warn]";
    check_output(
        ", expectedOutput: ['^b$', '\\d\\$']",
        ran(End::Exit(0), "a\nb\n", ""),
        "\
standard output does not match `^b$`; it would with `(?m)`, which makes `^` and `$` the ends of lines
standard output does not match `\\d\\$`
standard output:
  | a
  | b",
    );
    check_output(
        test,
        ran(End::Exit(0), "a", "warning\n"),
        "\
standard output does not match `^b`
standard output:
  | a
standard error matches `warn`
standard error:
  | warning",
    );
    check_output(test, ran(End::Exit(0), "ba", ""), "");
    check_output(", exitCode: 137", ran(End::Signal(9), "", ""), "");
    check_output(
        "",
        ran(End::Signal(11), "", ""),
        "it was killed by signal 11; the exit code should be 0",
    );
    check_output(
        "",
        ran(End::Exit(2), "", "\u{1b}[1mno\n"),
        "\
the exit code is 2, not 0
standard error:
  | \\u{1b}[1mno",
    );
    check_output("", ran(End::TimeOut(60), "", ""), "it did not end within 60 s, and was killed");
    check_output(
        ", expectedOutput: [x]",
        ran(End::Exit(0), "", ""),
        "\
standard output does not match `x`
standard output is empty",
    );
}

#[test]
fn what_is_shown_is_bounded() {
    let lines: String = (0..99).map(|number| alloc::format!("{number}\n")).collect();
    check_output(
        ", exitCode: 1",
        ran(End::Exit(0), &lines, ""),
        "\
the exit code is 0, not 1
standard output:
  | 0
  | 1
  | 2
  | 3
  | 4
  | 5
  | 6
  | 7
  | 8
  | 9
  | 10
  | 11
  | …",
    );
}

#[test]
fn the_environment_of_a_command() {
    let pair = |name: &str, value: &str| (name.to_string(), value.to_string());
    let image = BTreeMap::from([pair("PATH", "/bin"), pair("A", "a")]);
    let global = [pair("PATH", "/x:$PATH"), pair("B", "$A$PATH${NONE}")];
    let local = [pair("PATH", "/y:$PATH"), pair("C", "$B")];
    let found = environment(&image, &[&global, &local]);
    let found: Vec<_> =
        found.iter().map(|(name, value)| alloc::format!("{name}={value}")).collect();
    assert_eq!(found, ["A=a", "B=a/bin", "C=a/bin", "PATH=/y:/x:/bin"]);
    let bare = environment(&BTreeMap::new(), &[]);
    assert!(bare["PATH"].starts_with("/usr/local/sbin:"));
}
