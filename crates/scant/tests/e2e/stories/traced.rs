//! Programs that ask for files which no reading can tell: from `scant init`, completed by
//! `scant trace --until-stable` alone, then run in Docker with what the trace ran.

use std::fs;
use std::path::Path;

use crate::docker::docker;
use crate::example::Example;
use crate::net::{free_port, get, wait_for};
use crate::run::run;
use crate::scant::{everything_is_explained, scant};
use crate::tools::{require, require_ok};

/// A program, and what is done with it.
struct Story<'a> {
    name: &'a str,
    program: &'a str,
    /// A line of `data` for a file or directory of the user's; empty if there is none.
    data: &'a str,
    /// What it is given, run by run, and what it says then.
    runs: &'a [(&'a str, &'a str)],
}

impl Story<'_> {
    /// The whole way, in a directory that has the user's own files.
    fn goes_well(&self, here: &Path) {
        let Self { name, program, data, runs } = self;
        let docker = require_ok!(docker());
        let manifest = with_data(&scant(here, &format!("init {program}")).ok(), data);
        fs::write(here.join("app.yaml"), manifest).expect("the directory is ours");

        for (arguments, _) in *runs {
            scant(here, &format!("trace app.yaml --until-stable -- {arguments}")).end().expect(0);
        }
        scant(here, "trace app.yaml --no-run --check").ok();
        scant(here, "check app.yaml").ok();
        let build = format!("build app.yaml -o docker-daemon:traced-{name}:latest -o oci:image");
        scant(here, &build).env("DOCKER_HOST", docker.host()).ok();
        everything_is_explained(here, "oci:image");
        for (arguments, says) in *runs {
            let said = scant(here, &format!("run app.yaml -- {arguments}")).end();
            assert!(said.stdout.contains(says) || said.stderr.contains(says), "{}", said.stderr);
            let words = format!("run --rm --network none traced-{name} {arguments}");
            let said = docker.run(&words).end().expect(0);
            assert!(said.stdout.contains(says) || said.stderr.contains(says), "{}", said.stderr);
        }
    }
}

/// The manifest with a line of data that its user wrote.
fn with_data(manifest: &str, data: &str) -> String {
    let before = "\n# /etc/passwd";
    let line = if data.is_empty() { String::new() } else { format!("\ndata:\n  - {data}\n") };
    let edited = manifest.replacen(before, &format!("{line}{before}"), 1);
    assert!(edited.contains(&line), "{manifest}");
    edited
}

fn place() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory can be made")
}

#[test]
fn getent_asks_the_name_service() {
    let here = place();
    let story = Story {
        name: "getent",
        program: "/usr/bin/getent",
        data: "",
        runs: &[("passwd nobody", "nobody:x:65534")],
    };
    story.goes_well(here.path());
}

#[test]
fn iconv_opens_a_module_for_each_charset() {
    let here = place();
    fs::write(here.path().join("in.txt"), b"h\xe9llo\n").expect("the directory is ours");
    fs::write(here.path().join("ascii.txt"), b"plain\n").expect("the directory is ours");
    let story = Story {
        name: "iconv",
        program: "/usr/bin/iconv",
        data: "./in.txt:/in.txt\n  - ./ascii.txt:/ascii.txt",
        runs: &[
            ("-f ISO-8859-1 -t UTF-8 /in.txt", "h\u{e9}llo"),
            ("-f ISO-8859-5 -t KOI8-R /ascii.txt", "plain"),
            // Its module needs a library of its own directory.
            ("-f EUC-JP -t SHIFT_JIS /ascii.txt", "plain"),
        ],
    };
    story.goes_well(here.path());
}

#[test]
fn python_imports_when_it_is_asked_to() {
    require!(PYTHON);
    let here = place();
    let script = "\
def late():
    import decimal, json, sqlite3, ssl, urllib.request, zoneinfo
    return json.dumps([str(decimal.Decimal(1) / 4), ssl.OPENSSL_VERSION.split()[0]])
print(late())
";
    fs::write(here.path().join("late.py"), script).expect("the directory is ours");
    let story = Story {
        name: "python",
        program: "/usr/bin/python3.11",
        data: "./late.py:/late.py",
        runs: &[("/late.py", "[\"0.25\", \"OpenSSL\"]")],
    };
    story.goes_well(here.path());
}

/// A repository of one commit, `repository.git`.
fn repository(here: &Path) {
    let git = |words: &str| {
        let who = "-c user.name=a -c user.email=a@example.com -c init.defaultBranch=main";
        run("git").directory(here).words(who).words(words).ok()
    };
    git("init --quiet --bare repository.git");
    git("clone --quiet repository.git work");
    git("-C work commit --quiet --allow-empty --message one");
    git("-C work push --quiet origin HEAD:main");
}

#[test]
fn git_executes_its_helpers() {
    require!(GIT);
    let here = place();
    repository(here.path());
    let story = Story {
        name: "git",
        program: "/usr/bin/git",
        data: "./repository.git/:/repository.git/",
        runs: &[("clone file:///repository.git /tmp/copy", "Cloning into '/tmp/copy'")],
    };
    story.goes_well(here.path());
}

#[test]
fn nginx_is_asked_for_a_page() {
    require!(NGINX);
    let docker = require_ok!(docker());
    let example = Example::copy("traced");
    let here = example.path();
    let port = free_port();
    example.replace("nginx.conf", "listen 8080", &format!("listen 127.0.0.1:{port}"));
    let module = "load_module /usr/lib/nginx/modules/ngx_http_echo_module.so;\nevents {}";
    example.replace("nginx.conf", "events {}", module);
    let echo = "server {\n        location /echo { echo \"said by a module\"; }";
    example.replace("nginx.conf", "server {", echo);
    let manifest = scant(here, "init /usr/sbin/nginx").ok();
    let manifest =
        with_data(&manifest, "./nginx.conf:/etc/nginx/nginx.conf\n  - ./page/:/srv/www/");
    let cmd = "  cmd: [-g, daemon off;]\n";
    let manifest = manifest.replacen("  # user: nobody\n", cmd, 1);
    // Without it the trace tells that it is missing.
    let group = "  groups:\n    - {name: nogroup, gid: 65534}\n\nimage:";
    let manifest = manifest.replacen("\nimage:", group, 1);
    fs::write(here.join("app.yaml"), manifest).expect("the directory is ours");

    let exercise = format!("exec 3<>/dev/tcp/127.0.0.1/{port} && echo GET / >&3 && cat <&3");
    let trace = format!("trace app.yaml --until-stable --net host --until-port {port}");
    let traced = scant(here, &trace).arg("--exercise").arg(format!("bash -c '{exercise}'")).end();
    assert_eq!(traced.code, Some(0), "{}", traced.stderr);
    scant(here, "check app.yaml").ok();

    let build = "build app.yaml -o docker-daemon:traced-nginx:latest";
    scant(here, build).env("DOCKER_HOST", docker.host()).ok();
    let server = docker.start("scant-traced-nginx", "", "traced-nginx:latest");
    let page = wait_for(|| get(port, "/"));
    let page = page.unwrap_or_else(|| panic!("no page: {}", server.log()));
    assert!(page.contains("there for a reason"), "{page}");
    let said = wait_for(|| get(port, "/echo"));
    assert_eq!(said.as_deref(), Some("said by a module\n"), "{}", server.log());
}

#[test]
fn the_manifests_that_came_of_it_build_and_run() {
    require!(GIT, NGINX, PYTHON);
    let docker = require_ok!(docker());
    let example = Example::copy("traced");
    let here = example.path();
    scant(here, "check nginx.yml").ok();
    let cases = [
        ("getent", "passwd nobody", "nobody:x:65534"),
        ("iconv", "-f ISO-8859-1 -t UTF-8 /in.txt", "h\u{e9}llo"),
        ("python", "/late.py", "[\"0.25\", \"OpenSSL\"]"),
        ("git", "init /tmp/new", "Initialized empty Git repository in /tmp/new/.git/"),
    ];
    for (name, arguments, says) in cases {
        scant(here, &format!("check {name}.yml")).ok();
        let build = format!("build {name}.yml -o docker-daemon:example-{name}:latest");
        scant(here, &build).env("DOCKER_HOST", docker.host()).ok();
        let words = format!("run --rm --network none example-{name} {arguments}");
        assert!(docker.run(&words).ok().contains(says), "{name}");
    }
    repository(here);
    let clone = "clone file:///repository.git /tmp/copy";
    let mount = "--mount ./repository.git:/repository.git:ro";
    let traced = format!("trace git.yml --run clone {mount} --check -- {clone}");
    let traced = scant(here, &traced).end();
    assert!(traced.stderr.contains("exited with 0"), "{}", traced.stderr);
    let volume = format!("-v {}/repository.git:/repository.git:ro", here.display());
    let words = format!("run --rm --network none {volume} example-git {clone}");
    let said = docker.run(&words).end().expect(0);
    assert!(said.stderr.contains("Cloning into '/tmp/copy'"), "{}", said.stderr);
}
