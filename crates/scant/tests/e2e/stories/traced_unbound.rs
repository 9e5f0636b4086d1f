//! unbound, which asks a server over TLS: what its library for TLS opens is named by its settings and
//! put together as it runs. Completed by `scant trace` alone, with another unbound as the server, and
//! then run in Docker.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::docker::docker;
use crate::net::{free_port, resolve, wait_for};
use crate::run::run;
use crate::scant::{everything_is_explained, scant};
use crate::tools::{self, require, require_ok};

const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);

/// A server that is killed at the end.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const COMMON: &str = "\
  chroot: \"\"
  pidfile: \"\"
  use-syslog: no
  do-daemonize: no
  do-ip6: no
remote-control:
  control-enable: no
";

/// Answers for `www.example.com` over TLS, with a certificate of its own.
fn upstream(here: &Path, port: u16) -> Server {
    let certificate = "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 \
                       -subj /CN=dns.example.com -addext subjectAltName=DNS:dns.example.com";
    run("openssl").directory(here).words(certificate).ok();
    let shown = here.display();
    let settings = format!(
        "server:
  interface: 127.0.0.1@{port}
  tls-port: {port}
  tls-service-key: \"{shown}/key.pem\"
  tls-service-pem: \"{shown}/cert.pem\"
  username: \"\"
  directory: \"{shown}\"
  module-config: \"iterator\"
  local-zone: \"example.com.\" static
  local-data: \"www.example.com. A {ADDRESS}\"
{COMMON}"
    );
    fs::write(here.join("upstream.conf"), settings).expect("the directory is ours");
    let program = tools::find("unbound").expect("it was looked for");
    let mut command = Command::new(program);
    command.args(["-d", "-c", "upstream.conf"]).current_dir(here);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let server = Server(command.spawn().expect("it can be started"));
    let open = wait_for(|| std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)));
    assert!(open.is_some(), "the server over TLS does not listen");
    server
}

/// What the image's own unbound is told, and a manifest of it.
fn resolver(here: &Path, port: u16, upstream: u16) {
    let settings = format!(
        "server:
  interface: 127.0.0.1@{port}
  username: \"unbound\"
  directory: \"/etc/unbound\"
  do-not-query-localhost: no
  module-config: \"iterator\"
  tls-cert-bundle: \"/etc/unbound/upstream.pem\"
{COMMON}forward-zone:
  name: \".\"
  forward-tls-upstream: yes
  forward-addr: 127.0.0.1@{upstream}#dns.example.com
"
    );
    fs::write(here.join("unbound.conf"), settings).expect("the directory is ours");
    let data = "data:\n  - ./unbound.conf:/etc/unbound/unbound.conf\n  \
                - ./cert.pem:/etc/unbound/upstream.pem\n\n# /etc/passwd";
    let manifest = scant(here, "init /usr/sbin/unbound").ok();
    let manifest = manifest.replacen("# /etc/passwd", data, 1);
    let manifest = manifest.replacen("  # user: nobody\n", "  cmd: [-d]\n", 1);
    fs::write(here.join("app.yaml"), manifest).expect("the directory is ours");
}

/// A question for `www.example.com`, and a look at the end of the answer.
const ASK: &str = r"exec 3<>/dev/udp/127.0.0.1/$1
printf '\x5c\xa7\1\0\0\1\0\0\0\0\0\0\3www\7example\3com\0\0\1\0\1' >&3
timeout 60 dd bs=512 count=1 <&3 2>/dev/null | od -An -v -tu1 -w512 | grep '192 *0 *2 *7$'
";

#[test]
fn unbound_asks_over_tls() {
    require!(BASH, OPENSSL, UNBOUND);
    let docker = require_ok!(docker());
    let here = tempfile::tempdir().expect("a temporary directory can be made");
    let here = here.path();
    let (port, upstream_port) = (free_port(), free_port());
    let _server = upstream(here, upstream_port);
    resolver(here, port, upstream_port);
    fs::write(here.join("ask.sh"), ASK).expect("the directory is ours");

    let trace =
        format!("trace app.yaml --until-stable --timeout 90 --net host --until-port {port}");
    let trace = || scant(here, &trace).arg("--exercise").arg(format!("bash ask.sh {port}")).end();
    // Its user is declared by nobody yet: no file helps that, and so none is written.
    let before = fs::read_to_string(here.join("app.yaml")).expect("it is there");
    let traced = trace().expect(1);
    assert_eq!(fs::read_to_string(here.join("app.yaml")).expect("it is there"), before);
    assert!(traced.stderr.contains("`--exercise` was not run"), "{}", traced.stderr);

    let nobody = "    - {name: nobody,";
    let user = format!("    - {{name: unbound, uid: 101, gid: 101}}\n{nobody}");
    fs::write(here.join("app.yaml"), before.replacen(nobody, &user, 1)).expect("it is ours");
    let traced = trace().expect(0);
    assert!(traced.stderr.contains("data: HOST/usr/lib/ssl/openssl.cnf"), "{}", traced.stderr);
    scant(here, "check app.yaml").ok();
    scant(here, "trace app.yaml --no-run --check").ok();

    let build = "build app.yaml -o docker-daemon:traced-unbound:latest -o oci:image";
    scant(here, build).env("DOCKER_HOST", docker.host()).ok();
    everything_is_explained(here, "oci:image");
    let server = docker.start("scant-traced-unbound", "", "traced-unbound:latest");
    let address = wait_for(|| resolve(port, "www.example.com"));
    assert_eq!(address, Some(ADDRESS), "{}", server.log());
}
