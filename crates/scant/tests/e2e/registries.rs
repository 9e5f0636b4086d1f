//! A real registry: what is pushed is read back by skopeo and Docker, and the other way round;
//! encryption, passwords, and processes that are killed in the middle.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::docker::docker;
use crate::example::Example;
use crate::net::{free_port, wait_for};
use crate::run::{Run, run};
use crate::scant::scant;
use crate::tools::{self, require, require_ok};

const PASSWORD: &str = "correct horse";

/// A registry of our own. It ends with this value.
struct Registry {
    host: String,
    child: Child,
}

impl Registry {
    /// Starts one that keeps its images in `directory`, with more lines of its settings.
    fn start(directory: &Path, http: &str, auth: &str) -> Self {
        let port = free_port();
        let store = directory.join("registry");
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\n\
             storage: {{filesystem: {{rootdirectory: {}}}}}\n\
             http:\n  addr: 127.0.0.1:{port}\n  secret: x\n{http}{auth}",
            store.display()
        );
        let file = directory.join("registry.yml");
        fs::write(&file, config).expect("the directory is ours");
        let program = tools::find("docker-registry").expect("it was required");
        let mut command = Command::new(program);
        command.arg("serve").arg(&file).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("it can be run");
        let registry = Self { host: format!("127.0.0.1:{port}"), child };
        let connect = || std::net::TcpStream::connect(&registry.host);
        wait_for(connect).expect("the registry answers");
        registry
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It is gone already if that fails.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn skopeo(words: &str) -> Run {
    run("skopeo").words("--insecure-policy").words(words)
}

/// The digest in the line that a command prints of its output.
#[track_caller]
fn digest(printed: &str) -> &str {
    printed.split_whitespace().find(|word| word.starts_with("sha256:")).expect("a digest")
}

#[test]
fn skopeo_reads_what_was_pushed_and_the_other_way_round() {
    require!(BASH, SKOPEO, DOCKER_REGISTRY);
    let example = Example::copy("bash");
    let registry = Registry::start(example.path(), "", "");
    let host = &registry.host;
    let scant = |words: &str| scant(example.path(), &words.replace("HOST", host)).ok();
    let printed = scant("build bash.yml -q -o docker://HOST/team/bash:1 -o oci:layout:1");
    let built = digest(&printed).to_string();
    let inspected = skopeo(&format!("inspect --tls-verify=false docker://{host}/team/bash:1")).ok();
    let inspected: Value = serde_json::from_str(&inspected).expect("skopeo prints JSON");
    assert_eq!(inspected["Digest"], *built);
    let layout = example.file("copied");
    let copy = skopeo("copy --src-tls-verify=false").arg(format!("docker://{host}/team/bash:1"));
    copy.arg(format!("oci:{}:1", layout.display())).ok();
    assert!(scant("verify oci:copied").contains(&built));

    let copy = skopeo("copy --dest-tls-verify=false");
    let copy = copy.arg(format!("oci:{}:1", example.file("layout").display()));
    copy.arg(format!("docker://{host}/by/skopeo:1")).ok();
    assert_eq!(digest(&scant("copy docker://HOST/by/skopeo:1 oci-archive:back.tar")), built);
    assert!(scant("verify oci-archive:back.tar").contains(&built));

    // The reasons are found where the registry does not list referrers.
    assert!(scant("why docker://HOST/team/bash:1 /bin/bash").contains("declared in"));
    let again = scant("copy --json oci:layout docker://HOST/team/bash:1");
    let again: Value = serde_json::from_str(&again).expect("`--json` prints JSON");
    assert_eq!(again["sent"]["blobs"], 0);
    let mounted = scant("copy --json docker://HOST/team/bash:1 docker://HOST/team/other:1");
    let mounted: Value = serde_json::from_str(&mounted).expect("`--json` prints JSON");
    assert_eq!(mounted["mounted"], 1, "{mounted}");
}

#[test]
fn docker_pulls_and_runs_what_was_pushed_and_hands_it_back() {
    require!(BASH, DOCKER_REGISTRY);
    let docker = require_ok!(docker());
    let example = Example::copy("bash");
    let registry = Registry::start(example.path(), "", "");
    let name = format!("{}/team/bash:1", registry.host);
    scant(example.path(), &format!("build bash.yml -o docker://{name}")).ok();
    docker.run("pull").arg(&name).ok();
    let said =
        docker.run("run --rm --network none --read-only").arg(&name).words("-c").arg("id -u");
    assert_eq!(said.ok(), "0\n");
    // Its config is what it was; the manifest is made anew.
    let scant = |words: &str| scant(example.path(), words).env("DOCKER_HOST", docker.host());
    scant(&format!("copy docker-daemon:{name} oci-archive:back.tar")).ok();
    let id = |image: &str| {
        let verified = scant(&format!("verify {image}")).ok();
        let id = verified.split("image ID ").nth(1).and_then(|rest| rest.split(',').next());
        id.expect("an image has an ID").to_string()
    };
    scant(&format!("copy docker://{name} oci-archive:first.tar")).ok();
    assert_eq!(id("oci-archive:back.tar"), id("oci-archive:first.tar"));
}

/// An authority, and the certificate of this machine that it has signed.
fn make_certificates(directory: &Path) {
    let openssl = |words: &str| {
        run("openssl").directory(directory).words(words).ok();
    };
    fs::write(directory.join("san"), "subjectAltName=IP:127.0.0.1\n").expect("it is ours");
    openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.crt");
    openssl("req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout server.key -out server.csr");
    openssl(
        "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 \
         -extfile san -out server.crt",
    );
}

#[test]
fn a_registry_with_a_certificate_and_a_password() {
    require!(BASH, DOCKER_REGISTRY, OPENSSL, HTPASSWD);
    let example = Example::copy("bash");
    let home = example.file("home");
    fs::create_dir(&home).expect("the copy is ours");
    make_certificates(example.path());
    let hashed = run("htpasswd").words("-Bbn alice").arg(PASSWORD).ok();
    fs::write(example.file("htpasswd"), hashed).expect("the copy is ours");
    let file = |name| example.file(name).display().to_string();
    let tls =
        format!("  tls: {{certificate: {}, key: {}}}\n", file("server.crt"), file("server.key"));
    let auth = format!("auth: {{htpasswd: {{realm: r, path: {}}}}}\n", file("htpasswd"));
    let registry = Registry::start(example.path(), &tls, &auth);
    let host = &registry.host;
    let scant = |words: &str| {
        let run = scant(example.path(), &words.replace("HOST", host)).env("HOME", &home);
        run.without_env("XDG_RUNTIME_DIR").without_env("XDG_CONFIG_HOME")
    };
    let is_silent = |text: &str| assert!(!text.contains("horse"), "{text}");

    let ran = scant("build bash.yml -q -o docker://HOST/bash:1").end().expect(4);
    assert!(ran.stderr.contains("no encrypted connection"), "{}", ran.stderr);
    let trusted = home.join(".config/containers/certs.d").join(host);
    fs::create_dir_all(&trusted).expect("the copy is ours");
    fs::copy(example.file("ca.crt"), trusted.join("ca.crt")).expect("the copy is ours");
    let ran = scant("build bash.yml -q -o docker://HOST/bash:1").end().expect(4);
    assert!(ran.stderr.contains("there are no credentials"), "{}", ran.stderr);
    let login = |password: &str| {
        let script = "printf %s \"$1\" | \"$2\" login \"$3\" -u alice --password-stdin";
        let run = run("/bin/sh").arg("-c").arg(script).arg("sh").arg(password);
        let run = run.arg(env!("CARGO_BIN_EXE_scant")).arg(host).env("HOME", &home);
        run.without_env("XDG_RUNTIME_DIR").without_env("REGISTRY_AUTH_FILE").end()
    };
    is_silent(&login("battery horse").expect(3).stderr);
    is_silent(&login(PASSWORD).expect(0).stdout);
    let printed = scant("build bash.yml -q --json -o docker://HOST/bash:1").ok();
    is_silent(&printed);
    let copied = scant("copy docker://HOST/bash:1 oci:back").ok();
    assert!(printed.contains(digest(&copied)));
    // Neither images nor the cache hold what is secret.
    let places = [example.file("back"), home.join(".cache"), example.file("registry")];
    for place in places.iter().filter(|place| place.exists()) {
        let found = run("grep").words("-r -l -e horse -e YWxpY2U6").arg(place).end();
        assert_eq!(found.code, Some(1), "{}", found.stdout);
    }
    // A registry of one's own may be trusted without a certificate.
    fs::remove_dir_all(&trusted).expect("the copy is ours");
    scant("copy --insecure-registry HOST docker://HOST/bash:1 oci:back").ok();
    scant("logout HOST").ok();
    scant("copy --insecure-registry HOST docker://HOST/bash:1 oci:back").end().expect(3);
}

/// So often is a process killed.
const KILLS: u64 = 30;

/// Runs a command and kills it after a while, which is another each time.
fn killed(directory: &Path, home: &Path, words: &str, number: u64) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scant"));
    command.args(words.split_whitespace()).current_dir(directory).env("HOME", home);
    command.env_remove("XDG_CACHE_HOME").stdin(Stdio::null());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
    // Multiples of the golden ratio are spread evenly.
    sleep(Duration::from_millis(number * 233 % 499));
    // One that is done already is as good.
    let _ = child.kill();
    child.wait().expect("it has ended");
}

#[test]
fn killed_pushes_and_pulls_leave_what_is_complete() {
    require!(DOCKER_REGISTRY, SKOPEO);
    let example = Example::copy("bash");
    let directory = example.path();
    let registry = Registry::start(directory, "", "");
    let host = &registry.host;
    let root = example.file("root");
    fs::create_dir(&root).expect("the copy is ours");
    for number in 0..8_u64 {
        // What cannot be compressed.
        let mut state = number + 1;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as u8
        };
        let bytes: Vec<u8> = (0..4_000_000).map(|_| next()).collect();
        fs::write(root.join(number.to_string()), bytes).expect("the copy is ours");
    }
    let data: String = (0..8).map(|number| format!("  - SYSROOT/{number}\n")).collect();
    let manifest = format!("input: {{backend: sysroot, path: root}}\ndata:\n{data}");
    fs::write(example.file("killed.yml"), manifest).expect("the copy is ours");
    let run = |words: &str| {
        let run = scant(directory, &words.replace("HOST", host));
        run.env("HOME", directory.join("home"))
    };
    let printed = run("build killed.yml -q -o oci:layout").ok();
    let built = digest(&printed).to_string();
    let home = directory.join("home");
    for number in 0..KILLS {
        let push = format!("copy -q oci:layout docker://{host}/push:{}", number / 10);
        killed(directory, &home, &push, number);
        let inspected =
            skopeo(&format!("inspect --tls-verify=false docker://{host}/push:{}", number / 10));
        let inspected = inspected.end();
        if inspected.code == Some(0) {
            assert!(inspected.stdout.contains(&built), "{}", inspected.stdout);
        }
    }
    run("copy -q oci:layout docker://HOST/push:end").ok();
    for number in 0..KILLS {
        if number % 10 == 0 {
            // From the beginning.
            let _ = fs::remove_dir_all(home.join(".cache"));
        }
        let pull = format!("copy -q docker://{host}/push:end oci:pulled-{}", number / 10);
        killed(directory, &home, &pull, number);
    }
    for number in 0..3 {
        run(&format!("copy -q docker://HOST/push:end oci:pulled-{number}")).ok();
        assert!(run(&format!("verify oci:pulled-{number}")).ok().contains(&built));
        let left = fs::read_dir(directory).expect("it is there").flatten();
        let left = left.filter(|e| e.file_name().to_string_lossy().starts_with(".scant-")).count();
        assert_eq!(left, 0, "what killed processes left is swept");
    }
}
