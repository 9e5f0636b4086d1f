//! A Docker daemon of our own, one for all tests of a run: its data, state and socket are in a
//! temporary directory, and it is gone when the tests are over.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::run::{Run, run};
use crate::tools;

/// Starts the daemon, and waits for the end of its standard input: the tests hold the other end
/// of that pipe, so it comes when they are over, however they end. Then the daemon is asked to
/// stop, is killed if it does not, and its directory is removed.
const SUPERVISOR: &str = r#"
dockerd --config-file "$1/dockerd.json" --data-root "$1/data" --exec-root "$1/exec" \
    --pidfile "$1/pid" --host "unix://$1/docker.sock" \
    --bridge=none --iptables=false --ip6tables=false </dev/null >"$1/log" 2>&1 &
daemon=$!
read -r _
kill "$daemon" 2>/dev/null
for _ in $(seq 100); do
    kill -0 "$daemon" 2>/dev/null || break
    sleep 0.1
done
kill -9 "$daemon" 2>/dev/null
wait "$daemon"
umount "$1"/exec/netns/* "$1/data" 2>/dev/null
rm -rf --one-file-system "$1"
"#;

/// How long the daemon may take to answer.
const START: Duration = Duration::from_secs(60);

pub(crate) struct Docker {
    directory: PathBuf,
    /// Its standard input is the pipe that the supervisor waits on.
    _supervisor: Child,
}

/// A container that runs in the background, removed when this is dropped.
pub(crate) struct Container {
    docker: &'static Docker,
    name: String,
}

/// The daemon, started by the first who asks. An error is a reason to skip the test.
pub(crate) fn docker() -> Result<&'static Docker, String> {
    static DOCKER: OnceLock<Result<Docker, String>> = OnceLock::new();
    DOCKER.get_or_init(start).as_ref().map_err(Clone::clone)
}

fn start() -> Result<Docker, String> {
    for program in ["dockerd", "docker"] {
        tools::find(program)
            .ok_or(format!("{program} is not installed (apt-get install docker.io)"))?;
    }
    // Not below target/: the path of a socket has at most 107 bytes.
    let directory = tempfile::Builder::new().prefix("scant-docker-").tempdir();
    let directory = directory.expect("a temporary directory can be made").keep();
    // An empty one of our own, so that the machine's is not read.
    fs::write(directory.join("dockerd.json"), "{}").expect("the directory is ours");
    let supervisor = Command::new("sh")
        .args(["-c", SUPERVISOR, "dockerd-supervisor"])
        .arg(&directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // An interrupt from the keyboard is for the tests; this one cleans up after them.
        .process_group(0)
        .spawn()
        .expect("a shell is there");
    let docker = Docker { directory, _supervisor: supervisor };
    let end = Instant::now() + START;
    while !docker.answers() {
        let log = docker.directory.join("log");
        if Instant::now() > end || !docker.directory.exists() {
            let log = fs::read_to_string(log).unwrap_or_default();
            let last: Vec<&str> = log.lines().rev().take(3).collect();
            return Err(format!("dockerd does not start (it needs root): {}", last.join(" / ")));
        }
        sleep(Duration::from_millis(100));
    }
    Ok(docker)
}

impl Docker {
    /// `unix://` and its socket, as `DOCKER_HOST` wants it.
    pub(crate) fn host(&self) -> String {
        format!("unix://{}", self.directory.join("docker.sock").display())
    }

    /// The client, with these words after `docker`.
    pub(crate) fn run(&self, words: &str) -> Run {
        run("docker").env("DOCKER_HOST", self.host()).words(words)
    }

    /// Runs a container in the background, in the network of the host.
    #[track_caller]
    pub(crate) fn start(&'static self, name: &str, options: &str, command: &str) -> Container {
        let container = Container { docker: self, name: name.into() };
        let words = format!("run --detach --name {name} --network host {options} {command}");
        self.run(&words).ok();
        container
    }

    fn answers(&self) -> bool {
        let answer = || -> std::io::Result<String> {
            let mut stream = UnixStream::connect(self.directory.join("docker.sock"))?;
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            stream.write_all(b"GET /_ping HTTP/1.0\r\n\r\n")?;
            let mut text = String::new();
            stream.read_to_string(&mut text)?;
            Ok(text)
        };
        answer().is_ok_and(|text| text.ends_with("OK"))
    }
}

impl Container {
    /// What it has printed so far.
    pub(crate) fn log(&self) -> String {
        let ran = self.docker.run(&format!("logs {}", self.name)).end();
        ran.stdout + &ran.stderr
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        self.docker.run(&format!("rm --force {}", self.name)).end();
    }
}
