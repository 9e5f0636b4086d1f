//! Docker: a build by BuildKit, and `docker save`, with a daemon of our own. Needs root.
//!
//! The daemon must not outlive the benchmark, however that ends. So its parent is a shell that
//! waits for the end of its standard input. The benchmark holds the other end of that pipe, which
//! the system closes even when the benchmark is killed; then the shell stops the daemon by its
//! process ID and removes what it has stored. The shell is in a process group of its own: Ctrl-C
//! ends the benchmark and leaves the shell to clean up.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Tool, all, find, output, text, version, write_dockerfile};
use crate::case::{Case, Method, Preparation, Subject};
use crate::measure::{Daemon, Step};
use crate::trees::Made;

/// `$1` is the daemon, `$2` the directory for its state, `$3` that for its data.
const SUPERVISOR: &str = r#"
"$1" --config-file "$2/dockerd.json" --data-root "$3" --exec-root "$2/exec" \
    --pidfile "$2/pid" --host "unix://$2/docker.sock" \
    --bridge=none --iptables=false --ip6tables=false </dev/null >"$2/log" 2>&1 &
daemon=$!
read -r _
kill "$daemon" 2>/dev/null
for _ in $(seq 100); do
    kill -0 "$daemon" 2>/dev/null || break
    sleep 0.1
done
kill -9 "$daemon" 2>/dev/null
wait "$daemon"
umount "$2"/exec/netns/* "$3" 2>/dev/null
rm -rf --one-file-system "$2" "$3"
"#;

/// How long the daemon may take to answer.
const START: Duration = Duration::from_secs(60);

pub(crate) struct Docker {
    client: PathBuf,
    server: PathBuf,
    daemon: Daemon,
    supervisor: Child,
    state: PathBuf,
}

impl Docker {
    /// Starts a daemon that stores its data in `data`.
    ///
    /// # Errors
    /// When a program is missing, or the daemon does not start.
    pub(crate) fn start(data: &Path) -> Result<Self, String> {
        let server = find("dockerd")?;
        let client = all("docker").find(|client| has_buildkit(client)).ok_or(
            "docker is not installed, or without BuildKit: from version 23 on that is its plug-in \
             buildx",
        )?;
        // The path of a socket has at most 107 bytes, so these are not in the benchmark's directory.
        let state = tempfile::Builder::new()
            .prefix("scant-benchmark-docker-")
            .tempdir()
            .map_err(|error| format!("no directory for dockerd: {error}"))?
            .keep();
        // An empty one of our own, so that the machine's is not read.
        fs::write(state.join("dockerd.json"), "{}")
            .map_err(|error| format!("`{}`: {error}", state.display()))?;
        let supervisor = Command::new("sh")
            .args(["-c", SUPERVISOR, "dockerd-supervisor"])
            .args([server.as_path(), state.as_path(), data])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|error| format!("cannot start a shell: {error}"))?;
        let mut docker = Self { client, server, daemon: Daemon { pid: 0 }, supervisor, state };
        docker.daemon.pid = docker.wait()?;
        Ok(docker)
    }

    /// Waits until it answers. Returns its process ID.
    fn wait(&self) -> Result<u32, String> {
        let end = Instant::now() + START;
        loop {
            let pid = fs::read_to_string(self.state.join("pid")).unwrap_or_default();
            if let (Ok(pid), true) = (pid.trim().parse(), self.answers()) {
                return Ok(pid);
            }
            if Instant::now() > end {
                let log = fs::read_to_string(self.state.join("log")).unwrap_or_default();
                let last: Vec<&str> = log.lines().rev().take(3).collect();
                return Err(format!("dockerd does not start (needs root): {}", last.join(" / ")));
            }
            sleep(Duration::from_millis(100));
        }
    }

    fn answers(&self) -> bool {
        let answer = || -> io::Result<String> {
            let mut stream = UnixStream::connect(self.state.join("docker.sock"))?;
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            stream.write_all(b"GET /_ping HTTP/1.0\r\n\r\n")?;
            let mut text = String::new();
            stream.read_to_string(&mut text)?;
            Ok(text)
        };
        answer().is_ok_and(|text| text.ends_with("OK"))
    }

    fn step(&self, words: &[&str]) -> Step {
        let socket = format!("unix://{}", text(&self.state.join("docker.sock")));
        Step::new(&self.client, words.iter().copied())
            .env("DOCKER_HOST", socket)
            .env("DOCKER_BUILDKIT", "1")
    }
}

/// Whether a client can build with BuildKit: it is part of it, or of its plug-in buildx.
fn has_buildkit(client: &Path) -> bool {
    let version = version(client);
    let major = version.split_whitespace().find_map(|word| word.split('.').next()?.parse().ok());
    let part_of_it = major.is_some_and(|major: u32| (18..23).contains(&major));
    part_of_it || output(client, &["buildx", "version"]).is_some()
}

impl Tool for Docker {
    fn version(&self) -> String {
        format!("{} (client: {})", version(&self.server), version(&self.client))
    }

    fn cases(&self, tree: &Made, place: &Path) -> io::Result<Vec<Case>> {
        let dockerfile = text(&write_dockerfile(place)?);
        let archive = place.join("image.tar");
        let (to, tree, image) = (text(&archive), text(&tree.directory), "scant-benchmark");
        let build =
            ["build", "--quiet", "--no-cache", "--file", &dockerfile, "--tag", image, &tree];
        let steps = vec![self.step(&build), self.step(&["save", "--output", &to, image])];
        let mut case = Case::new(Subject::DockerBuildAndSave, Method::None, steps).output(&archive);
        // BuildKit keeps the files that it was sent, and would be sent only changes.
        case.before = vec![
            Preparation::Run(self.step(&["image", "prune", "--all", "--force"])),
            Preparation::Run(self.step(&["builder", "prune", "--all", "--force"])),
        ];
        Ok(vec![case])
    }

    fn daemon(&self) -> Option<&Daemon> {
        Some(&self.daemon)
    }
}

impl Drop for Docker {
    fn drop(&mut self) {
        // The end of its input is what the supervisor waits for.
        drop(self.supervisor.stdin.take());
        let _ = self.supervisor.wait();
    }
}
