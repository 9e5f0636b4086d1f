//! The sandbox, attacked from inside by a small program: as root, and again as a user who is not.
//! Has no harness, for the sandbox is the program that starts it, started again.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "all of it is a test")]

use std::ffi::OsString;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use scant_core::formats::oci::runtime;
use scant_io::sandbox::{
    self, ARGUMENT, Base, Bounds, Ended, Exit, Limits, Network, Process, Sandbox, Streams,
};

/// The first argument of the part that runs as a user who is not root, with the directory.
const AS_USER: &str = "--as-user";

/// The number of `nobody`.
const NOBODY: u32 = 65534;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some(ARGUMENT) => ExitCode::from(sandbox::enter(std::env::args_os().skip(2)).unwrap_or(1)),
        Some(AS_USER) => attack(Path::new(&arguments[2])),
        // What runs tests asks for their names.
        Some("--list") => ExitCode::SUCCESS,
        _ => everything(),
    }
}

/// All of it, as root and as a user, or as the user that runs it.
fn everything() -> ExitCode {
    let place = tempfile::tempdir().unwrap();
    let open_to_all = |path: &Path| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    let root = place.path().join("root");
    std::fs::create_dir(&root).unwrap();
    open_to_all(place.path());
    open_to_all(&root);
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sandbox/probe.c");
    let mut compiler = Command::new("cc");
    compiler.args(["-static", "-O1", "-o"]).arg(root.join("probe")).arg(source);
    if !compiler.status().is_ok_and(|status| status.success()) {
        let strict = std::env::var_os("SCANT_NO_SKIP").is_some_and(|value| value == "1");
        println!("skipped: sandbox: no cc that links static programs (apt-get install gcc)");
        return if strict { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    }
    let mut ended = vec![attack(place.path()) == ExitCode::SUCCESS];
    if rustix::process::geteuid().is_root() {
        // Where the tests are built a user may have no business.
        let own = place.path().join("tests");
        std::fs::copy("/proc/self/exe", &own).unwrap();
        open_to_all(&own);
        let mut user = Command::new(own);
        user.arg(AS_USER).arg(place.path()).uid(NOBODY).gid(NOBODY);
        ended.push(user.status().unwrap().success());
    }
    if ended.iter().all(|ended| *ended) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What is tried, and what comes of it.
struct Attack {
    root: PathBuf,
    temporary: tempfile::TempDir,
    limits: Limits,
    failed: usize,
}

/// Every attack, as the user that this is.
fn attack(place: &Path) -> ExitCode {
    let is_root = rustix::process::geteuid().is_root();
    println!("as {}:", if is_root { "root" } else { "a user" });
    let secret = tempfile::Builder::new().prefix("secret").tempfile().unwrap();
    let secret = secret.path().to_str().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let me = std::process::id().to_string();
    let limits = Limits { processes: Some(400), memory: Some(1 << 20) };
    let temporary = tempfile::tempdir().unwrap();
    let mut attack = Attack { root: place.join("root"), temporary, limits, failed: 0 };
    if attack.run_to_end("exit 0").is_err_and(|error| error.contains("limit of processes")) {
        println!("skipped: this kernel limits no processes of this user");
        attack.limits.processes = None;
    }
    attack.ends("exit 0", Exit::Status(0));
    attack.ends("exit 255", Exit::Status(255));
    attack.ends("raise 6", Exit::Signal(6));
    attack.ends("raise 9", Exit::Signal(9));
    attack.ends("orphans", Exit::Status(7));
    attack.says("ids", "0 0");
    // The first process, and this one.
    attack.says("processes", "2");
    attack.says(&format!("kill {me}"), "ESRCH");
    attack.says(&format!("ptrace {me}"), "ESRCH");
    attack.says("ptrace 1", "EPERM");
    attack.says("read /etc/shadow", "ENOENT");
    attack.says(&format!("read {secret}"), "ENOENT");
    attack.says(&format!("chroot {secret}"), "ENOENT");
    attack.says("create /written", "EROFS");
    attack.refuses("write /probe");
    attack.says("create /tmp/written", "ok");
    attack.says(&format!("connect {port}"), "ECONNREFUSED");
    attack.says("mount", "EPERM");
    attack.says("remount", "EPERM");
    attack.says("mknod", "EPERM");
    // The host's device, whose owner root is.
    attack.says("chmod /dev/full", "EROFS");
    attack.says("write /dev/full", "ok");
    // The program that the first process is: the host's.
    attack.refuses("write /proc/1/exe");
    attack.refuses("read /proc/1/mem");
    // The kernel is the host's, and root is root to these.
    attack.refuses("write /proc/sys/kernel/core_pattern");
    attack.refuses("write /proc/sys/vm/drop_caches");
    attack.refuses("write /proc/sysrq-trigger");
    for path in runtime::MASKED {
        attack.hides(path);
    }
    attack.refuses("write /proc/bus");
    attack.refuses("write /proc/fs");
    for path in ["/tmp/file", "/run/file", "/dev/shm/file"] {
        attack.says(&format!("fill {path}"), "ENOSPC");
    }
    // Root has a limit from Linux 6.14 on; without one the sandboxes of root are not to be had.
    if attack.limits.processes.is_some() {
        attack.says("bomb", "EAGAIN after few");
    }
    attack.refuses("write /proc/irq/default_smp_affinity");
    attack.refuses("nested /proc/sys/kernel/core_pattern");
    attack.is_over_in_time(Duration::from_millis(200));
    attack.is_over_in_time(Duration::ZERO);
    let left = std::fs::read_dir(attack.temporary.path()).unwrap().count();
    attack.check("what is left", &0, &left);
    println!("{} failed", attack.failed);
    if attack.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Attack {
    fn run(&self, line: &str, time: Duration) -> Result<Ended, String> {
        let sandbox = Sandbox {
            root: self.root.clone().into(),
            base: Base::Overlay { writable: false },
            temporary: self.temporary.path().into(),
            network: Network::None,
            mounts: Vec::new(),
            volumes: Vec::new(),
            hostname: "probe".into(),
            identity: (0, 0),
            limits: self.limits,
        };
        let arguments = ["/probe"].into_iter().chain(line.split(' ')).map(OsString::from);
        let process = Process {
            arguments: arguments.collect(),
            environment: Vec::new(),
            directory: "/".into(),
            user: 0,
            group: 0,
            groups: Vec::new(),
        };
        let bounds = Bounds { time: Some(time), end: None, signals: None, stop_signal: 15 };
        let mut running = sandbox::start(&sandbox).map_err(|error| error.to_string())?;
        let ended = running.run(&process, Streams::Captured { most: 4096 }, &bounds);
        ended.map_err(|error| error.to_string())
    }

    /// Long enough for any of them on a slow machine.
    fn run_to_end(&self, line: &str) -> Result<Ended, String> {
        self.run(line, Duration::from_secs(60))
    }

    fn ends(&mut self, line: &str, expected: Exit) {
        let exit = self.run_to_end(line).map(|ended| ended.exit);
        self.check(line, &Ok(expected), &exit);
    }

    fn says(&mut self, line: &str, expected: &str) {
        let said = self.said(line);
        self.check(line, &Ok(expected.to_string()), &said);
    }

    /// It is not done, for whatever reason.
    fn refuses(&mut self, line: &str) {
        let said = self.said(line);
        let is_refused = said.as_ref().is_ok_and(|said| !matches!(said.as_str(), "ok" | ""));
        self.check(line, &(true, &said), &(is_refused, &said));
    }

    /// Nothing can be read, or there is nothing of this name.
    fn hides(&mut self, path: &str) {
        let said = self.said(&format!("holds {path}"));
        let is_hidden = said.as_ref().is_ok_and(|said| matches!(said.as_str(), "0" | "ENOENT"));
        self.check(path, &(true, &said), &(is_hidden, &said));
    }

    /// The program says so when it was left to sleep to the end.
    fn is_over_in_time(&mut self, time: Duration) {
        let ended = self.run("sleep 20", time).map(|ended| (ended.is_late, ended.output.bytes));
        self.check(&format!("sleep, for {time:?}"), &Ok((true, Vec::new())), &ended);
    }

    fn said(&self, line: &str) -> Result<String, String> {
        let ended = self.run_to_end(line)?;
        Ok(String::from_utf8_lossy(&ended.output.bytes).trim_end().to_string())
    }

    fn check<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, expected: &T, found: &T) {
        if expected != found {
            self.failed += 1;
            println!("FAILED {what}: expected {expected:?}, found {found:?}");
        }
    }
}
